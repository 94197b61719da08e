import { annotationSeeds } from './corpus-annotations.ts';
import { datasetSeeds, tableSeeds, zipSeeds } from './corpus-collections.ts';
import { delimitedSeeds, edfSeeds, matlabSeeds, numpySeeds } from './corpus-files.ts';
import { flacSeeds, segmentSeeds, wfdbSeeds } from './corpus-wfdb.ts';
import type { Seed } from './seed.ts';

/** Whole files of every kind, small, made by the writers of ECG Studio and of its tests: the same ones each time. */
export function corpus(): readonly Seed[] {
  return [
    ...wfdbSeeds(),
    ...segmentSeeds(),
    ...flacSeeds(),
    ...annotationSeeds(),
    ...edfSeeds(),
    ...matlabSeeds(),
    ...numpySeeds(),
    ...delimitedSeeds(),
    ...zipSeeds(),
    ...tableSeeds(),
    ...datasetSeeds(),
  ];
}

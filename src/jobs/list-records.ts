import * as fs from 'node:fs';
import { openArchive } from '../recording/file-source.ts';
import { readChallengeFolder } from '../dataset/challenge-folder.ts';
import { syntheticMarker } from '../dataset/dataset.ts';
import { loadDatasetSpec } from '../dataset/dataset-file.ts';

/** The records of a dataset by class, from its labels alone: no recording is opened. */
export interface ListedDataset {
  name: string;
  location: string;
  /** The recordings are not where the dataset file says; there are no classes then. */
  moved: boolean;
  synthetic: boolean;
  records: number;
  /** In the order of the label map, else of first appearance; ids in the order of the labels file. */
  classes: { label: string; ids: string[] }[];
}

/** Lists 7000 records in some milliseconds. Labels that the label map lacks are shown as they are. */
export async function listRecords(data: string): Promise<ListedDataset> {
  const spec = loadDatasetSpec(data);
  const { name, location } = spec;
  if (!fs.existsSync(location))
    return { name, location, moved: true, synthetic: false, records: 0, classes: [] };
  const archive = await openArchive(location);
  try {
    const { folder, records } = readChallengeFolder(archive, spec.labelsFile);
    const classes = new Map<string, string[]>(
      [...new Set(spec.labelMap?.values() ?? [])].map((c) => [c, []]),
    );
    for (const { id, label } of records) {
      const mapped = spec.labelMap?.get(label) ?? label;
      const ids = classes.get(mapped);
      if (ids) ids.push(id);
      else classes.set(mapped, [id]);
    }
    return {
      name,
      location,
      moved: false,
      synthetic: archive.has(`${folder}${syntheticMarker}`),
      records: records.length,
      classes: [...classes].map(([label, ids]) => ({ label, ids })),
    };
  } finally {
    archive.close();
  }
}

import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { openArchive, type Archive } from '../recording/file-source.ts';
import { classOf } from './labels.ts';
import type { IndexedRecord } from './recipes/recipe.ts';
import { recipes } from './recipes/recipes.ts';
import type { DatasetSpec, SourceSpec } from './spec.ts';
import { isSynthetic } from './synthetic-marker.ts';

/** A record with its class; its recording has not been opened. */
export interface ListedRecord extends IndexedRecord {
  /** Class after the label map and corrections. */
  label: string;
  /** Class before corrections. */
  sourceLabel: string;
  source: OpenSource;
}

export interface OpenSource {
  spec: SourceSpec;
  archive: Archive;
  /** Made by the synthetic generator: results must say so. */
  synthetic: boolean;
}

export interface RecordList {
  records: readonly ListedRecord[];
  sources: readonly OpenSource[];
  /** Records that `exclude` names. */
  excluded: readonly ListedRecord[];
  /** Records left out since no label of theirs is in the map. */
  unmapped: number;
  close(): void;
}

/**
 * Find all records of a dataset and their classes, from tables and annotations alone. Whoever lists them closes them.
 *
 * @param lenient a label that means nothing is a class of its own instead of an error: for looking, not for training
 */
export async function listDatasetRecords(
  spec: DatasetSpec,
  context: JobContext,
  lenient = false,
): Promise<RecordList> {
  const sources: OpenSource[] = [];
  const close = (): void => {
    for (const { archive } of sources) archive.close();
  };
  try {
    const records: ListedRecord[] = [];
    const excluded: ListedRecord[] = [];
    let unmapped = 0;
    const ids = new Set<string>();
    for (const sourceSpec of spec.sources) {
      const archive = await openArchive(sourceSpec.location);
      const source = { spec: sourceSpec, archive, synthetic: isSynthetic(archive) };
      sources.push(source);
      const recipe = recipes[sourceSpec.format];
      for (const found of await recipe.index(source.archive, sourceSpec, context)) {
        const id = sourceSpec.name === undefined ? found.id : `${sourceSpec.name}/${found.id}`;
        const sourceLabel = classOf(found, sourceSpec.labels, recipe, lenient);
        ids.add(id);
        if (sourceLabel === undefined) {
          unmapped++;
          continue;
        }
        const label = spec.relabel.get(id) ?? sourceLabel;
        (spec.exclude.has(id) ? excluded : records).push({ ...found, id, label, sourceLabel, source });
      }
    }
    requireKnown(spec, ids);
    return { records, excluded, unmapped, sources, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A correction of a record that is not there corrects nothing: a slip of the pen, or another dataset. */
function requireKnown({ relabel, exclude, sources }: DatasetSpec, ids: ReadonlySet<string>): void {
  for (const [key, names] of [
    ['relabel', relabel.keys()],
    ['exclude', exclude.keys()],
  ] as const) {
    for (const id of names) {
      if (ids.has(id)) continue;
      throw new UserError(
        `\`${key}\` names the record ${id}, which is not there`,
        { file: sources[0].location, record: id },
        'Take it out of the dataset file, or write its id as the list of records has it.',
      );
    }
  }
}

import type { ErrorPlace } from '../../common/errors.ts';
import type { JobContext } from '../../common/job.ts';
import type { Archive } from '../../recording/file-source.ts';
import type { SourceFormat, SourceSpec, SplitName, SplitSpec } from '../spec.ts';

/** One record of a source, found and not opened: a recording, or an excerpt of one. */
export interface IndexedRecord {
  /** Unique in the source. */
  id: string;
  /** Its recording in the archive, as `openRecordingIn` takes it. */
  recording: string;
  /** In the source's words; several where it says several things of a record. */
  labels: readonly string[];
  /** Where the labels stand. */
  place: ErrorPlace;
  patient?: string;
  /** What the source's own split says. */
  split?: SplitName;
  /** Frames of the recording; undefined: all of it. */
  excerpt?: { start: number; frames: number };
}

/** How the records and labels of a kind of dataset are found. */
export interface Recipe {
  readonly format: SourceFormat;
  /** For people: what kind of dataset it is. */
  readonly title: string;
  /** What label maps to what class where the dataset file does not say; undefined: labels are the classes. */
  readonly map: Readonly<Record<string, string>> | undefined;
  /** What becomes of a record none of whose labels is in the map. */
  readonly unmapped: 'error' | 'exclude';
  /** Lead that `ecg import` writes; undefined: the first. */
  readonly lead?: string;
  /** The dataset comes with a split of its own. */
  readonly ownSplit: boolean;
  /** Whether a zip or folder looks like one. */
  recognise(archive: Archive): boolean;
  /** Throws a UserError that names file, line and record. */
  index(
    archive: Archive,
    source: SourceSpec,
    context: JobContext,
  ): Promise<IndexedRecord[]> | IndexedRecord[];
}

/** What `ecg import` writes for a recipe's split. */
export function recommendedSplit(recipe: Recipe, dealt: SplitSpec): SplitSpec {
  if (!recipe.ownSplit) return dealt;
  return { kind: 'source', seed: 1, by: undefined, sharedPatients: [], validation: 0.1 };
}

import { UserError } from '../../common/errors.ts';
import type { Archive } from '../../recording/file-source.ts';
import { recordingExtensions } from '../../recording/open-recording.ts';
import { unsafeName } from '../../recording/safe-name.ts';
import { shown } from '../../recording/shown.ts';
import { splitNames, type SourceSpec, type SplitName } from '../spec.ts';
import { columnIndex, readLabelsTable, type LabelsTable } from './labels-table.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';

/** Recordings of any format, and a CSV that names each and its label. */
export const table: Recipe = {
  format: 'table',
  title: 'recordings of any format and a CSV of labels',
  map: undefined,
  unmapped: 'error',
  ownSplit: false,
  recognise: (archive) => labelTables(archive).length === 1,
  index(archive, source) {
    const name = tableOf(archive, source);
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    return readRows(archive, folder, readLabelsTable(archive, name), source);
  },
};

const safeNames = 'Names are relative to the table’s folder, with `/` between folders.';
const usualNames = ['labels', 'label', 'reference', 'index', 'metadata', 'records'];

function labelTables(archive: Archive): string[] {
  return archive
    .names()
    .filter((name) => usualNames.some((usual) => new RegExp(`(^|/)${usual}\\.(csv|tsv)$`, 'i').test(name)));
}

function tableOf(archive: Archive, source: SourceSpec): string {
  const wanted = source.labels.file;
  const found =
    wanted === undefined
      ? labelTables(archive)
      : archive.names().filter((name) => name === wanted || name.endsWith(`/${wanted}`));
  if (found.length !== 1) {
    throw new UserError(
      found.length === 0
        ? `there is no ${wanted ?? 'labels.csv'} in it`
        : `there are several tables of labels: ${found.slice(0, 5).join(', ')}`,
      { file: archive.location },
      'Name the table in `labels.file` of the dataset file: a CSV whose first line names its columns.',
    );
  }
  return found[0];
}

function readRows(
  archive: Archive,
  folder: string,
  labels: LabelsTable,
  source: SourceSpec,
): IndexedRecord[] {
  const { columns } = source.labels;
  if (labels.columns.length < 2) {
    throw new UserError('a column of records and one of labels are needed', { file: labels.file, line: 1 });
  }
  const record = columns.record === undefined ? 0 : columnIndex(labels, columns.record);
  const label = columns.label === undefined ? 1 : columnIndex(labels, columns.label);
  const patient = columns.patient === undefined ? undefined : columnIndex(labels, columns.patient);
  const split = columns.split === undefined ? undefined : columnIndex(labels, columns.split);
  const seen = new Map<string, number>();
  return labels.rows.map(({ line, cells }) => {
    const name = cells[record];
    const id = name.replaceAll('\\', '/').replace(/\.(hea|edf|bdf|csv|tsv|txt|mat|npy)$/i, '');
    const place = { file: labels.file, line, record: id };
    if (id === '' || cells[label] === '') throw new UserError('a record and its label are needed', place);
    const before = seen.get(id);
    if (before !== undefined) throw new UserError(`labelled twice, first in line ${before}`, place);
    seen.set(id, line);
    return {
      id,
      recording: findRecording(archive, folder + name, place),
      labels: [cells[label]],
      place,
      ...(patient !== undefined && cells[patient] !== '' && { patient: cells[patient] }),
      ...(split !== undefined && { split: splitNamed(cells[split], place) }),
    };
  });
}

/** The file that a row names, with or without its ending. */
function findRecording(archive: Archive, name: string, place: { file: string; line: number }): string {
  if (archive.has(name)) return name;
  const unsafe = unsafeName(name);
  if (unsafe !== undefined) {
    throw new UserError(`the name of a recording, \`${shown(name)}\`, ${unsafe}`, place, safeNames);
  }
  const extension = recordingExtensions.find((ending) => archive.has(name + ending));
  if (extension !== undefined) return name + extension;
  throw new UserError(
    `there is no recording ${shown(name)} (nor with ${recordingExtensions.join(', ')})`,
    place,
    'Get the missing file, or take the line out of the table.',
  );
}

function splitNamed(text: string, place: { file: string; line: number }): SplitName {
  const usual: Record<string, SplitName> = {
    training: 'train',
    val: 'validation',
    valid: 'validation',
    dev: 'validation',
  };
  const lower = text.toLowerCase();
  const name = splitNames.find((split) => split === lower) ?? usual[lower];
  if (!name) throw new UserError(`\`${text}\` is none of ${splitNames.join(', ')}`, place);
  return name;
}

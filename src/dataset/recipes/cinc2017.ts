import { UserError } from '../../common/errors.ts';
import { readText, type Archive } from '../../recording/file-source.ts';
import { shown } from '../../recording/shown.ts';
import type { SourceSpec } from '../spec.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';

const defaultLabels = 'REFERENCE.csv';

/**
 * The layout of the CinC 2017 challenge: `ID.hea` + `ID.mat`, a REFERENCE.csv of `ID,LABEL` lines, an optional RECORDS
 * list. Every record must have a label and every label a record. Nothing is known of the patients.
 */
export const cinc2017: Recipe = {
  format: 'cinc2017',
  title: 'PhysioNet/CinC Challenge 2017: rhythm of short single-lead recordings',
  map: undefined,
  unmapped: 'error',
  ownSplit: false,
  recognise: (archive) => labelFiles(archive, defaultLabels).length === 1,
  index(archive, source) {
    return readChallengeFolder(archive, source);
  },
};

interface LabelledRecord {
  id: string;
  label: string;
  line: number;
}

function readChallengeFolder(archive: Archive, source: SourceSpec): IndexedRecord[] {
  const name = source.labels.file ?? defaultLabels;
  const candidates = labelFiles(archive, name);
  if (candidates.length !== 1) {
    throw new UserError(
      candidates.length === 0 ? `there is no ${name} in it` : `there are several: ${candidates.join(', ')}`,
      { file: archive.location },
      'Expected the layout of training2017.zip: ID.hea, ID.mat and REFERENCE.csv in one folder.',
    );
  }
  const labelsFile = candidates[0];
  const folder = labelsFile.slice(0, -name.length);
  const file = `${archive.location}/${labelsFile}`;
  const records = parseLabels(readText(archive, labelsFile, 'utf8'), file);
  checkComplete(archive, folder, records, labelsFile);
  return records.map(({ id, label, line }) => ({
    id,
    recording: `${folder}${id}.hea`,
    labels: [label],
    place: { file, line, record: id },
  }));
}

function labelFiles(archive: Archive, name: string): string[] {
  return archive.names().filter((n) => n === name || n.endsWith(`/${name}`));
}

function parseLabels(text: string, file: string): LabelledRecord[] {
  const records: LabelledRecord[] = [];
  const seen = new Map<string, number>();
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const fields = line.split(',').map((field) => field.trim());
    const [id, label] = fields;
    if (fields.length < 2 || !/^[A-Za-z0-9_.-]{1,255}$/.test(id) || label === '') {
      throw new UserError(`\`${shown(line)}\` is not \`RECORD,LABEL\``, { file, line: i + 1 });
    }
    const before = seen.get(id);
    if (before !== undefined) {
      throw new UserError(`record ${id} is labelled twice, first in line ${before}`, {
        file,
        line: i + 1,
        record: id,
      });
    }
    seen.set(id, i + 1);
    records.push({ id, label, line: i + 1 });
  }
  if (records.length === 0) throw new UserError('it labels no record', { file });
  return records;
}

function checkComplete(
  archive: Archive,
  folder: string,
  records: readonly LabelledRecord[],
  labelsFile: string,
): void {
  for (const { id, line } of records) {
    if (!archive.has(`${folder}${id}.hea`)) {
      throw new UserError(
        `record ${id} has a label, but its header ${id}.hea is missing`,
        { file: `${archive.location}/${labelsFile}`, line, record: id },
        'Get the missing file, or take the line out of the labels.',
      );
    }
  }
  const labelled = new Set(records.map((r) => r.id));
  for (const name of archive.names()) {
    if (!name.startsWith(folder) || !name.endsWith('.hea')) continue;
    const id = name.slice(folder.length, -'.hea'.length);
    if (!id.includes('/') && !labelled.has(id)) {
      throw new UserError(
        `record ${id} has no label`,
        { file: `${archive.location}/${labelsFile}`, record: id },
        'Add a line for it, or take its files away.',
      );
    }
  }
}

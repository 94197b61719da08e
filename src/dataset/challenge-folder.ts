import { UserError } from '../common/errors.ts';
import type { Archive } from '../recording/file-source.ts';

/** One labelled record, not read yet. */
export interface LabelledRecord {
  id: string;
  label: string;
  /** 1-based line of the label. */
  line: number;
}

export interface ChallengeFolder {
  /** Prefix of all record files in the archive, '' or ending in '/'. */
  folder: string;
  labelsFile: string;
  records: readonly LabelledRecord[];
}

/**
 * The layout of the CinC 2017 challenge: `ID.hea` + `ID.mat`, a REFERENCE.csv of `ID,LABEL` lines, an optional RECORDS
 * list. Every record must have a label and every label a record.
 */
export function readChallengeFolder(archive: Archive, labelsName = 'REFERENCE.csv'): ChallengeFolder {
  const candidates = archive.names().filter((name) => name === labelsName || name.endsWith(`/${labelsName}`));
  if (candidates.length !== 1) {
    throw new UserError(
      candidates.length === 0
        ? `there is no ${labelsName} in it`
        : `there are several: ${candidates.join(', ')}`,
      { file: archive.location },
      'Expected the layout of training2017.zip: ID.hea, ID.mat and REFERENCE.csv in one folder.',
    );
  }
  const labelsFile = candidates[0];
  const folder = labelsFile.slice(0, -labelsName.length);
  const records = parseLabels(
    Buffer.from(archive.read(labelsFile)).toString('utf8'),
    `${archive.location}/${labelsFile}`,
  );
  checkComplete(archive, folder, records, labelsFile);
  return { folder, labelsFile, records };
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
    if (fields.length < 2 || !/^[A-Za-z0-9_.-]+$/.test(id) || label === '') {
      throw new UserError(`\`${line}\` is not \`RECORD,LABEL\``, { file, line: i + 1 });
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

import { UserError, type ErrorPlace } from '../../common/errors.ts';
import type { Archive } from '../../recording/file-source.ts';
import { unsafeName } from '../../recording/safe-name.ts';
import { shown } from '../../recording/shown.ts';
import type { SourceSpec, SplitName } from '../spec.ts';
import { columnIndex, readLabelsTable } from './labels-table.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';

const database = 'ptbxl_database.csv';
const statements = 'scp_statements.csv';

/**
 * PTB-XL (P. Wagner et al., Scientific Data 7, 2020): the labels of a record are its SCP statements and the superclasses of the
 * diagnostic ones among them. Folds 1 to 8 are for training, 9 for validation, 10 for testing, as its authors recommend; they
 * keep patients together.
 */
export const ptbXl: Recipe = {
  format: 'ptb-xl',
  title: 'PTB-XL: 12-lead recordings with SCP statements',
  map: { NORM: 'NORM', MI: 'MI', STTC: 'STTC', CD: 'CD', HYP: 'HYP' },
  unmapped: 'exclude',
  ownSplit: true,
  recognise: (archive) => archive.names().some((name) => isNamed(name, database)),
  index(archive, source) {
    const folder = folderOf(archive, database);
    const superclasses = readSuperclasses(archive, folder);
    const table = readLabelsTable(archive, folder + (source.labels.file ?? database));
    const [id, patient, codes, fold] = ['ecg_id', 'patient_id', 'scp_codes', 'strat_fold'].map((name) =>
      columnIndex(table, name),
    );
    const file = columnIndex(table, fileColumn(source));
    const records: IndexedRecord[] = [];
    for (const { line, cells } of table.rows) {
      const record = cells[id];
      const place = { file: table.file, line, record };
      const unsafe = unsafeName(cells[file]);
      if (unsafe !== undefined) {
        throw new UserError(`the name of a recording, \`${shown(cells[file])}\`, ${unsafe}`, place);
      }
      records.push({
        id: record,
        recording: `${folder}${cells[file]}.hea`,
        labels: labelsOf(cells[codes], superclasses, source.likelihood, place),
        place,
        // 15709.0
        patient: cells[patient].replace(/\.0$/, ''),
        split: splitOf(cells[fold], place),
      });
    }
    return withRecordings(archive, records);
  },
};

function isNamed(name: string, file: string): boolean {
  return name === file || name.endsWith(`/${file}`);
}

function folderOf(archive: Archive, file: string): string {
  const found = archive.names().filter((name) => isNamed(name, file));
  if (found.length !== 1) {
    throw new UserError(`there ${found.length === 0 ? 'is no' : 'are several'} ${file} in it`, {
      file: archive.location,
    });
  }
  return found[0].slice(0, -file.length);
}

function fileColumn({ facts: { rate = 100 }, location }: SourceSpec): string {
  if (rate === 100) return 'filename_lr';
  if (rate === 500) return 'filename_hr';
  throw new UserError(
    `PTB-XL has 100 and 500 Hz, not ${rate} Hz`,
    { file: location },
    'Mend `rate` of the source.',
  );
}

/** Statement → superclass (NORM, MI, STTC, CD, HYP), of the diagnostic ones. */
function readSuperclasses(archive: Archive, folder: string): Map<string, string> {
  const table = readLabelsTable(archive, folder + statements);
  const [diagnostic, superclass] = ['diagnostic', 'diagnostic_class'].map((name) => columnIndex(table, name));
  return new Map(
    table.rows
      .filter(({ cells }) => Number(cells[diagnostic]) === 1 && cells[superclass] !== '')
      .map(({ cells }) => [cells[0], cells[superclass]]),
  );
}

/**
 * `{'NORM': 100.0, 'SR': 0.0}`: a Python dictionary of statements and their likelihood. A form or rhythm statement has none
 * (0) and counts always; a diagnostic one counts from `least` on, where 0 is unknown and counts as well.
 */
function labelsOf(
  text: string,
  superclasses: ReadonlyMap<string, string>,
  least: number,
  place: ErrorPlace,
): string[] {
  const inside = /^\{(.*)\}$/s.exec(text)?.[1].trim();
  if (inside === undefined)
    throw new UserError(`\`${shown(text)}\` are no SCP statements (scp_codes)`, place);
  if (inside === '') return [];
  const codes = inside.split(',').map((entry) => {
    const match = /^\s*['"]([^'"]+)['"]\s*:\s*([\d.]+)\s*$/.exec(entry);
    if (!match) throw new UserError(`\`${shown(entry.trim())}\` is no SCP statement (scp_codes)`, place);
    return { code: match[1], likelihood: Number(match[2]) };
  });
  const counted = codes
    .filter(({ likelihood }) => likelihood === 0 || likelihood >= least)
    .map(({ code }) => code);
  const classes = counted.map((code) => superclasses.get(code)).filter((name) => name !== undefined);
  return [...new Set([...counted, ...classes])];
}

function splitOf(fold: string, place: ErrorPlace): SplitName {
  const number = Number(fold);
  if (!(number >= 1 && number <= 10))
    throw new UserError(`\`${shown(fold)}\` is no fold (strat_fold)`, place);
  return number <= 8 ? 'train' : number === 9 ? 'validation' : 'test';
}

/** People keep a part of PTB-XL, or one of its two copies: what is not there is left out, unless nothing is. */
function withRecordings(archive: Archive, records: readonly IndexedRecord[]): IndexedRecord[] {
  const there = records.filter(({ recording }) => archive.has(recording));
  if (there.length === 0) {
    throw new UserError(
      `none of the ${records.length} recordings is there, the first would be ${records[0].recording}`,
      { file: archive.location },
      'Get `records100` or `records500` of PTB-XL beside its table, and set `rate` to the one that you have.',
    );
  }
  return there;
}

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../../src/common/errors.ts';
import { silentContext } from '../../src/common/job.ts';
import { parseDatasetText } from '../../src/dataset/dataset-file.ts';
import { cinc2017 } from '../../src/dataset/recipes/cinc2017.ts';
import { cinc2021 } from '../../src/dataset/recipes/cinc2021.ts';
import { readLabelsTable } from '../../src/dataset/recipes/labels-table.ts';
import { ptbXl } from '../../src/dataset/recipes/ptb-xl.ts';
import { table } from '../../src/dataset/recipes/table.ts';
import { defaultSource } from '../../src/dataset/spec.ts';
import { annotationsOf } from '../../src/recording/annotations/annotations-of.ts';
import { decodeAnnotations } from '../../src/recording/annotations/decode.ts';
import { encodeAnnotations } from '../../src/recording/annotations/encode.ts';
import { openArchive, type Archive, type FileSource } from '../../src/recording/file-source.ts';
import { openRecordingIn, recordingExtensions } from '../../src/recording/open-recording.ts';
import { wfdbFiles } from '../../src/recording/wfdb/record-files.ts';
import { memorySource } from '../fixtures/memory-source.ts';
import { checkAnnotations, checkClaim, checkRecording } from './check-recording.ts';
import type { FuzzInput } from './input.ts';

/**
 * Do with damaged files what ECG Studio does with files. Returns the refusal, or undefined where they can be read; throws
 * where they do any harm, or are refused without the name of the file or a reason.
 *
 * @param scratch a folder for what is read from the disk
 */
export async function tryInput(input: FuzzInput, scratch: string): Promise<UserError | undefined> {
  let place = input.kind === 'zip' ? scratch : 'set';
  try {
    if (input.kind === 'annotations') tryAnnotations(input);
    else if (input.kind === 'dataset') parseDatasetText(textOf(input), 'set/x.yaml');
    else if (input.kind === 'table') await tryTable(input);
    else if (input.kind === 'zip') await tryZip(input, scratch);
    // From the disk now and then, where names lead to files of the system's.
    else if (input.random.integer(4) === 0) {
      place = scratch;
      await tryFolder(input, scratch);
    } else tryRecording(memorySource(input.files), input.name, input);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    checkRefusal(error, place);
    return error;
  }
}

/** What JavaScript says by itself, or what shows that a message lacks what it should say. */
const notForPeople =
  /Cannot read prop|is not a function|is not iterable|Invalid (typed )?array|out of (range|bounds)|\[object|\bundefined\b|Maximum call/;

function checkRefusal(error: UserError, place: string): void {
  const { file, line } = error.place;
  assert.ok(
    file !== undefined && file.startsWith(place),
    `the refusal \`${error.message}\` names the file ${file}`,
  );
  assert.ok(line === undefined || (Number.isInteger(line) && line > 0), `line ${line}`);
  assert.ok(
    error.message.length > 5 && error.message.length < 1500,
    `a message of ${error.message.length} characters`,
  );
  assert.doesNotMatch(error.message, notForPeople);
  const text = error.describe();
  assert.ok(text.includes(file) && text.length < 4000, `${text.length} characters for people`);
}

function textOf({ files, name }: FuzzInput): string {
  return Buffer.from(files[name]).toString('utf8');
}

function tryRecording(source: FileSource, name: string, { facts, random, kind, size }: FuzzInput): void {
  if (kind === 'wfdb' || kind === 'segments') wfdbFiles(source, name.replace(/\.hea$/, ''));
  const recording = openRecordingIn(source, name, facts);
  try {
    // WFDB says how long a record is in one file, and has it in another that is opened when it is read.
    if (recording.format !== 'WFDB') checkClaim(recording, size, kind === 'matlab' || kind === 'zip');
    checkRecording(recording, random);
    checkAnnotations(annotationsOf(recording, source, name), recording.frames);
  } finally {
    recording.close();
  }
}

function tryAnnotations({ files, name }: FuzzInput): void {
  const { annotations, types } = decodeAnnotations(files[name], `set/${name}`, 360);
  checkAnnotations(annotations, 10_000);
  // What was read can be written and read again, with a symbol for each code.
  if (new Set(types.map(({ symbol }) => symbol)).size < types.length) return;
  const again = decodeAnnotations(encodeAnnotations(annotations, `set/${name}`, types), `set/${name}`, 360);
  assert.deepEqual(again.annotations, annotations);
}

/** The recipe that finds such a table in a dataset. */
async function tryTable({ files, name }: FuzzInput): Promise<void> {
  const archive: Archive = {
    ...memorySource(files),
    names: () => Object.keys(files).sort(),
    stamp: () => undefined,
    close() {},
  };
  const format = {
    'REFERENCE.csv': 'cinc2017',
    'ptbxl_database.csv': 'ptb-xl',
    'scp_statements.csv': 'ptb-xl',
  }[name];
  const recipe = [cinc2017, cinc2021, ptbXl, table].find((one) => one.format === (format ?? 'table'))!;
  if (recipe !== cinc2017) readLabelsTable(archive, name);
  for (const one of format === 'cinc2017' || name === 'scp_statements.csv' ? [recipe, cinc2021] : [recipe]) {
    const records = await one.index(archive, defaultSource(one.format, 'set'), silentContext());
    for (const { recording } of records) assert.ok(archive.has(recording), `${recording} is there`);
  }
}

async function tryZip(input: FuzzInput, scratch: string): Promise<void> {
  const file = path.join(scratch, input.name);
  fs.writeFileSync(file, input.files[input.name]);
  const archive = await openArchive(file);
  try {
    for (const name of archive.names().slice(0, 8)) {
      const one = archive.open(name);
      assert.equal(one.read(0, one.size).length, one.size);
      one.close();
      if (recordingExtensions.some((ending) => name.endsWith(ending))) tryRecording(archive, name, input);
    }
  } finally {
    archive.close();
  }
}

async function tryFolder(input: FuzzInput, scratch: string): Promise<void> {
  const folder = path.join(scratch, 'set');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  for (const [name, bytes] of Object.entries(input.files)) fs.writeFileSync(path.join(folder, name), bytes);
  const archive = await openArchive(folder);
  try {
    tryRecording(archive, input.name, input);
  } finally {
    archive.close();
  }
}

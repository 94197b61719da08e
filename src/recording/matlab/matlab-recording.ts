import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import type { Facts } from '../facts.ts';
import { elements } from '../matrix/elements.ts';
import { matrixRecording, type MatrixPlace } from '../matrix/matrix-recording.ts';
import type { Recording } from '../recording.ts';
import { level4ByteOrder, level4Variables } from './level4.ts';
import { level5ByteOrder, level5Variables } from './level5.ts';
import type { MatlabVariable } from './variable.ts';

const signalName = /^(val|ecg|ekg|data|sig|signals?|ecg_?(data|signals?)|ekg_?(data|signals?))$/i;
const rateName = /^(fs|f_s|hz|rate|freq|frequency|srate|sfreq|s(ampling|ample)_?(rate|freq|frequency))$/i;

/**
 * A MATLAB file of version 4 or 5 (`save -v4`, `-v6`, `-v7`): of its matrices the largest, or the largest of those that are
 * named `val`, `ecg`, `data` or `signal`, by itself or in a structure; the rate from a scalar named `fs`, `rate` or the like.
 * Matrices that are not compressed are read by range. Throws a UserError, or a MissingFactError.
 */
export function openMatlab(file: ByteFile, name: string, facts: Facts = {}): Recording {
  const { version, variables } = readVariables(file);
  const signal = findSignal(variables, file.location);
  const rate = findRate(variables, signal, file.location);
  const { file: holder, place } = signal.locate();
  const said = { format: `MATLAB ${version}`, name, rate, matrix: `\`${signal.name}\`` };
  return matrixRecording(holder, { ...place, rows: signal.rows, columns: signal.columns }, said, facts, () =>
    file.close(),
  );
}

/**
 * Where the first matrix of a MATLAB file is, for headers (WFDB) that point into one; undefined where the file is no MATLAB file,
 * or its first matrix is compressed. Throws a UserError where it is damaged.
 */
export function matrixPlace(file: ByteFile): MatrixPlace | undefined {
  if (!level4ByteOrder(file) && !level5ByteOrder(file)) return undefined;
  const first = readVariables(file).variables.find(isMatrix);
  const located = first?.locate();
  return located?.file === file ? located.place : undefined;
}

function readVariables(file: ByteFile): { version: number; variables: MatlabVariable[] } {
  const level4 = level4ByteOrder(file);
  if (level4) return { version: 4, variables: level4Variables(file, level4) };
  const level5 = level5ByteOrder(file);
  if (level5) return { version: 5, variables: level5Variables(file, level5) };
  const start = Buffer.from(file.read(0, 520)).toString('latin1');
  if (start.startsWith('\x89HDF') || start.startsWith('\x89HDF', 512) || start.startsWith('MATLAB 7.3')) {
    throw new UserError(
      'is a MATLAB file of version 7.3, which is HDF5 and cannot be read',
      { file: file.location },
      "In MATLAB, load it and save it again with `save('file.mat', '-v7')`.",
    );
  }
  throw new UserError('is no MATLAB file', { file: file.location }, 'Check that it is the right file.');
}

function findSignal(variables: readonly MatlabVariable[], file: string): MatlabVariable {
  const matrices = variables.filter(isMatrix);
  const named = matrices.filter(({ name }) => signalName.test(lastPart(name)));
  const candidates = named.length > 0 ? named : matrices;
  if (candidates.length === 0) {
    const held = variables.slice(0, 10).map(({ name, kind }) => `\`${name}\` (${kind})`);
    throw new UserError(
      `holds no matrix of numbers, but ${held.join(', ') || 'nothing'}`,
      { file },
      'Save the signal as a matrix of numbers, or as the field of a structure.',
    );
  }
  return candidates.reduce((best, v) => (v.rows * v.columns > best.rows * best.columns ? v : best));
}

/** Of the structure that holds the signal before others. */
function findRate(
  variables: readonly MatlabVariable[],
  signal: MatlabVariable,
  file: string,
): number | undefined {
  const scalars = variables.filter(
    ({ name, kind, rows, columns }) =>
      kind === 'numbers' && rows === 1 && columns === 1 && rateName.test(lastPart(name)),
  );
  const beside = scalars.find(({ name }) => parent(name) === parent(signal.name));
  const found = beside ?? scalars[0];
  if (!found) return undefined;
  const { file: holder, place } = found.locate();
  const { bytes, get } = elements[place.type];
  const data = holder.read(place.offset, bytes);
  const rate = get(new DataView(data.buffer, data.byteOffset, bytes), 0, place.littleEndian);
  if (rate > 0 && rate <= 1e9) return rate;
  throw new UserError(
    `its variable \`${found.name}\` is ${rate}, which is no rate`,
    { file },
    'Correct it, or leave it out.',
  );
}

function isMatrix({ kind, rows, columns }: MatlabVariable): boolean {
  return kind === 'numbers' && rows * columns > 1;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function parent(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

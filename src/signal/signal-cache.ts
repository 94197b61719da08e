import * as fs from 'node:fs';
import * as path from 'node:path';
import { cacheFolder } from '../common/product.ts';
import { sha256, writeFileAtomic } from '../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { InputSpec } from '../model/network.ts';
import { frontEndVersion, preprocess } from './front-end.ts';
import type { Dataset, DatasetRecord } from '../dataset/dataset.ts';

/** Preprocessed signals on disk may take this much; the oldest files go first. */
const largestCache = 4e9;
const magic = 0x31474345; // "ECG1"
const headerBytes = 8;
const checksumBytes = 32;

/**
 * Preprocessed signals of one dataset for one front end, in one file: [magic u32, records u32], for each record
 * [key 32 bytes, length u32], signals (float32 LE), SHA-256 of all before. The name is the hash of all keys, and a key
 * is the hash of (record content, lead, rate, filter, version): a change of any makes another file. A file that is
 * cut off or damaged is made again.
 */
export async function loadSignals(
  dataset: Dataset,
  records: readonly DatasetRecord[],
  input: InputSpec,
  context: JobContext,
): Promise<Float32Array[]> {
  const keys = records.map((record) => signalKey(record, dataset.lead(record), input));
  const folder = path.join(cacheFolder(), 'signals');
  const file = path.join(folder, `${sha256(...keys).slice(0, 40)}.bin`);
  const cached = readCache(file, keys);
  if (cached) return cached;
  const signals: Float32Array[] = [];
  let last = 0;
  for (const [i, record] of records.entries()) {
    if (Date.now() - last > 100) {
      last = Date.now();
      context.cancellation.throwIfRequested();
      context.progress({
        stage: `filtering at ${input.rate} Hz`,
        done: i,
        total: records.length,
        unit: 'records',
      });
      await yieldToEventLoop();
    }
    const { samples, rate } = dataset.read(record);
    signals.push(preprocess(samples, rate, input));
  }
  context.progress({
    stage: `filtering at ${input.rate} Hz`,
    done: records.length,
    total: records.length,
    unit: 'records',
  });
  writeCache(folder, file, keys, signals, context);
  return signals;
}

function signalKey(record: DatasetRecord, lead: number | string, { rate, filter }: InputSpec): string {
  return sha256(JSON.stringify([record.contentHash, lead, rate, filter ?? null, frontEndVersion]));
}

function readCache(file: string, keys: readonly string[]): Float32Array[] | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    return undefined; // Not there: made below.
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - checksumBytes));
  if (body.length < headerBytes || sha256(body) !== bytes.subarray(body.length).toString('hex'))
    return undefined;
  if (body.readUInt32LE(0) !== magic || body.readUInt32LE(4) !== keys.length) return undefined;
  const signals: Float32Array[] = [];
  let at = headerBytes + keys.length * 36;
  for (const [i, key] of keys.entries()) {
    const entry = headerBytes + i * 36;
    if (body.subarray(entry, entry + 32).toString('hex') !== key) return undefined;
    const end = at + body.readUInt32LE(entry + 32) * 4;
    if (end > body.length) return undefined;
    signals.push(new Float32Array(new Uint8Array(body.subarray(at, end)).buffer));
    at = end;
  }
  const now = new Date();
  fs.utimesSync(file, now, now);
  return signals;
}

function writeCache(
  folder: string,
  file: string,
  keys: readonly string[],
  signals: Float32Array[],
  context: JobContext,
): void {
  const samples = signals.reduce((total, s) => total + s.length, 0);
  const bytes = Buffer.alloc(headerBytes + keys.length * 36 + samples * 4 + checksumBytes);
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(keys.length, 4);
  let at = headerBytes + keys.length * 36;
  for (const [i, signal] of signals.entries()) {
    bytes.write(keys[i], headerBytes + i * 36, 'hex');
    bytes.writeUInt32LE(signal.length, headerBytes + i * 36 + 32);
    bytes.set(new Uint8Array(signal.buffer, signal.byteOffset, signal.byteLength), at);
    at += signal.byteLength;
  }
  bytes.write(sha256(bytes.subarray(0, at)), at, 'hex');
  try {
    writeFileAtomic(file, bytes);
    shrink(folder);
  } catch (error) {
    // The signals are in memory: a full disk costs the next start some seconds, not this job.
    context.log(`The cache of filtered signals could not be written: ${(error as Error).message}`);
  }
}

/** Remove the least recently used files until the folder is within its bound. */
function shrink(folder: string): void {
  const files = fs.readdirSync(folder).map((name) => {
    const full = path.join(folder, name);
    const { size, mtimeMs } = fs.statSync(full);
    return { full, size, mtimeMs };
  });
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let total = 0;
  for (const { full, size } of files) {
    total += size;
    if (total > largestCache) fs.rmSync(full, { force: true });
  }
}

import { createHash } from 'node:crypto';
import { sha256 } from '../common/files.ts';
import type { Facts } from '../recording/facts.ts';
import { readText, readWhole, type FileSource } from '../recording/file-source.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import { leadLength, type Recording } from '../recording/recording.ts';
import { parseWfdbHeader, type WfdbHeader } from '../recording/wfdb/header.ts';
import { wfdbFiles } from '../recording/wfdb/record-files.ts';

export interface RecordingHashes {
  /** Of header and samples: key of caches, and of what weights were trained on. */
  content: string;
  /** Of rate and samples alone: exact duplicates have the same, whatever their headers say of names and dates. */
  signal: string;
}

/** Samples that are hashed at a time. */
const block = 1 << 17;

/** Hash a recording, block by block; `files` are what it is stored in. Throws a UserError where it cannot be read. */
export function hashRecording(
  source: FileSource,
  name: string,
  facts: Facts,
): RecordingHashes & { files: readonly string[] } {
  const recording = openRecordingIn(source, name, facts);
  try {
    const signal = hashSamples(recording);
    const content = hashWfdbFiles(source, name) ?? sha256('samples', signal);
    const files = name.endsWith('.hea') ? wfdbFiles(source, name.replace(/\.hea$/, '')) : [name];
    return { content, signal, files };
  } finally {
    recording.close();
  }
}

function hashSamples(recording: Recording): string {
  const hash = createHash('sha256').update(`${recording.rate}`);
  for (let lead = 0; lead < recording.leads.length; lead++) {
    const length = leadLength(recording, lead);
    hash.update(`/${recording.leads[lead].units}/${length}/`);
    for (let start = 0; start < length; start += block) {
      const samples = Float32Array.from(recording.read(lead, start, Math.min(length, start + block)));
      hash.update(new Uint8Array(samples.buffer));
    }
  }
  return hash.digest('hex');
}

/**
 * Header and bytes of a WFDB record whose signals are in one file: what weights that ship say they were trained on. The header's
 * own name of the record differs between exact duplicates, so only what follows it counts.
 */
function hashWfdbFiles(source: FileSource, name: string): string | undefined {
  if (!name.endsWith('.hea')) return undefined;
  const text = readText(source, name, 'latin1');
  const header = parseWfdbHeader(text, `${source.location}/${name}`);
  const file = onlyFile(header);
  if (file === undefined) return undefined;
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const id = name.slice(folder.length, -'.hea'.length);
  return sha256(meaningfulHeader(text, id), readWhole(source, folder + file));
}

function onlyFile({ signals, segments }: WfdbHeader): string | undefined {
  const files = new Set(signals.map(({ file }) => file));
  const [file] = files;
  return segments || files.size !== 1 || file === '~' ? undefined : file;
}

/** Rate, sizes and signal lines; not the names, the time and the date of the recording. */
function meaningfulHeader(header: string, id: string): string {
  const [record = '', ...rest] = header.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  return [record.trim().split(/\s+/).slice(1, 4).join(' '), ...rest].join('\n').replaceAll(id, '*');
}

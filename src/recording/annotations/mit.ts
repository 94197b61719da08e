import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import { badAnnotations, farthestFrame, signedByte, textOf, WordReader } from './annotation-bytes.ts';
import { lastCode, noteCode, symbolOf, type AnnotationType } from './symbols.ts';

/** What an annotation file holds. */
export interface AnnotationFile {
  /** In the order of the file, which is mostly that of time. */
  annotations: Annotation[];
  /** Types that the file defines itself. */
  types: AnnotationType[];
}

/** Words that say something of the annotation before them: the code in the upper 6 bits. */
export const mitWord = { skip: 59, number: 60, subtype: 61, channel: 62, text: 63 } as const;

/** Notes at time 0 that are about the file. */
export const mitNote = {
  resolution: '## time resolution:',
  types: '## annotation type definitions',
  endOfTypes: '## end of definitions',
} as const;

/** An annotation as the file has it. */
interface Stored {
  byte: number;
  /** 0: no annotation, only a step in time. */
  code: number;
  /** Ticks, which are frames where the file does not say otherwise. */
  time: number;
  subtype: number;
  channel: number;
  number: number;
  text: string;
}

/** MIT format: annot(5); where that is silent, as annot.c of the WFDB library reads. `decodeAnnotations` says the rest. */
export function decodeMit(bytes: Uint8Array, file: string, rate: number): AnnotationFile {
  const stored = readStored(new WordReader(bytes, file), file);
  const { ticks, types, about } = readNotesOfFile(stored, file);
  const symbols = new Map(types.map(({ code, symbol }) => [code, symbol]));
  const annotations: Annotation[] = [];
  for (const entry of stored) {
    if (entry.code === 0 || about.has(entry)) continue;
    const { subtype, channel, number, text } = entry;
    const sample = ticks === undefined ? entry.time : Math.floor(entry.time * (rate / ticks) + 0.5);
    if (!(Math.abs(sample) <= farthestFrame)) {
      throw badAnnotations(
        file,
        entry.byte,
        `${entry.time} ticks of 1/${ticks} s are outside of any recording`,
      );
    }
    const symbol = symbols.get(entry.code) ?? symbolOf(entry.code);
    annotations.push({ sample, symbol, subtype, channel, number, text, duration: 0 });
  }
  return { annotations, types };
}

function readStored(reader: WordReader, file: string): Stored[] {
  const stored: Stored[] = [];
  let time = 0;
  let current: Stored | undefined;
  // Channel and number hold until they are changed, subtype and text for one annotation.
  let channel = 0;
  let number = 0;
  for (;;) {
    const byte = reader.offset;
    const word = reader.word('an annotation or the end mark');
    if (word === 0) return stored;
    const code = word >> 10;
    const data = word & 0x3ff;
    if (code === mitWord.skip) {
      time += reader.long('the time difference of a SKIP');
    } else if (code <= lastCode) {
      time += data;
      current = { byte, code, time, subtype: 0, channel, number, text: '' };
      stored.push(current);
    } else if (!current) {
      throw badAnnotations(
        file,
        byte,
        `code ${code} says something of an annotation, and there is none before it`,
      );
    } else if (code === mitWord.number) {
      current.number = number = signedByte(data);
    } else if (code === mitWord.subtype) {
      current.subtype = signedByte(data);
    } else if (code === mitWord.channel) {
      current.channel = channel = data & 0xff;
    } else {
      const length = data & 0xff;
      const padded = reader.take(length + (length & 1), `a text of ${length} bytes`);
      current.text = textOf(padded.subarray(0, length));
    }
    if (Math.abs(time) > farthestFrame) {
      throw badAnnotations(file, byte, `time ${time} is outside of any recording`);
    }
  }
}

/** Notes before any other annotation, at time 0, that say how to read the file; they are no annotations. */
function readNotesOfFile(
  stored: readonly Stored[],
  file: string,
): { ticks: number | undefined; types: AnnotationType[]; about: Set<Stored> } {
  let ticks: number | undefined;
  let defining = false;
  const types: AnnotationType[] = [];
  const about = new Set<Stored>();
  for (const note of stored) {
    if (note.code !== noteCode || note.time !== 0 || note.subtype !== 0) break;
    const { text } = note;
    if (text.startsWith(mitNote.resolution)) ticks = resolution(text, file, note.byte);
    else if (text.startsWith(mitNote.types)) defining = true;
    else if (text.startsWith(mitNote.endOfTypes)) defining = false;
    else if (defining) types.push(definition(text, file, note.byte));
    else continue;
    about.add(note);
  }
  return { ticks, types, about };
}

function resolution(text: string, file: string, byte: number): number {
  const value = text.slice(mitNote.resolution.length).trim();
  const ticks = /^[\d.]/.test(value) ? Number(value) : NaN;
  if (!(ticks > 0 && ticks < Infinity)) {
    throw new UserError(`byte ${byte}: the time resolution \`${value}\` is no rate in Hz`, { file });
  }
  return ticks;
}

function definition(text: string, file: string, byte: number): AnnotationType {
  const [, digits, symbol, description] = /^(\d+)[ \t]+(\S+)(?:[ \t]+(.*))?$/s.exec(text) ?? [];
  const code = Number(digits);
  if (!(code >= 1 && code <= lastCode)) {
    throw new UserError(
      `byte ${byte}: \`${text}\` does not define an annotation type`,
      { file },
      'A definition is a code (1…49), a symbol and a description.',
    );
  }
  return { code, symbol, description: description ?? '' };
}

import type { Annotation } from '../annotation.ts';
import { badAnnotations, signedByte, textOf, WordReader } from './annotation-bytes.ts';
import { codeOf, symbolOf } from './symbols.ts';

/** Symbols of AHA's letters (ecgmap.h, `ammap`). */
const symbolOfLetter: Readonly<Record<string, string>> = {
  E: 'E',
  F: 'F',
  N: 'N',
  O: '"',
  P: '/',
  Q: 'Q',
  R: 'r',
  U: '~',
  V: 'V',
  '[': '[',
  ']': ']',
};

/** What a letter may stand for besides its own symbol (ecgmap.h, `mamap`): WFDB keeps the MIT code beside it. */
const beatsOfN = 'LRaJASjBenf';
const beatsOfQ = '?';
const recordBytes = 16;
const endMark = 0xff;
const unreadable = -1;

/**
 * As annopen of the WFDB library: a null and a letter that is one of AHA's, brackets excepted. An MIT file could begin so only
 * with a code without meaning, a T-wave change, a systole or a diastole; `encodeAnnotations` avoids it.
 */
export function isAha(bytes: Uint8Array): boolean {
  if (bytes.length < 2 || bytes[0] !== 0) return false;
  const letter = String.fromCharCode(bytes[1]);
  return letter !== '[' && letter !== ']' && Object.hasOwn(symbolOfLetter, letter);
}

/**
 * AHA format: annot(5). Times are taken as frames, as WFDB writes them; the AHA's own tapes had milliseconds. Throws a
 * UserError that names the file and the byte.
 */
export function decodeAha(bytes: Uint8Array, file: string): Annotation[] {
  const reader = new WordReader(bytes, file);
  const annotations: Annotation[] = [];
  while (!reader.atEnd && bytes[reader.offset] !== endMark) {
    const byte = reader.offset;
    const letter = String.fromCharCode(reader.word('an annotation') >> 8);
    if (!Object.hasOwn(symbolOfLetter, letter)) {
      throw badAnnotations(file, byte + 1, `\`${letter}\` is no annotation code of the AHA's`);
    }
    const sample = reader.long('the time of an annotation');
    reader.take(2, 'the serial number of an annotation');
    const rest = reader.take(recordBytes - 8, 'the second half of an annotation');
    annotations.push({ sample, ...meaning(letter, rest), channel: 0, number: 0, duration: 0 });
  }
  return annotations;
}

/** Subtype, MIT code and text are in the last 8 bytes only where WFDB wrote the file: where the code goes with the letter. */
function meaning(letter: string, rest: Uint8Array): Pick<Annotation, 'symbol' | 'subtype' | 'text'> {
  const subtype = signedByte(rest[0]);
  const symbol = symbolOf(rest[1]);
  if (codeOf(symbol) === undefined || letterOf(symbol, subtype) !== letter) {
    return { symbol: symbolOfLetter[letter], subtype: letter === 'U' ? unreadable : 0, text: '' };
  }
  return { symbol, subtype, text: textOf(rest.subarray(2)) };
}

function letterOf(symbol: string, subtype: number): string {
  if (symbol === '~') return subtype === unreadable ? 'U' : 'O';
  if (beatsOfN.includes(symbol)) return 'N';
  if (beatsOfQ.includes(symbol)) return 'Q';
  return Object.keys(symbolOfLetter).find((letter) => symbolOfLetter[letter] === symbol) ?? 'O';
}

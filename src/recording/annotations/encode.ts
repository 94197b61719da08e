import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import { isAha } from './aha.ts';
import { bytesOfText, farthestFrame, longestText } from './annotation-bytes.ts';
import { mitNote, mitWord } from './mit.ts';
import { codeOf, lastCode, noteCode, type AnnotationType } from './symbols.ts';

const longestStep = 0x3ff;
const longestSkip = 0x7fffffff;

/**
 * An annotation file in MIT format, byte for byte as the WFDB library's putann writes the same annotations in the same order.
 * The format has no place for a duration. `decodeAnnotations` gives back everything else.
 *
 * @param file for messages
 * @param types symbols that are not WFDB's, or have other codes than there
 * Throws a UserError that names the file and the annotation where one does not fit the format.
 */
export function encodeAnnotations(
  annotations: readonly Annotation[],
  file: string,
  types: readonly AnnotationType[] = [],
): Uint8Array {
  const codes = new Map(types.map((type) => [type.symbol, type.code]));
  const writer = new MitWriter();
  if (types.length > 0) {
    const note = (text: string): void => writer.annotation(noteCode, { ...plainNote, text });
    note(mitNote.types);
    for (const type of types) note(definition(type, file));
    note(mitNote.endOfTypes);
  }
  if (types.length > 0 || beginsLikeNotesOfFile(annotations)) writer.nothing();
  for (const [i, annotation] of annotations.entries()) {
    const code = codes.get(annotation.symbol) ?? codeOf(annotation.symbol);
    const problem = doesNotFit(annotation, code);
    if (code === undefined || problem !== undefined) {
      throw new UserError(
        `annotation ${i + 1} (\`${annotation.symbol}\` at frame ${annotation.sample}): ${problem}`,
        { file },
        'It cannot be written in WFDB annotation format.',
      );
    }
    writer.annotation(code, annotation);
  }
  return writer.end();
}

type Written = Pick<Annotation, 'sample' | 'subtype' | 'channel' | 'number' | 'text'>;
const plainNote = { sample: 0, subtype: 0, channel: 0, number: 0 };

class MitWriter {
  #bytes = Buffer.alloc(1024);
  #length = 0;
  #time = 0;
  #channel = 0;
  #number = 0;

  annotation(code: number, { sample, subtype, channel, number, text }: Written): void {
    let step = sample - this.#time;
    // What would look like AHA's format at the start of the file is written with a SKIP.
    const ambiguous = this.#length === 0 && isAha(Uint8Array.of(step & 0xff, (step >> 8) | (code << 2)));
    if (step < 0 || step > longestStep || ambiguous) {
      this.#skip(step);
      step = 0;
    }
    this.#word((code << 10) | step);
    this.#time = sample;
    if (subtype !== 0) this.#word((mitWord.subtype << 10) | (subtype & 0x3ff));
    if (channel !== this.#channel) this.#word((mitWord.channel << 10) | channel);
    if (number !== this.#number) this.#word((mitWord.number << 10) | (number & 0x3ff));
    this.#channel = channel;
    this.#number = number;
    const bytes = bytesOfText(text);
    if (bytes.length > 0) {
      this.#word((mitWord.text << 10) | bytes.length);
      this.#room(bytes.length + 1);
      this.#bytes.set(bytes, this.#length);
      this.#length += bytes.length;
      if (bytes.length & 1) this.#bytes[this.#length++] = 0;
    }
  }

  /** No annotation, at the time where the last one is: it ends the notes that are about the file. */
  nothing(): void {
    this.#skip(-1);
    this.#word(1);
  }

  end(): Uint8Array {
    this.#word(0);
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  #skip(step: number): void {
    let left = step;
    do {
      const part = Math.max(-longestSkip, Math.min(longestSkip, left));
      this.#word(mitWord.skip << 10);
      this.#word((part >> 16) & 0xffff);
      this.#word(part & 0xffff);
      left -= part;
    } while (left !== 0);
  }

  #word(word: number): void {
    this.#room(2);
    this.#bytes[this.#length++] = word & 0xff;
    this.#bytes[this.#length++] = word >> 8;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Why an annotation has no place in the format; undefined where it has. */
function doesNotFit(annotation: Annotation, code: number | undefined): string | undefined {
  const { sample, subtype, channel, number, text } = annotation;
  const whole = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  if (code === undefined) return 'WFDB has no code for this symbol';
  if (!whole(sample, -farthestFrame, farthestFrame)) return 'no frame of any recording';
  if (!whole(subtype, -128, 127)) return `subtype ${subtype} is not within -128…127`;
  if (!whole(channel, 0, 255)) return `channel ${channel} is not within 0…255`;
  if (!whole(number, -128, 127)) return `number ${number} is not within -128…127`;
  const length = bytesOfText(text).length;
  return length > longestText ? `its text is ${length} bytes long, at most ${longestText} fit` : undefined;
}

function definition({ code, symbol, description }: AnnotationType, file: string): string {
  const text = `${code} ${symbol} ${description}`;
  if (!(Number.isInteger(code) && code >= 1 && code <= lastCode) || !/^\S+$/.test(symbol)) {
    throw new UserError(`annotation type \`${text}\`: a code is 1 to ${lastCode}, a symbol has no spaces`, {
      file,
    });
  }
  if (bytesOfText(text).length > longestText) {
    throw new UserError(`annotation type \`${symbol}\`: its description is too long`, { file });
  }
  return text;
}

/** Whether a reader would take notes of the recording for notes about the file. */
function beginsLikeNotesOfFile(annotations: readonly Annotation[]): boolean {
  for (const { symbol, sample, subtype, text } of annotations) {
    if (symbol !== '"' || sample !== 0 || subtype !== 0) return false;
    if (text.startsWith('##')) return true;
  }
  return false;
}

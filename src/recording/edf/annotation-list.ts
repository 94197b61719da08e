/** A time-stamped annotation list (TAL) of EDF+: what is said of one moment, in seconds since the start of the file. */
export interface AnnotationList {
  onset: number;
  /** s; 0 where none is given. */
  duration: number;
  /** Without the empty one of a list that says when its data record starts. */
  texts: string[];
}

const [endOfList, textMark, durationMark] = [0, 20, '\x15'];
/** s. */
const time = /^[+-]?\d{1,10}(\.\d*)?$/;

/**
 * The lists in the bytes of an annotation signal of one data record (EDF+, 2.2.2): `+onset`, `\x15duration` where there is one,
 * `\x14`, texts in UTF-8 with `\x14` after each, `\0`. Throws an Error that says what is wrong.
 */
export function parseAnnotationLists(bytes: Uint8Array): AnnotationList[] {
  const lists: AnnotationList[] = [];
  const text = (from: number, to: number): string => utf8.decode(bytes.subarray(from, to));
  for (let start = 0; start < bytes.length;) {
    if (bytes[start] === endOfList) {
      start++;
      continue;
    }
    const found = bytes.indexOf(endOfList, start);
    const end = found < 0 ? bytes.length : found;
    const stamp = bytes.indexOf(textMark, start);
    const head = text(start, stamp < 0 || stamp > end ? Math.min(end, start + 20) : stamp);
    const [onset, duration = '0'] = head.split(durationMark);
    if (!/^[+-]/.test(onset) || !time.test(onset) || !time.test(duration))
      throw new Error(`an annotation starts with \`${printable(head)}\`, which is no time`);
    if (bytes[end - 1] !== textMark) throw new Error(`the annotation at ${onset} s is cut off`);
    const texts: string[] = [];
    for (let at = stamp + 1; at < end;) {
      const next = bytes.indexOf(textMark, at);
      if (next > at) texts.push(text(at, next));
      at = next + 1;
    }
    lists.push({ onset: Number(onset), duration: Number(duration), texts });
    start = end + 1;
  }
  return lists;
}

const utf8 = new TextDecoder();

function printable(text: string): string {
  return text.slice(0, 20).replace(/[^\x20-\x7e]/g, '.');
}

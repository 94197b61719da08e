/**
 * A reader of YAML as it is while somebody types: half a word, a key without a value, a flow that nobody closed. It
 * never fails and never looks ahead; what a parser of whole texts would say of such a text depends on what follows.
 * It knows the YAML of model and dataset files: maps, lists and scalars in block and flow style, comments, block text.
 */

export interface OutlineKey {
  /** Path of the map that the key stands in. */
  parent: readonly (string | number)[];
  key: string;
  start: number;
  end: number;
}

interface BlockFrame {
  kind: 'map' | 'list';
  /** Column of its keys or dashes. */
  indent: number;
  step: string | number;
  /** Of a map: whether its last key has a value in its own line. */
  filled: boolean;
}

interface FlowFrame {
  kind: 'map' | 'list';
  /** Of the item or value that is being read. */
  step: string | number | undefined;
  index: number;
  /** Where the current word began. */
  wordStart: number;
}

/** Where the reader stands after its text. */
export interface OutlineState {
  keys: OutlineKey[];
  blocks: readonly BlockFrame[];
  flows: readonly FlowFrame[];
  /** Inside a comment, a quoted text or a block text, where nothing is to be completed. */
  inert: boolean;
  /** Offset of the last line, and of the first character in it that belongs to no dash or key. */
  lineStart: number;
  restStart: number;
  /** Of the last line: a dash stands before the rest; the rest is the value of a key. */
  afterDash: boolean;
  afterKey: boolean;
}

export function readOutline(text: string): OutlineState {
  const reader = new OutlineReader(text);
  return reader.read();
}

class OutlineReader {
  readonly #text: string;
  readonly #keys: OutlineKey[] = [];
  readonly #blocks: BlockFrame[] = [];
  readonly #flows: FlowFrame[] = [];
  #inert = false;
  /** Indentation that the lines of a block text must exceed; undefined outside of one. */
  #textIndent: number | undefined;
  #lineStart = 0;
  #restStart = 0;
  #afterDash = false;
  #afterKey = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): OutlineState {
    for (let start = 0; ;) {
      const newline = this.#text.indexOf('\n', start);
      const end = newline < 0 ? this.#text.length : newline;
      this.#line(start, end > start && this.#text[end - 1] === '\r' ? end - 1 : end);
      if (newline < 0) break;
      start = newline + 1;
    }
    return {
      keys: this.#keys,
      blocks: this.#blocks,
      flows: this.#flows,
      inert: this.#inert,
      lineStart: this.#lineStart,
      restStart: this.#restStart,
      afterDash: this.#afterDash,
      afterKey: this.#afterKey,
    };
  }

  #line(start: number, end: number): void {
    let at = start;
    while (at < end && this.#text[at] === ' ') at++;
    const indent = at - start;
    this.#lineStart = start;
    this.#restStart = at;
    this.#afterDash = this.#afterKey = false;
    const blank = at === end;
    if (this.#textIndent !== undefined) {
      this.#inert = blank || indent > this.#textIndent;
      if (this.#inert) return;
      this.#textIndent = undefined;
    }
    this.#inert = false;
    if (this.#flows.length > 0) {
      // The lines of a flow stand deeper than what holds it: a dash or key further out means that it was left open.
      const outside = indent <= (this.#blocks.at(-1)?.indent ?? -1) && !/[}\],#]/.test(this.#text[at] ?? '}');
      if (!outside) return this.#flow(at, end);
      this.#flows.length = 0;
    }
    if (blank) return;
    if (this.#text[at] === '#') this.#inert = true;
    else this.#block(at, end);
  }

  #block(start: number, end: number): void {
    let at = start;
    while (this.#text[at] === '-' && (at + 1 >= end || this.#text[at + 1] === ' ')) {
      const column = at - this.#lineStart;
      this.#leave(column);
      const top = this.#blocks.at(-1);
      if (top?.kind === 'list' && top.indent === column) top.step = (top.step as number) + 1;
      else this.#blocks.push({ kind: 'list', indent: column, step: 0, filled: true });
      at++;
      while (at < end && this.#text[at] === ' ') at++;
      this.#afterDash = true;
    }
    this.#restStart = at;
    const key = this.#keyAt(at, end);
    if (!key) return this.#value(at, end);
    const column = at - this.#lineStart;
    this.#leave(column);
    // A list may stand at the column of the key that holds it; the next key ends it.
    if (this.#blocks.at(-1)?.kind === 'list' && this.#blocks.at(-1)?.indent === column) this.#blocks.pop();
    let top = this.#blocks.at(-1);
    if (top?.kind !== 'map' || top.indent !== column) {
      top = { kind: 'map', indent: column, step: '', filled: false };
      this.#blocks.push(top);
    }
    this.#keys.push({ parent: blockPath(this.#blocks.slice(0, -1)), key: key.name, start: at, end: key.end });
    top.step = key.name;
    this.#restStart = key.valueStart;
    this.#afterKey = true;
    top.filled = key.valueStart < end && this.#text[key.valueStart] !== '#';
    this.#value(key.valueStart, end);
  }

  /** Close what stands deeper than a column. */
  #leave(column: number): void {
    while ((this.#blocks.at(-1)?.indent ?? -1) > column) this.#blocks.pop();
  }

  /** A key that begins here: a plain or quoted word, a colon, and a space or the end of the line. */
  #keyAt(at: number, end: number): { name: string; end: number; valueStart: number } | undefined {
    const line = this.#text.slice(at, end);
    const match = /^("[^"]*"|'[^']*'|[^\s{}[\],#&*!|>'"%@`-][^:#]*?|-[^\s:#][^:#]*?)(\s*:)(?=\s|$)/.exec(
      line,
    );
    if (!match) return undefined;
    const quoted = /^["']/.test(match[1]);
    let valueStart = at + match[0].length;
    while (valueStart < end && this.#text[valueStart] === ' ') valueStart++;
    return { name: quoted ? match[1].slice(1, -1) : match[1], end: at + match[1].length, valueStart };
  }

  #value(at: number, end: number): void {
    const first = this.#text[at];
    if (first === '{' || first === '[') return this.#flow(at, end);
    if (first === '|' || first === '>') {
      this.#textIndent = this.#blocks.at(-1)?.indent ?? -1;
      this.#inert = true;
      return;
    }
    for (let i = at; i < end;) {
      const next = this.#skip(i, end);
      if (next === undefined) return;
      i = next;
    }
  }

  /** Past a character, or past a whole quoted text or comment; undefined where the line ends inside of one. */
  #skip(at: number, end: number): number | undefined {
    const character = this.#text[at];
    const wordStarts = at === 0 || /[\s{[,:]/.test(this.#text[at - 1]);
    if (character === '#' && wordStarts) {
      this.#inert = true;
      return undefined;
    }
    if ((character !== '"' && character !== "'") || !wordStarts) return at + 1;
    const close = this.#text.indexOf(character, at + 1);
    if (close >= 0 && close < end) return close + 1;
    this.#inert = true;
    return undefined;
  }

  #flow(start: number, end: number): void {
    for (let at = start; at < end;) {
      const character = this.#text[at];
      const top = this.#flows.at(-1);
      if (character === '{' || character === '[') {
        this.#flows.push({
          kind: character === '{' ? 'map' : 'list',
          step: undefined,
          index: 0,
          wordStart: at + 1,
        });
      } else if (character === '}' || character === ']') {
        this.#flows.pop();
        if (this.#flows.length === 0) return this.#value(at + 1, end);
      } else if (top && character === ',') {
        top.index++;
        top.step = undefined;
        top.wordStart = at + 1;
      } else if (
        top &&
        character === ':' &&
        top.step === undefined &&
        /[\s{[]|^$/.test(this.#text[at + 1] ?? '')
      ) {
        this.#flowKey(top, at);
      }
      const next = this.#skip(at, end);
      if (next === undefined) return;
      at = next;
    }
  }

  #flowKey(top: FlowFrame, colon: number): void {
    const word = this.#text.slice(top.wordStart, colon);
    const key = word.trim().replace(/^(["'])(.*)\1$/, '$2');
    const start = top.wordStart + word.length - word.trimStart().length;
    const parent = [...blockPath(this.#blocks), ...flowPath(this.#flows.slice(0, -1))];
    // `[a: 1]` is a list of a map.
    if (top.kind === 'list') parent.push(top.index);
    this.#keys.push({ parent, key, start, end: start + word.trim().length });
    top.step = key;
    top.wordStart = colon + 1;
  }
}

export function blockPath(blocks: readonly BlockFrame[]): (string | number)[] {
  return blocks.map((frame) => frame.step);
}

/** Path through flows: of the last one only what is known of the place in it. */
export function flowPath(flows: readonly FlowFrame[]): (string | number)[] {
  return flows.flatMap(({ kind, step, index }) => [
    ...(kind === 'list' ? [index] : []),
    ...(step === undefined ? [] : [step]),
  ]);
}

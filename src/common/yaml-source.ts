import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { UserError } from './errors.ts';

export type Severity = 'error' | 'warning' | 'information';

/** A problem in a YAML file, with the exact range that it concerns. */
export interface Diagnostic {
  severity: Severity;
  message: string;
  advice: string;
  /** Offsets into the text, end exclusive. */
  start: number;
  end: number;
  /** 1-based position of `start`. */
  line: number;
  column: number;
  layer?: string;
  /** Names kinds of problems that somebody can do something about at a click. */
  code?: string;
}

export interface ReportOptions {
  advice?: string;
  layer?: string;
  severity?: Severity;
  code?: string;
  /** Underline the key instead of the value. */
  key?: boolean;
}

export type YamlPath = readonly (string | number)[];

/** Longer files are not ours: a model file has a few kB. */
const longestFile = 250_000;
/** One slip can give many errors; more of them help nobody, and each takes its time to be placed. */
const mostErrorsAtOnce = 20;

/** Parsed YAML text that remembers where each value stood. */
export class YamlSource {
  readonly text: string;
  readonly diagnostics: Diagnostic[] = [];
  /** Of a text with errors: what could be read of it, or undefined. */
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.text = text;
    const tooLong = text.length > longestFile;
    // A refused text is replaced by an empty document, so that nothing below must care. The library's own check for
    // unique keys takes time that grows with the square of their number.
    this.#document = parseDocument(tooLong ? '' : text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
    });
    if (tooLong) this.#add(`longer than ${longestFile} characters`, 0, 0);
    for (const error of this.#document.errors.slice(0, mostErrorsAtOnce))
      this.#add(error.message, error.pos[0], error.pos[1]);
    this.#checkKeys();
    try {
      // Anchors and aliases have no use here, and are a way to make small files huge.
      this.value = this.#document.toJS({ maxAliasCount: 0 });
    } catch (error) {
      const why =
        error instanceof RangeError
          ? 'nested too deeply'
          : `anchors and aliases are not allowed (${(error as Error).message})`;
      this.#add(why, 0, text.length);
    }
  }

  get root(): Node | null {
    return this.#document.contents;
  }

  /** Do something without keeping what it reports: looking into a text that has other errors already. */
  quietly<T>(look: () => T): T {
    const kept = this.diagnostics.length;
    try {
      return look();
    } finally {
      this.diagnostics.length = kept;
    }
  }

  #checkKeys(): void {
    // Without recursion, since nothing bounds the depth.
    const open: (Node | null)[] = [this.#document.contents];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!isCollection(node)) continue;
      const seen = new Set<unknown>();
      for (const item of node.items) {
        if (!isPair(item)) {
          open.push(item as Node | null);
          continue;
        }
        const { key, value } = item as Pair<Node | null, Node | null>;
        open.push(key, value);
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.range)
          this.#add('Map keys must be unique', key.range[0], key.range[1]);
        seen.add(key.value);
      }
    }
  }

  /** Report a problem at the value (or, with `key`, at the key) that stands at `path`. */
  report(path: YamlPath, message: string, options: ReportOptions = {}): void {
    const [start, end] = this.range(path, options.key);
    this.#add(message, start, end, options);
  }

  /** 1-based line of the value (or, with `key`, of the key) at `path`. */
  line(path: YamlPath, key = false): number {
    return Math.max(1, this.#lines.linePos(this.range(path, key)[0]).line);
  }

  /** Offsets of the value at `path`, or of the nearest thing around it that exists. */
  range(path: YamlPath, key = false): [number, number] {
    for (let depth = path.length; depth >= 0; depth--) {
      const node =
        depth === 0
          ? this.#document.contents
          : this.#nodeAt(path.slice(0, depth), key && depth === path.length);
      if (!node?.range) continue;
      const [start, end] = node.range;
      // A setting without a value has no place of its own.
      if (start === end && !key && typeof path[depth - 1] === 'string')
        return this.range(path.slice(0, depth), true);
      // The range of a block reaches into the next line.
      return [start, start + this.text.slice(start, end).trimEnd().length];
    }
    return [0, this.text.length];
  }

  #nodeAt(path: YamlPath, key: boolean): Node | undefined {
    if (!key) return this.#document.getIn(path, true) as Node | undefined;
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1),
    );
    return pair?.key as Node | undefined;
  }

  #add(message: string, start: number, end: number, options: ReportOptions = {}): void {
    const { line, col } = this.#lines.linePos(start);
    this.diagnostics.push({
      severity: options.severity ?? 'error',
      message,
      advice: options.advice ?? '',
      // An error at the end of a text can reach behind it.
      start: Math.min(start, this.text.length),
      end: Math.min(end, this.text.length),
      line: Math.max(1, line),
      column: Math.max(1, col),
      layer: options.layer,
      ...(options.code !== undefined && { code: options.code }),
    });
  }

  /** Check the value at `path` with a compiled schema; every violation becomes a diagnostic in the user's words. */
  validate(check: ValidateFunction, value: unknown, path: YamlPath, layer?: string): boolean {
    if (check(value)) return true;
    for (const error of withoutBranchNoise(check.errors ?? []).slice(0, mostErrorsAtOnce)) {
      const below = error.instancePath
        .split('/')
        .slice(1)
        .map((step) =>
          /^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~'),
        );
      const extra = (error.params as { additionalProperty?: string }).additionalProperty;
      const at = [...path, ...below, ...(extra === undefined ? [] : [extra])];
      // What a map lacks is not in it: its own key is underlined, or the first of the file.
      const lacks = error.keyword === 'required';
      const place = lacks && at.length === 0 ? Object.keys(value).slice(0, 1) : at;
      this.report(place, schemaMessage(error, at), {
        layer,
        key: (extra !== undefined || lacks) && typeof place.at(-1) === 'string',
      });
    }
    return false;
  }

  /** Throw the first error as a UserError that names file and line; warnings pass. */
  throwFirstError(file: string): void {
    const first = this.diagnostics.find((d) => d.severity === 'error');
    if (first) {
      throw new UserError(
        first.message,
        { file, line: first.line, column: first.column, layer: first.layer },
        first.advice,
      );
    }
  }
}

const ajv = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  strictTypes: false,
  // What completion writes of a map none of whose settings is required.
  keywords: ['suggested'],
});

export function compileSchema(schema: object): ValidateFunction {
  return ajv.compile(schema);
}

/** A failed `oneOf` reports every branch; what the branches say whose type the value has not is left out. */
function withoutBranchNoise(errors: ErrorObject[]): ErrorObject[] {
  const others = errors
    .filter((e) => e.keyword === 'type' && /\/oneOf\/\d+\/type$/.test(e.schemaPath))
    .map((e) => e.schemaPath.slice(0, -'type'.length));
  const rest = errors.filter(
    (e) => e.keyword !== 'oneOf' && !others.some((branch) => e.schemaPath.startsWith(branch)),
  );
  return rest.length > 0 ? rest : errors.slice(0, 1);
}

function schemaMessage(error: ErrorObject, at: YamlPath): string {
  const what =
    at.length > 0
      ? `\`${at.filter((step) => typeof step === 'string').join('.') || at.join('.')}\``
      : 'the file';
  switch (error.keyword) {
    case 'additionalProperties':
      return `${what} is not a setting known here`;
    case 'enum':
      return `${what} must be one of ${(error.params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
    case 'required':
      return `${what} lacks \`${(error.params as { missingProperty: string }).missingProperty}\``;
    default:
      return `${what} ${error.message ?? 'is not valid'}`;
  }
}

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { UserError } from './errors.ts';

/** A problem in a YAML file, with the exact range that it concerns. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  message: string;
  advice: string;
  /** Offsets into the text, end exclusive. */
  start: number;
  end: number;
  /** 1-based position of `start`. */
  line: number;
  column: number;
  layer?: string;
}

export type YamlPath = readonly (string | number)[];

/** Longer files are not ours: a model file has a few kB. */
const longestFile = 1_000_000;

/** Parsed YAML text that remembers where each value stood. */
export class YamlSource {
  readonly diagnostics: Diagnostic[] = [];
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    const tooLong = text.length > longestFile;
    // A refused text is replaced by an empty document, so that nothing below must care.
    this.#document = parseDocument(tooLong ? '' : text, { lineCounter: this.#lines, prettyErrors: false });
    if (tooLong) this.#add(`longer than ${longestFile} characters`, 0, 0);
    for (const error of this.#document.errors) this.#add(error.message, error.pos[0], error.pos[1]);
    if (this.diagnostics.length > 0) return;
    try {
      // Anchors and aliases have no use here, and are a way to make small files huge.
      this.value = this.#document.toJS({ maxAliasCount: 0 });
    } catch (error) {
      this.#add(`anchors and aliases are not allowed (${(error as Error).message})`, 0, text.length);
    }
  }

  /** Report a problem at the value (or, with `key`, at the key) that stands at `path`. */
  report(
    path: YamlPath,
    message: string,
    options: { advice?: string; layer?: string; severity?: 'error' | 'warning'; key?: boolean } = {},
  ): void {
    const [start, end] = this.range(path, options.key);
    this.#add(message, start, end, options);
  }

  /** 1-based line of the value at `path`. */
  line(path: YamlPath): number {
    return Math.max(1, this.#lines.linePos(this.range(path)[0]).line);
  }

  /** Offsets of the value at `path`, or of the nearest thing around it that exists. */
  range(path: YamlPath, key = false): [number, number] {
    for (let depth = path.length; depth >= 0; depth--) {
      const node =
        depth === 0
          ? this.#document.contents
          : this.#nodeAt(path.slice(0, depth), key && depth === path.length);
      if (node?.range) return [node.range[0], node.range[1]];
    }
    return [0, this.#length];
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

  #add(
    message: string,
    start: number,
    end: number,
    options: { advice?: string; layer?: string; severity?: 'error' | 'warning' } = {},
  ): void {
    const { line, col } = this.#lines.linePos(start);
    this.diagnostics.push({
      severity: options.severity ?? 'error',
      message,
      advice: options.advice ?? '',
      start,
      end,
      line: Math.max(1, line),
      column: Math.max(1, col),
      layer: options.layer,
    });
  }

  /** Check the value at `path` with a compiled schema; every violation becomes a diagnostic in the user's words. */
  validate(check: ValidateFunction, value: unknown, path: YamlPath, layer?: string): boolean {
    if (check(value)) return true;
    for (const error of withoutBranchNoise(check.errors ?? [])) {
      const below = error.instancePath
        .split('/')
        .slice(1)
        .map((step) =>
          /^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~'),
        );
      const extra = (error.params as { additionalProperty?: string }).additionalProperty;
      const at = [...path, ...below, ...(extra === undefined ? [] : [extra])];
      this.report(at, schemaMessage(error, at), { layer, key: extra !== undefined });
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

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false });

export function compileSchema(schema: object): ValidateFunction {
  return ajv.compile(schema);
}

/** A failed `oneOf` reports every branch; the sentence about the branch that fits the value's type says the most. */
function withoutBranchNoise(errors: ErrorObject[]): ErrorObject[] {
  const noise = errors.filter(
    (e) => e.keyword === 'oneOf' || (e.keyword === 'type' && /\/oneOf\/\d+\/type$/.test(e.schemaPath)),
  );
  const rest = errors.filter((e) => !noise.includes(e));
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

import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic, YamlSource } from '../common/yaml-source.ts';
import { parseDatasetText } from '../dataset/dataset-file.ts';
import type { DatasetSpec } from '../dataset/spec.ts';
import type { Board } from '../firmware/board.ts';
import { parseBoardText } from '../firmware/board-file.ts';
import { parseModel, type ParsedModel } from '../model/parse.ts';

export type FileKind = 'model' | 'dataset' | 'board';

interface ParsedFile {
  text: string;
  source: YamlSource;
  diagnostics: readonly Diagnostic[];
}

export interface ModelFile extends ParsedFile, ParsedModel {
  kind: 'model';
}

export interface DatasetFile extends ParsedFile {
  kind: 'dataset';
  /** undefined where the file has errors. */
  spec: DatasetSpec | undefined;
}

export interface BoardFile extends ParsedFile {
  kind: 'board';
  /** undefined where the file has errors. */
  board: Board | undefined;
}

export type StudioFile = ModelFile | DatasetFile | BoardFile;

/** What a file is, by its language in the editor or else by its name. */
export function fileKind(uri: string, languageId = ''): FileKind | undefined {
  if (languageId === 'ecgmodel' || /\.ecgmodel\.ya?ml$/.test(uri)) return 'model';
  if (languageId === 'ecgdata' || /\.ecgdata\.ya?ml$/.test(uri)) return 'dataset';
  if (languageId === 'ecgboard' || /\.ecgboard\.ya?ml$/.test(uri)) return 'board';
  return undefined;
}

export function parseFile(kind: FileKind, uri: string, text: string): StudioFile {
  if (kind === 'model') return { kind, text, ...parseModel(text) };
  if (kind === 'board') {
    const { source, board } = parseBoardText(text);
    return { kind, text, source, board, diagnostics: source.diagnostics };
  }
  const { source, spec } = parseDatasetText(text, filePath(uri));
  return { kind, text, source, spec, diagnostics: source.diagnostics };
}

/** Path of a `file:` uri; what is not on the disk, as a new document, counts as a file of the current folder. */
export function filePath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return uri.replace(/^[a-z][\w+.-]*:\/*/i, '');
  }
}

/** Every document is parsed once for each of its versions, whatever is asked of it. */
export class ParsedDocuments {
  readonly #parsed = new Map<string, { version: number; file: StudioFile; milliseconds: number }>();

  of(document: TextDocument): StudioFile | undefined {
    const { uri, version, languageId } = document;
    const known = this.#parsed.get(uri);
    if (known?.version === version) return known.file;
    const kind = fileKind(uri, languageId);
    if (!kind) return undefined;
    const started = performance.now();
    const file = parseFile(kind, uri, document.getText());
    this.#parsed.set(uri, { version, file, milliseconds: performance.now() - started });
    return file;
  }

  /** How long the last parse of a document took. */
  cost(uri: string): number {
    return this.#parsed.get(uri)?.milliseconds ?? 0;
  }

  forget(uri: string): void {
    this.#parsed.delete(uri);
  }
}

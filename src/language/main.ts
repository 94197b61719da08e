import * as fs from 'node:fs/promises';
import {
  CodeLensRefreshRequest,
  createConnection,
  ProposedFeatures,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { languageMethods, type SummaryParams } from '../protocol/language.ts';
import { codeLenses } from './code-lenses.ts';
import { completions } from './completion.ts';
import * as convert from './convert.ts';
import { DatasetPlaces } from './dataset-places.ts';
import { definitionAt } from './definition.ts';
import { fileDiagnostics } from './diagnostics.ts';
import { filePath, ParsedDocuments, parseFile, type FileKind, type StudioFile } from './documents.ts';
import { hoverAt } from './hover.ts';
import { hintTooltip, inlayHints } from './inlay-hints.ts';
import { quickFixes } from './quick-fixes.ts';
import { datasetSummary, modelSummary } from './summaries.ts';
import { fileSymbols } from './symbols.ts';

/** The language server of model, dataset and board files: features joined to the protocol, and nothing else. */

const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
const parsed = new ParsedDocuments();
const places = new DatasetPlaces();
const pending = new Map<string, NodeJS.Timeout>();
/** How many diagnostics the editor has, of documents that are open. */
const sent = new Map<string, number>();
/** ms; shorter than the pause after a word, longer than that between its letters. */
const typingPause = 200;
let refreshesLenses = false;

connection.onInitialize(({ capabilities }) => {
  refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport ?? false;
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      inlayHintProvider: { resolveProvider: true },
      hoverProvider: true,
      completionProvider: { triggerCharacters: [' ', '{', '[', ':', '-'] },
      codeLensProvider: {},
      codeActionProvider: { codeActionKinds: ['quickfix'] },
      documentSymbolProvider: true,
      definitionProvider: true,
    },
    serverInfo: { name: 'ECG Studio' },
  };
});

/** Answer from an open file of ours; `none` for all others. */
function ask<R>(uri: string, none: R, answer: (document: TextDocument, file: StudioFile) => R): R {
  const document = documents.get(uri);
  const file = document && parsed.of(document);
  return file ? answer(document, file) : none;
}

documents.onDidChangeContent(({ document: { uri } }) => {
  clearTimeout(pending.get(uri));
  // A new document's at once. While somebody types they wait for a pause, since drawing them takes the editor as long as
  // drawing the hints, which do not wait.
  const delay = sent.has(uri) ? Math.min(1000, Math.max(typingPause, 2 * parsed.cost(uri))) : 0;
  pending.set(
    uri,
    setTimeout(() => void publish(uri), delay),
  );
});
documents.onDidSave(({ document }) => void publish(document.uri));
documents.onDidClose(({ document: { uri } }) => {
  clearTimeout(pending.get(uri));
  pending.delete(uri);
  sent.delete(uri);
  parsed.forget(uri);
  void connection.sendDiagnostics({ uri, diagnostics: [] });
});

async function publish(uri: string): Promise<void> {
  try {
    const document = documents.get(uri);
    const file = document && parsed.of(document);
    if (!file) return;
    const before = places.knownMoved(file);
    const moved = await places.lookMoved(file);
    // The document may have changed or gone meanwhile; then another call is on its way.
    if (documents.get(uri)?.version !== document.version) return;
    const diagnostics = fileDiagnostics(file, moved).map((found) => convert.toDiagnostic(document, found));
    const count = diagnostics.length;
    // None after none is no news.
    if (count > 0 || sent.get(uri) !== 0) {
      sent.set(uri, count);
      await connection.sendDiagnostics({ uri, version: document.version, diagnostics });
    }
    if (moved !== before && refreshesLenses) await connection.sendRequest(CodeLensRefreshRequest.type);
  } catch (error) {
    connection.console.error(String(error instanceof Error ? error.stack : error));
  }
}

connection.languages.inlayHint.on(({ textDocument, range }) =>
  ask(textDocument.uri, [], (document, file) =>
    inlayHints(file, document.offsetAt(range.start), document.offsetAt(range.end)).map((hint) =>
      convert.toInlayHint(document, hint),
    ),
  ),
);

connection.languages.inlayHint.resolve((hint) => {
  const { uri, version, layer } = hint.data as convert.HintData;
  return ask(uri, hint, (document, file) => {
    // Of another version's hints the editor asks no more.
    const tooltip = document.version === version ? hintTooltip(file, layer) : undefined;
    return tooltip === undefined ? hint : convert.withTooltip(hint, tooltip);
  });
});

connection.onHover(({ textDocument, position }) =>
  ask(textDocument.uri, undefined, (document, file) => {
    const hover = hoverAt(file, document.offsetAt(position));
    return hover && convert.toHover(document, hover);
  }),
);

connection.onCompletion(({ textDocument, position }) =>
  ask(textDocument.uri, [], (document, file) =>
    completions(file, document.offsetAt(position)).map((item, i) =>
      convert.toCompletionItem(document, item, i),
    ),
  ),
);

connection.onCodeLens(({ textDocument: { uri } }) =>
  ask(uri, [], (document, file) => {
    return codeLenses(file, uri, places.knownMoved(file)).map((lens) => convert.toCodeLens(document, lens));
  }),
);

connection.onCodeAction(({ textDocument: { uri }, context }) =>
  ask(uri, [], (document, file) =>
    context.diagnostics.flatMap((diagnostic) => {
      const { range, code } = diagnostic;
      const problem = {
        start: document.offsetAt(range.start),
        end: document.offsetAt(range.end),
        code: String(code),
      };
      return quickFixes(file, uri, problem).map((fix) => convert.toCodeAction(document, diagnostic, fix));
    }),
  ),
);

connection.onDocumentSymbol(({ textDocument }) =>
  ask(textDocument.uri, [], (document, file) =>
    fileSymbols(file).map((symbol) => convert.toDocumentSymbol(document, symbol)),
  ),
);

connection.onDefinition(({ textDocument: { uri }, position }) =>
  ask(uri, undefined, (document, file) => {
    const found = definitionAt(file, uri, document.offsetAt(position));
    if (!found) return undefined;
    if ('uri' in found) return { uri: found.uri, range: convert.toRange(document, { start: 0, end: 0 }) };
    return { uri, range: convert.toRange(document, found) };
  }),
);

/** The open document, or else the file on the disk. */
async function readStudioFile({ uri, text }: SummaryParams, kind: FileKind): Promise<StudioFile> {
  if (text !== undefined) return parseFile(kind, uri, text);
  const document = documents.get(uri);
  const open = document && parsed.of(document);
  if (open) return open;
  try {
    return parseFile(kind, uri, await fs.readFile(filePath(uri), 'utf8'));
  } catch (error) {
    throw new ResponseError(1, `${filePath(uri)} cannot be read: ${(error as Error).message}`);
  }
}

connection.onRequest(languageMethods.modelSummary, async (params: SummaryParams) => {
  const file = await readStudioFile(params, 'model');
  if (file.kind !== 'model') throw new ResponseError(1, `${params.uri} is no model file`);
  return modelSummary(file);
});

connection.onRequest(languageMethods.datasetSummary, async (params: SummaryParams) => {
  const file = await readStudioFile(params, 'dataset');
  if (file.kind !== 'dataset') throw new ResponseError(1, `${params.uri} is no dataset file`);
  const before = places.knownMoved(file);
  const moved = await places.lookMoved(file);
  // Recordings that came or went since are news for the open document too.
  if (documents.get(params.uri) && moved !== before) void publish(params.uri);
  return datasetSummary(file, moved);
});

documents.listen(connection);
connection.listen();

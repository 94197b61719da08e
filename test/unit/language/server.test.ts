import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  InitializeResult,
  InlayHint,
  MarkupContent,
  Location,
  Position,
} from 'vscode-languageserver';
import { productRoot } from '../../../src/common/product.ts';
import {
  languageMethods,
  type DatasetFileSummary,
  type ModelSummary,
} from '../../../src/protocol/language.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';
import { dataset, slim } from './files.ts';

interface Published {
  uri: string;
  version?: number;
  diagnostics: Diagnostic[];
}

const folder = temporaryFolder();
const model = path.join(folder, 'slim.ecgmodel.yaml');
const data = path.join(folder, 'd.ecgdata.yaml');
const modelUri = pathToFileURL(model).href;
const dataUri = pathToFileURL(data).href;

let server: ChildProcess;
let client: MessageConnection;
const published: Published[] = [];
const waiting: { wanted: (p: Published) => boolean; resolve: (p: Published) => void }[] = [];

/** The next, or an earlier, message of diagnostics that is as wanted. */
function diagnosticsThat(wanted: (p: Published) => boolean): Promise<Published> {
  const there = published.find(wanted);
  return there ? Promise.resolve(there) : new Promise((resolve) => waiting.push({ wanted, resolve }));
}

function open(uri: string, languageId: string, text: string): Promise<void> {
  return client.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId, version: 1, text },
  });
}

function change(version: number, start: Position, end: Position, text: string): Promise<void> {
  return client.sendNotification('textDocument/didChange', {
    textDocument: { uri: modelUri, version },
    contentChanges: [{ range: { start, end }, text }],
  });
}

const ask = <R>(method: string, params: object, uri = modelUri): Promise<R> =>
  client.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, ...params });
const whole = { range: { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } } };

before(() => {
  fs.writeFileSync(model, slim);
  fs.writeFileSync(data, dataset);
  server = spawn(process.execPath, [path.join(productRoot, 'src/language/main.ts'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  assert.ok(server.stdout && server.stdin);
  client = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  client.onNotification('textDocument/publishDiagnostics', (p: Published) => {
    published.push(p);
    for (const waiter of waiting.filter(({ wanted }) => wanted(p))) waiter.resolve(p);
  });
  client.listen();
});

after(() => {
  client.dispose();
  server.kill();
});

// One conversation: every test goes on from where the one before it stopped.
describe('the language server, over stdio', { timeout: 120_000 }, () => {
  it('says what it can do', async () => {
    const { capabilities } = await client.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    await client.sendNotification('initialized', {});
    assert.equal(capabilities.textDocumentSync, 2);
    assert.deepEqual(capabilities.inlayHintProvider, { resolveProvider: true });
  });

  it('summarises a file that nobody has opened, and refuses one that is not there', async () => {
    const summary = await client.sendRequest<ModelSummary>(languageMethods.modelSummary, { uri: modelUri });
    assert.equal(summary.parameters, 138_244);
    assert.equal(summary.errors, 0);
    const missing = client.sendRequest(languageMethods.modelSummary, { uri: `${modelUri}.ecgmodel.yaml` });
    await assert.rejects(missing, /cannot be read/);
  });

  it('follows changes in a text with CRLF and characters of two units', async () => {
    const tight = slim.replace('latency: 60 ms', 'latency: 25 ms');
    await open(modelUri, 'ecgmodel', `# 🫀\r\n${tight.replaceAll('\n', '\r\n')}`);
    await diagnosticsThat(({ uri, version }) => uri === modelUri && version === 1);
    const before = await ask<InlayHint[]>('inlayHint', whole);
    assert.equal(before.length, 18);
    assert.deepEqual(before[0].position, { line: 7, character: 55 });
    // `# 🫀🫀`, then `filters: 8` → `filters: 80`.
    await change(2, { line: 0, character: 4 }, { line: 0, character: 4 }, '🫀');
    await change(3, { line: 7, character: 23 }, { line: 7, character: 24 }, '80');
    const [hint] = await ask<InlayHint[]>('inlayHint', whole);
    assert.equal(hint.tooltip, undefined);
    const explained = await client.sendRequest<InlayHint>('inlayHint/resolve', hint);
    assert.match((explained.tooltip as MarkupContent).value, /\*\*conv1d-1\*\* reads `input`/);
    // Of a version that is gone: as it came.
    assert.deepEqual(await client.sendRequest('inlayHint/resolve', before[0]), before[0]);
    assert.equal(hint.label, '80×256 · 480 · 102 k MAC');
    assert.deepEqual(hint.position, { line: 7, character: 56 });
    const lines = await ask<InlayHint[]>('inlayHint', {
      range: { start: { line: 8, character: 0 }, end: { line: 9, character: 0 } },
    });
    assert.deepEqual(
      lines.map(({ label }) => label),
      ['80×128'],
    );
  });

  it('publishes errors where they are, and takes them back', async () => {
    // `dense` → `desne`; the line behind the emojis counts in UTF-16.
    await change(4, { line: 24, character: 4 }, { line: 24, character: 9 }, 'desne');
    const { diagnostics } = await diagnosticsThat(({ version }) => version === 4);
    assert.equal(diagnostics.length, 1);
    assert.deepEqual(diagnostics[0].range, {
      start: { line: 24, character: 4 },
      end: { line: 24, character: 9 },
    });
    assert.equal(diagnostics[0].source, 'ECG Studio');
    const lenses = await ask<CodeLens[]>('codeLens', {});
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ['1 error: in line 25'],
    );
    const summary = await client.sendRequest<ModelSummary>(languageMethods.modelSummary, { uri: modelUri });
    assert.deepEqual(
      [summary.errors, summary.firstError?.line],
      [1, 25],
      'of the open text, not of the file',
    );
    const [fix] = await ask<CodeAction[]>('codeAction', {
      range: diagnostics[0].range,
      context: { diagnostics },
    });
    assert.deepEqual(fix.edit?.changes?.[modelUri], [{ range: diagnostics[0].range, newText: 'dense' }]);
    await change(5, { line: 24, character: 4 }, { line: 24, character: 9 }, 'dense');
    const mended = await diagnosticsThat(({ version }) => version === 5);
    // Eighty filters take longer than the budget: a warning, for it is an estimate.
    assert.deepEqual(
      mended.diagnostics.map(({ severity }) => severity),
      [2],
    );
  });

  it('answers everything that an editor asks', async () => {
    const hover = await ask<Hover>('hover', { position: { line: 7, character: 6 } });
    assert.match((hover.contents as { value: string }).value, /80×256/);
    const items = await ask<CompletionItem[]>('completion', { position: { line: 7, character: 14 } });
    assert.ok(items.some(({ label }) => label === 'stride'));
    const [, train] = await ask<CodeLens[]>('codeLens', {});
    assert.deepEqual(train.command, { title: 'Train', command: 'ecg.train', arguments: [{ uri: modelUri }] });
    const symbols = await ask<DocumentSymbol[]>('documentSymbol', {});
    assert.equal(symbols.find(({ name }) => name === 'layers')?.children?.length, 18);
    const teacher = slim.split('\n').findIndex((line) => line.startsWith('distillation')) + 1;
    const definition = await ask<Location>('definition', { position: { line: teacher, character: 30 } });
    assert.match(definition.uri, /teacher\.ecgmodel\.yaml$/);
  });

  it('notices that recordings have moved, and that they are back', async () => {
    await open(dataUri, 'ecgdata', dataset);
    const { diagnostics } = await diagnosticsThat(({ uri }) => uri === dataUri);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['dataset-moved'],
    );
    const [lens] = await ask<CodeLens[]>('codeLens', {}, dataUri);
    assert.equal(lens.command?.command, 'ecg.locateDataset');
    const actions = await ask<CodeAction[]>(
      'codeAction',
      { range: diagnostics[0].range, context: { diagnostics } },
      dataUri,
    );
    assert.deepEqual(actions[0].command?.arguments, [{ uri: dataUri }]);
    fs.mkdirSync(path.join(folder, 'recordings'));
    // The tree asks when files change; answers are kept for a second.
    let summary: DatasetFileSummary;
    do summary = await client.sendRequest(languageMethods.datasetSummary, { uri: dataUri });
    while (!summary.exists);
    assert.equal(summary.errors, 0);
    await diagnosticsThat((p) => p.uri === dataUri && p.diagnostics.length === 0);
  });

  it('leaves files of other kinds alone', async () => {
    const uri = pathToFileURL(path.join(folder, 'other.yaml')).href;
    await open(uri, 'yaml', slim);
    assert.deepEqual(await ask('inlayHint', whole, uri), []);
    assert.equal(await ask('hover', { position: { line: 3, character: 3 } }, uri), null);
  });

  it('ends when it is asked to', async () => {
    await client.sendRequest('shutdown');
    const exited = once(server, 'exit');
    await client.sendNotification('exit');
    assert.deepEqual(await exited, [0, null]);
  });
});

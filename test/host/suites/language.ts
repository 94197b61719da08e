import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { commandIds, languageIds } from '../../../src/vscode/ids.ts';
import { answering, inWorkspace, picking, run, studioApi, until } from '../studio.ts';

async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(name));
  await vscode.window.showTextDocument(document);
  return document;
}

async function hints(document: vscode.TextDocument): Promise<string[]> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  let found: vscode.InlayHint[] = [];
  await until('there are hints', async () => {
    found = (await run<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, whole)) ?? [];
    return found.length > 0;
  });
  return found.map(({ label }) => (typeof label === 'string' ? label : label.map((p) => p.value).join('')));
}

describe('board files', () => {
  const name = 'patch.ecgboard.yaml';
  const text = `version: 1
name: patch
chip: nrf52832
adc: { positive: AIN4, negative: AIN5, gain: 1/7 }
front-end: { gain: 400 }
`;

  it('have what is wrong underlined exactly, hover and completion', async () => {
    fs.writeFileSync(inWorkspace(name), text);
    const document = await open(name);
    assert.equal(document.languageId, languageIds.board);
    const errors = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri);
    await until('the error shows', () => errors().length > 0);
    const [{ range }] = errors();
    assert.equal(document.getText(range), '1/7');
    const [hover] = await run<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, range.start);
    assert.match((hover.contents[0] as vscode.MarkdownString).value, /Gain before the ADC/);
    const { items } = await run<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      range.start,
    );
    assert.ok(items.some(({ label }) => label === '1/6'));
    await vscode.window.activeTextEditor?.edit((edit) => edit.replace(range, '1/6'));
    await until('the error is gone', () => errors().length === 0);
    const lenses = await run<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 5);
    assert.match(lenses[0].command?.title ?? '', /^1 count = 1\.1 µV/);
    await run('workbench.action.files.revert');
    await run('workbench.action.closeAllEditors');
    fs.rmSync(inWorkspace(name));
  });
});

describe('model files', () => {
  it('makes a model from the zoo and opens it', async () => {
    const { result } = await answering('showQuickPick', picking('slim'), () =>
      run<string>(commandIds.newModel),
    );
    assert.equal(result, inWorkspace('slim.ecgmodel.yaml'));
    assert.equal(vscode.window.activeTextEditor?.document.languageId, languageIds.model);
    const again = await answering('showQuickPick', picking('slim'), () => run<string>(commandIds.newModel));
    assert.equal(again.result, inWorkspace('slim-2.ecgmodel.yaml'), 'nothing is overwritten');
    fs.rmSync(again.result);
  });

  it('shows a hint of at most 40 characters beside each layer', async () => {
    const document = await open('slim.ecgmodel.yaml');
    const labels = await hints(document);
    assert.equal(labels.length, 18);
    for (const label of labels) assert.ok([...label].length <= 40, label);
    assert.match(labels[0], /8×256/);
  });

  it('shows no hints where the setting is off', async () => {
    const document = await open('slim.ecgmodel.yaml');
    const configuration = vscode.workspace.getConfiguration('ecg');
    await configuration.update('inlayHints.enabled', false, vscode.ConfigurationTarget.Workspace);
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const found = await run<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, whole);
    assert.deepEqual(found ?? [], []);
    await configuration.update('inlayHints.enabled', undefined, vscode.ConfigurationTarget.Workspace);
  });

  it('hovers, completes, and has lenses with totals and actions', async () => {
    const document = await open('slim.ecgmodel.yaml');
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.includes('conv1d'));
    const at = new vscode.Position(line, 6);
    const [hover] = await run<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
    assert.match((hover.contents[0] as vscode.MarkdownString).value, /Convolution/);
    const lenses = await run<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 20);
    const titles = lenses.map((lens) => lens.command?.title ?? '');
    assert.ok(
      titles.some((title) => /138,244/.test(title)),
      titles.join(' | '),
    );
    assert.ok(lenses.some((lens) => lens.command?.command === commandIds.train));
    const completion = await run<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new vscode.Position(line, 4),
    );
    const labels = completion.items.map((item) =>
      typeof item.label === 'string' ? item.label : item.label.label,
    );
    assert.ok(labels.includes('gru'), labels.join(', '));
  });

  it('underlines an error exactly and takes it away when it is mended', async () => {
    const document = await open('slim.ecgmodel.yaml');
    const editor = vscode.window.activeTextEditor;
    const text = document.getText();
    const at = text.indexOf('gru: 64');
    await editor?.edit((edit) =>
      edit.replace(new vscode.Range(document.positionAt(at), document.positionAt(at + 3)), 'grue'),
    );
    let found: vscode.Diagnostic[] = [];
    await until('the error shows', () => {
      found = vscode.languages.getDiagnostics(document.uri);
      return found.some((d) => d.severity === vscode.DiagnosticSeverity.Error);
    });
    const [error] = found.filter((d) => d.severity === vscode.DiagnosticSeverity.Error);
    assert.equal(document.getText(error.range), 'grue');
    await run('workbench.action.files.revert');
    await until('the error is gone', () =>
      vscode.languages
        .getDiagnostics(document.uri)
        .every((d) => d.severity !== vscode.DiagnosticSeverity.Error),
    );
  });

  it('offers the causal alternative where a step looks into the future', async () => {
    const document = await open('slim.ecgmodel.yaml');
    const editor = vscode.window.activeTextEditor;
    const text = document.getText();
    const at = text.indexOf('zero-phase: false') + 'zero-phase: '.length;
    const whole = new vscode.Range(document.positionAt(at), document.positionAt(at + 5));
    await editor?.edit((edit) => edit.replace(whole, 'true'));
    const warning = (): vscode.Diagnostic | undefined =>
      vscode.languages.getDiagnostics(document.uri).find(({ message }) => /cannot be deployed/.test(message));
    await until('the warning shows', () => warning() !== undefined);
    const { range, severity } = warning() as vscode.Diagnostic;
    assert.deepEqual([document.getText(range), severity], ['true', vscode.DiagnosticSeverity.Warning]);
    const actions = await run<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range);
    const fix = actions.find(({ title }) => title === 'Change to `false`, which a device can do');
    assert.ok(fix?.edit, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(document.getText(), text);
    await until('the warning is gone', () => warning() === undefined);
    await run('workbench.action.files.revert');
  });

  it('leaves other YAML files alone', async () => {
    fs.writeFileSync(inWorkspace('other.yaml'), 'layers:\n  - conv1d: { filters: 8, kernel: 5 }\n');
    const document = await open('other.yaml');
    assert.equal(document.languageId, 'yaml');
    const whole = new vscode.Range(0, 0, 2, 0);
    assert.deepEqual(
      (await run<unknown[]>('vscode.executeInlayHintProvider', document.uri, whole)) ?? [],
      [],
    );
    fs.rmSync(inWorkspace('other.yaml'));
    await run('workbench.action.closeAllEditors');
  });

  it('lists models with their totals', async () => {
    const { views } = await studioApi();
    await until('the model is listed', async () => (await views.models.getChildren()).length === 1);
    let shown = '';
    await until('its totals show', async () => {
      const [node] = await views.models.getChildren();
      shown = String(views.models.getTreeItem(node).description);
      return /parameters/.test(shown);
    });
    assert.equal(shown, '138,244 parameters · 948 k MAC');
  });
});

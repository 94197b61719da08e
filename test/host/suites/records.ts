import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, contextValues, editorIds } from '../../../src/vscode/ids.ts';
import type { RecordNode } from '../../../src/vscode/views/dataset-nodes.ts';
import {
  activeInput,
  children,
  datasetNode,
  itemOf,
  shownRecords,
  splitCounts,
  splitNodes,
} from '../dataset-tree.ts';
import { answering, inWorkspace, picking, run, until } from '../studio.ts';

const file = inWorkspace('sample.ecgdata.yaml');

function text(): string {
  return fs.readFileSync(file, 'utf8');
}

/** Another program writes the file: an editor takes a moment to notice. */
async function writeAsIfOutside(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  fs.writeFileSync(file, content);
  await until('the editor has it', () => document.getText() === content);
}

async function shown(id: string): Promise<RecordNode & { split: string }> {
  const found = (await shownRecords()).find(({ record }) => record === id);
  assert.ok(found, `${id} is shown`);
  return found;
}

/** The first record of a class in the training split. */
async function firstOf(label: string): Promise<RecordNode> {
  const found = (await shownRecords()).find((record) => record.label === label && record.split === 'train');
  assert.ok(found, `there is a record of class ${label}`);
  return found;
}

describe('records of a dataset', () => {
  // Its recordings have moved: their hashes are known by their place.
  before(async () => {
    await run(commandIds.indexDataset, vscode.Uri.file(file));
    await until('the splits are known', async () => (await splitNodes()).length === 3);
  });

  it('are filtered by words of name, class and split, and all are back when the filter is cleared', async () => {
    const filter = (words: string): Promise<unknown> =>
      answering(
        'showInputBox',
        () => words,
        () => run(commandIds.filterRecords),
      );
    await filter('A test');
    const found = await shownRecords();
    assert.ok(found.length > 0 && found.length < 30, `${found.length}`);
    for (const { label, split } of found) assert.deepEqual([label, split], ['A', 'test']);
    assert.match(
      String((await itemOf(await datasetNode())).description),
      new RegExp(`^${found.length} of 300 records`),
    );
    await filter(found[0].record.toLowerCase());
    assert.deepEqual(
      (await shownRecords()).map(({ record }) => record),
      [found[0].record],
    );
    await filter('nowhere to be found');
    assert.deepEqual(await splitCounts(), {});
    await run(commandIds.clearFilter);
    assert.deepEqual(await splitCounts(), { train: 240, validation: 31, test: 29 });
  });

  it('are found by name in a quick open, and opened', async () => {
    const pick = new QuickPickDouble();
    const target = vscode.window as unknown as Record<string, unknown>;
    const original = target.createQuickPick;
    target.createQuickPick = () => pick;
    try {
      const opening = run<vscode.Uri>(commandIds.findRecord);
      await until('records are listed', () => !pick.busy && pick.items.length > 0);
      assert.equal(pick.items.length, 200, 'a list of more would be slow');
      pick.type('s00123');
      assert.deepEqual(
        pick.items.map(({ label }) => label),
        ['S00123'],
      );
      assert.match(pick.items[0].description ?? '', /^[NAO~] · (train|validation|test) · sample$/);
      pick.accept();
      assert.match((await opening).path, /S00123\.ecgrecord$/);
    } finally {
      target.createQuickPick = original;
    }
    await until('it is open', () => activeInput()?.viewType === editorIds.waveform);
    assert.match(activeInput()?.uri.path ?? '', /S00123/);
    await run('workbench.action.closeAllEditors');
  });

  it('are relabelled in the dataset file alone, which can be undone', async () => {
    await writeAsIfOutside(text().replace('split:', '# Dealt by hand.\nsplit:'));
    const before = text();
    const node = await firstOf('N');
    await answering('showQuickPick', picking('O'), () => run(commandIds.relabelRecord, node));
    assert.equal(text(), before.trimEnd() + `\nrelabel:\n  ${node.record}: O\n`);
    await until('the tree has it in its new class', async () => (await shown(node.record)).label === 'O');
    const item = await itemOf(await shown(node.record));
    assert.equal(item.description, 'was N');
    await vscode.window.showTextDocument(vscode.Uri.file(file));
    await run('undo');
    await vscode.window.activeTextEditor?.document.save();
    assert.equal(text(), before);
    await until('the tree has it back', async () => (await shown(node.record)).label === 'N');
    await run('workbench.action.closeAllEditors');
  });

  it('that were relabelled get the class of the source again', async () => {
    const before = text();
    const node = await firstOf('A');
    await answering('showQuickPick', picking('N'), () => run(commandIds.relabelRecord, node));
    await until('it is corrected', async () => (await shown(node.record)).label === 'N');
    await answering('showQuickPick', picking("$(discard) The source's class again"), async () =>
      run(commandIds.relabelRecord, await shown(node.record)),
    );
    assert.equal(text(), before);
    await until('it is back', async () => (await shown(node.record)).label === 'A');
  });

  it('are relabelled to a class that there was none of', async () => {
    const before = text();
    const node = await firstOf('~');
    await answering(
      'showInputBox',
      () => 'pause',
      () =>
        answering('showQuickPick', picking('$(add) Another class …'), () =>
          run(commandIds.relabelRecord, node),
        ),
    );
    await until('there is a new class', async () => (await shown(node.record)).label === 'pause');
    await writeAsIfOutside(before);
    await until('it is gone', async () => (await shown(node.record)).label === '~');
  });

  it('are excluded, several at once, and included again', async () => {
    const before = text();
    const all = (await shownRecords()).filter(({ split }) => split === 'train');
    const chosen = [all[3], all[9], all[27]];
    const names = chosen.map(({ record }) => record);
    await run(commandIds.excludeRecord, chosen[0], chosen);
    await until('they are excluded', async () => (await splitCounts()).excluded === 3);
    assert.equal(text(), before.trimEnd() + `\nexclude:\n${names.map((name) => `  - ${name}\n`).join('')}`);
    const excluded = (await shownRecords()).filter(({ split }) => split === 'excluded');
    assert.deepEqual(excluded.map(({ record }) => record).sort(), [...names].sort());
    for (const node of excluded) {
      assert.equal((await itemOf(node)).contextValue, contextValues.excludedRecord);
    }
    await run(commandIds.includeRecord, excluded[0]);
    await until('one is back', async () => (await splitCounts()).excluded === 2);
    await run(commandIds.includeRecord, excluded[1], [excluded[1], excluded[2]]);
    await until('all are back', async () => (await splitCounts()).excluded === undefined);
    assert.equal(text(), before);
  });

  it('are revealed as the file that they are in', async () => {
    const node = await firstOf('N');
    const uri = await run<vscode.Uri>(commandIds.revealRecord, node);
    assert.equal(uri.fsPath, inWorkspace('elsewhere', `${node.record}.hea`));
  });
});

describe('a dataset file', () => {
  it('that is damaged shows its error in the tree', async () => {
    const broken = inWorkspace('broken.ecgdata.yaml');
    fs.writeFileSync(broken, 'version: 1\nname: broken\nsource: { format: nonsense, path: elsewhere }\n');
    await until('its error is shown', async () => {
      const node = (await children()).find((one) => one.kind === 'dataset' && one.uri.fsPath === broken);
      return (
        node !== undefined && /broken\.ecgdata\.yaml:3.*format/.test(String((await itemOf(node)).description))
      );
    });
    assert.deepEqual(await children(await datasetNode('broken')), []);
    fs.rmSync(broken);
    await until('it is gone', async () => (await children()).length === 1);
  });

  it('that nobody has indexed says so, and has splits when somebody has', async () => {
    const folder = inWorkspace('by hand');
    copyRecords(inWorkspace('elsewhere'), folder, 40);
    const hand = inWorkspace('hand.ecgdata.yaml');
    fs.writeFileSync(hand, 'version: 1\nname: hand\nsource: { format: cinc2017, path: by hand }\n');
    await until('it is shown', async () => (await children()).length === 2);
    const node = await datasetNode('hand');
    const before = await children(node);
    assert.deepEqual(new Set(before.map(({ kind }) => kind)), new Set(['class', 'unindexed']));
    const unindexed = before.find(({ kind }) => kind === 'unindexed');
    assert.ok(unindexed);
    const { label, command } = await itemOf(unindexed);
    assert.equal(label, 'Index to see the splits …');
    await run(commandIds.indexDataset, ...((command?.arguments ?? []) as unknown[]));
    await until('it has splits', async () => (await splitNodes('hand')).length === 3);
    const { train, validation, test } = await splitCounts('hand');
    assert.equal(train + validation + test, 40);
    fs.rmSync(hand);
    await until('it is gone', async () => (await children()).length === 1);
    fs.rmSync(folder, { recursive: true });
  });
});

/** The first so many records of a folder in the challenge's layout, with the times of their files. */
function copyRecords(from: string, to: string, count: number): void {
  fs.mkdirSync(to);
  const lines = fs.readFileSync(path.join(from, 'REFERENCE.csv'), 'utf8').trim().split('\n').slice(0, count);
  for (const line of lines) {
    for (const extension of ['.hea', '.mat']) {
      const name = line.split(',')[0] + extension;
      const { atime, mtime } = fs.statSync(path.join(from, name));
      fs.copyFileSync(path.join(from, name), path.join(to, name));
      fs.utimesSync(path.join(to, name), atime, mtime);
    }
  }
  fs.writeFileSync(path.join(to, 'REFERENCE.csv'), lines.join('\n') + '\n');
}

/** What a command needs of a quick pick, worked by a test. */
class QuickPickDouble {
  items: vscode.QuickPickItem[] = [];
  selectedItems: vscode.QuickPickItem[] = [];
  busy = false;
  placeholder = '';
  matchOnDescription = false;
  value = '';
  readonly #typed = new vscode.EventEmitter<string>();
  readonly #accepted = new vscode.EventEmitter<void>();
  readonly #hidden = new vscode.EventEmitter<void>();
  readonly onDidChangeValue = this.#typed.event;
  readonly onDidAccept = this.#accepted.event;
  readonly onDidHide = this.#hidden.event;

  show(): void {}
  hide(): void {
    this.#hidden.fire();
  }
  dispose(): void {}

  type(value: string): void {
    this.value = value;
    this.#typed.fire(value);
  }
  accept(): void {
    this.selectedItems = this.items.slice(0, 1);
    this.#accepted.fire();
  }
}

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.ts';
import { answering, findRun, inWorkspace, run, studioApi, until, writeModel } from '../studio.ts';

function runFolders(): string[] {
  return fs.readdirSync(inWorkspace('runs')).sort();
}

describe('bad input', () => {
  it('a model file with errors never starts a job and is opened where the error is', async () => {
    const before = runFolders();
    const file = writeModel('broken', 3, 'nonsense: 1\n');
    const { asked } = await answering(
      'showErrorMessage',
      () => undefined,
      () => run(commandIds.train, vscode.Uri.file(file)),
    );
    assert.match(String(asked[0][0]), /broken\.ecgmodel\.yaml:\d+.*nonsense/);
    assert.deepEqual(runFolders(), before);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
    await run('workbench.action.closeAllEditors');
    fs.rmSync(file);
  });

  it('recordings that moved are asked for before a job that needs them', async () => {
    const folder = await findRun(await studioApi(), 'tiny');
    fs.renameSync(inWorkspace('elsewhere'), inWorkspace('third place'));
    const unanswered = await answering(
      'showWarningMessage',
      () => undefined,
      () => run(commandIds.evaluate, folder),
    );
    assert.match(String(unanswered.asked[0][0]), /recordings of data\.ecgdata\.yaml are not at .*elsewhere/);
    assert.equal(unanswered.result, undefined);
    const { result } = await answering(
      'showOpenDialog',
      () => [vscode.Uri.file(inWorkspace('third place'))],
      async () =>
        (
          await answering(
            'showWarningMessage',
            () => 'Locate…',
            () => run<{ records: number } | undefined>(commandIds.evaluate, folder),
          )
        ).result,
    );
    assert.ok(result && result.records > 0);
    fs.renameSync(inWorkspace('third place'), inWorkspace('elsewhere'));
    await answering(
      'showOpenDialog',
      () => [vscode.Uri.file(inWorkspace('elsewhere'))],
      () => run(commandIds.locateDataset, vscode.Uri.file(path.join(folder, 'data.ecgdata.yaml'))),
    );
  });

  it('a missing tool names itself, where it was looked for, and how to install it', async function () {
    this.timeout(60_000);
    const folder = await findRun(await studioApi(), 'tiny');
    const configuration = vscode.workspace.getConfiguration('ecg');
    const nowhere = inWorkspace('no', 'qemu-system-arm');
    await configuration.update('tools.qemu', nowhere, vscode.ConfigurationTarget.Workspace);
    const { asked } = await answering(
      'showErrorMessage',
      () => undefined,
      () => run(commandIds.emulate, folder),
    );
    await configuration.update('tools.qemu', undefined, vscode.ConfigurationTarget.Workspace);
    const message = String(asked[0]?.[0]);
    assert.match(message, /qemu-system-arm/);
    assert.ok(message.includes(nowhere), message);
    assert.match(message, /apt-get install/);
  });

  it('a run that was edited by hand or half deleted shows as damaged', async () => {
    const { studio, views } = await studioApi();
    const half = inWorkspace('runs', '2026-01-01-000000-half');
    const edited = inWorkspace('runs', '2026-01-02-000000-edited');
    fs.mkdirSync(half);
    fs.writeFileSync(path.join(half, 'metrics.jsonl'), '{"epoch": 1');
    fs.mkdirSync(edited);
    fs.writeFileSync(path.join(edited, 'run.json'), '{ "format": 1, "status": ');
    studio.runs.refresh();
    await until('both show as damaged', async () => {
      const items = (await views.runs.getChildren()).map((node) => views.runs.getTreeItem(node));
      return items.filter((item) => item.contextValue === 'damaged').length === 2;
    });
    const { result } = await answering(
      'showWarningMessage',
      () => 'Move to Trash',
      () => run<string>(commandIds.deleteRun, { kind: 'run', run: { folder: half } }),
    );
    assert.equal(result, half);
    assert.ok(!fs.existsSync(half));
    fs.rmSync(edited, { recursive: true });
  });

  it('deletes no run without a yes', async () => {
    const folder = await findRun(await studioApi(), 'steady');
    await answering(
      'showWarningMessage',
      () => undefined,
      () => run(commandIds.deleteRun, folder),
    );
    assert.ok(fs.existsSync(folder));
  });

  it('copies diagnostics without the name of the user', async () => {
    const text = await run<string>(commandIds.copyDiagnostics);
    assert.match(text, /ECG Studio 0\.\d/);
    assert.ok(!process.env.HOME || !text.includes(process.env.HOME));
    assert.equal(await vscode.env.clipboard.readText(), text);
  });
});

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, viewIds } from '../../../src/vscode/ids.ts';
import { studioApi } from '../studio.ts';

describe('activation', () => {
  it('gives an API and shows an idle status', async () => {
    const api = await studioApi();
    assert.match(api.status.text, /ECG/);
    assert.equal(api.studio.compute.pid, undefined, 'no process is started before it is needed');
  });

  it('registers every command that package.json contributes', async () => {
    await studioApi();
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const id of Object.values(commandIds)) assert.ok(registered.has(id), id);
  });

  it('has its four views', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const id of Object.values(viewIds)) assert.ok(registered.has(`${id}.focus`), id);
  });

  it('shows empty trees in an empty folder', async () => {
    const { views } = await studioApi();
    assert.deepEqual(await views.datasets.getChildren(), []);
    assert.deepEqual(await views.models.getChildren(), []);
    assert.deepEqual(await views.runs.getChildren(), []);
    assert.equal(views.boards.getChildren()[0].kind, 'emulator');
  });
});

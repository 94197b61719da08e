import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { commandIds, contextValues, editorIds } from '../../../src/vscode/ids.ts';
import type { ClassNode, RecordNode } from '../../../src/vscode/views/dataset-nodes.ts';
import type { ImportResult } from '../../../src/protocol/compute.ts';
import { activeInput, children, datasetNode, splitCounts, splitNodes } from '../dataset-tree.ts';
import { answering, inWorkspace, nextEvent, run, studioApi, until } from '../studio.ts';

/** Classes of the training split. */
async function classes(): Promise<ClassNode[]> {
  const [train] = await splitNodes();
  return (await children(train)) as ClassNode[];
}

describe('datasets', () => {
  it('synthesizes a sample dataset into the workspace, with progress', async () => {
    const { studio } = await studioApi();
    let snapshots = 0;
    const counting = studio.jobs.onDidChange(() => snapshots++);
    const result = await run<ImportResult>(commandIds.synthesizeDataset);
    counting.dispose();
    assert.equal(result.summary.records, 300);
    assert.ok(fs.existsSync(inWorkspace('sample.ecgdata.yaml')));
    assert.ok(snapshots > 0, 'progress was told');
    assert.deepEqual(studio.jobs.running, []);
    assert.ok(studio.compute.pid, 'the compute process stays for the next job');
  });

  it('shows dataset, splits, classes and records with counts', async () => {
    const { views } = await studioApi();
    assert.deepEqual(await splitCounts(), { train: 240, validation: 31, test: 29 });
    const list = await classes();
    assert.deepEqual(list.map(({ label }) => label).sort(), ['A', 'N', 'O', '~']);
    await until('the count is shown', async () =>
      /^300 records, synthetic$/.test(String(views.datasets.getTreeItem(await datasetNode()).description)),
    );
    const records = (await views.datasets.getChildren(list[0])) as RecordNode[];
    assert.equal(records.length, list[0].records.length);
    assert.equal(views.datasets.getTreeItem(records[0]).contextValue, contextValues.record);
  });

  it('opens a record of the tree and a header file as waveforms', async () => {
    const { views } = await studioApi();
    const [first] = await classes();
    const [record] = (await views.datasets.getChildren(first)) as RecordNode[];
    await run(commandIds.openWaveform, record);
    await until('the record is open', () => activeInput()?.viewType === editorIds.waveform);
    assert.match(activeInput()?.uri.path ?? '', new RegExp(`${record.record}\\.ecgrecord$`));
    await run(commandIds.openWaveform, vscode.Uri.file(inWorkspace('sample-recordings', 'S00001.hea')));
    await until('the header is open', () => activeInput()?.uri.path.endsWith('S00001.hea') ?? false);
    await run('workbench.action.closeAllEditors');
  });

  it('says that a dataset has moved, and locates it again', async () => {
    const { studio, views } = await studioApi();
    fs.renameSync(inWorkspace('sample-recordings'), inWorkspace('elsewhere'));
    const changed = nextEvent(views.datasets.onDidChangeTreeData);
    await run(commandIds.refresh);
    await changed;
    await until('it shows as moved', async () => {
      await classes();
      return views.datasets.getTreeItem(await datasetNode()).contextValue === contextValues.movedDataset;
    });
    assert.match(String(views.datasets.getTreeItem(await datasetNode()).description), /not found/);
    const { uri } = await datasetNode();
    const before = fs.readFileSync(uri.fsPath, 'utf8');
    const diagnosed = (): boolean =>
      vscode.languages.getDiagnostics(uri).some((d) => /no recordings at/.test(d.message));
    await vscode.workspace.openTextDocument(uri);
    await until('the dataset file says so too', diagnosed);
    await answering(
      'showOpenDialog',
      () => [vscode.Uri.file(inWorkspace('elsewhere'))],
      () => run(commandIds.locateDataset, { uri }),
    );
    const after = fs.readFileSync(uri.fsPath, 'utf8');
    assert.equal(after, before.replace('sample-recordings', JSON.stringify(inWorkspace('elsewhere'))));
    studio.files.refresh('dataset');
    await until('it shows as whole again', async () => {
      await classes();
      return views.datasets.getTreeItem(await datasetNode()).contextValue === contextValues.dataset;
    });
  });

  it('imports a folder that the user chooses', async () => {
    const { views } = await studioApi();
    const { result } = await answering(
      'showOpenDialog',
      () => [vscode.Uri.file(inWorkspace('elsewhere'))],
      async () =>
        (
          await answering(
            'showQuickPick',
            async (items) => ((await items) as { label: string }[]).find((i) => /folder/.test(i.label)),
            () => run<ImportResult>(commandIds.importDataset),
          )
        ).result,
    );
    assert.equal(result.summary.name, 'elsewhere');
    await until('both are shown', async () => (await views.datasets.getChildren()).length === 2);
    fs.rmSync(inWorkspace('elsewhere.ecgdata.yaml'));
    await until('one is shown', async () => (await views.datasets.getChildren()).length === 1);
  });
});

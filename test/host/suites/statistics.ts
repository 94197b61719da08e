import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import type { DatasetStatistics } from '../../../src/jobs/statistics.ts';
import type { StatisticsSnapshot } from '../../../src/protocol/webview.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { answering, inWorkspace, picking, run, studioApi, until } from '../studio.ts';

const file = inWorkspace('sample.ecgdata.yaml');

async function snapshot(): Promise<StatisticsSnapshot> {
  return (await studioApi()).studio.panels.statistics.snapshot(file);
}

describe('statistics of a dataset', () => {
  it('are measured with progress and shown in a panel', async () => {
    const { studio } = await studioApi();
    const progress: string[] = [];
    const listening = studio.jobs.onDidChange(
      () => void snapshot().then((now) => progress.push(now.progress)),
    );
    const result = await run<DatasetStatistics>(commandIds.datasetStatistics, { uri: vscode.Uri.file(file) });
    listening.dispose();
    assert.equal(result.records, 300);
    assert.ok(studio.panels.statistics.shown.includes(file));
    assert.ok(
      progress.some((text) => text !== ''),
      'the page tells progress',
    );
    const { statistics, changed, progress: now } = await snapshot();
    assert.ok(statistics);
    assert.deepEqual([statistics.synthetic, changed, now], [true, false, '']);
    const counts = statistics.classes.map(({ splits }) => splits.train + splits.validation + splits.test);
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      300,
    );
    const { good, fair, poor } = statistics.verdicts;
    assert.equal(good + fair + poor, 300);
    assert.equal(statistics.toLookAt.all, fair + poor);
    assert.ok(statistics.toLookAt.all > 0, 'the synthetic noise is found');
  });

  it('show decisions about records at once, and that the figures are those of before', async () => {
    const before = fs.readFileSync(file, 'utf8');
    const first = async () => (await snapshot()).statistics?.toLookAt.first[0];
    const row = await first();
    assert.ok(row);
    const argument = { uri: vscode.Uri.file(file), record: row.record };
    const other = row.label === 'N' ? 'O' : 'N';
    await answering('showQuickPick', picking(other), () => run(commandIds.relabelRecord, argument));
    const relabelled = await first();
    assert.deepEqual([relabelled?.label, relabelled?.sourceLabel], [other, row.label]);
    assert.ok((await snapshot()).changed);
    await run(commandIds.excludeRecord, argument);
    assert.equal((await first())?.excluded, true);
    await run(commandIds.includeRecord, argument);
    await answering('showQuickPick', picking("$(discard) The source's class again"), () =>
      run(commandIds.relabelRecord, argument),
    );
    assert.equal(fs.readFileSync(file, 'utf8'), before);
    assert.deepEqual([(await snapshot()).changed, (await first())?.label], [false, row.label]);
  });

  it('that were cancelled leave the panel with those of before', async () => {
    const { studio } = await studioApi();
    const cancelling = studio.jobs.onDidStart((job) => job.cancel());
    const result = await run(commandIds.datasetStatistics, { uri: vscode.Uri.file(file) });
    cancelling.dispose();
    assert.equal(result, undefined);
    const { statistics, progress } = await snapshot();
    assert.deepEqual([statistics?.records, progress], [300, '']);
    await run('workbench.action.closeAllEditors');
    await until('it is closed', () => studio.panels.statistics.shown.length === 0);
  });
});

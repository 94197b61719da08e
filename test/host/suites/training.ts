import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { TrainResult } from '../../../src/jobs/train.ts';
import { trainingSnapshot } from '../../../src/vscode/panels/training-panel.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { answering, findRun, inWorkspace, nextEvent, run, studioApi, until, writeModel } from '../studio.ts';

async function runItem(folder: string): Promise<vscode.TreeItem> {
  const { views } = await studioApi();
  const nodes = await views.runs.getChildren();
  const node = nodes.find((n) => n.kind === 'run' && n.run.folder === folder);
  assert.ok(node, `${folder} is in the tree`);
  return views.runs.getTreeItem(node);
}

function start(model: string): Promise<TrainResult | undefined> {
  return run<TrainResult | undefined>(commandIds.train, vscode.Uri.file(model));
}

describe('training', () => {
  before(() => {
    fs.rmSync(inWorkspace('slim.ecgmodel.yaml'), { force: true });
  });

  it('trains, with progress in status item and tree, and curves', async () => {
    const { studio, status } = await studioApi();
    const texts = new Set<string>();
    const watching = studio.jobs.onDidChange(() => texts.add(status.text));
    const result = await start(writeModel('tiny', 6));
    watching.dispose();
    assert.equal(result?.info.status, 'done');
    assert.ok(
      [...texts].some((text) => /Train tiny: epoch \d of 6/.test(text)),
      [...texts].join('\n'),
    );
    assert.match(status.text, /ECG$/, 'idle again');
    assert.deepEqual(studio.panels.training.shown, [result.run]);
    const snapshot = await trainingSnapshot(studio, result.run);
    assert.equal(snapshot.metrics.length, 6);
    studio.runs.refresh();
    const item = await runItem(result.run);
    assert.match(String(item.description), /^done · F1 0\.\d{3} \(validation\)/);
    assert.match(item.contextValue ?? '', /\bdone\b/);
  });

  it('tells progress at most ten times a second', async () => {
    const { studio } = await studioApi();
    const times: number[] = [];
    const watching = studio.jobs.onDidChange(() => times.push(performance.now()));
    const started = performance.now();
    await start(writeModel('steady', 10));
    watching.dispose();
    const seconds = (performance.now() - started) / 1000;
    // A run folder and the like are told beside the snapshots.
    assert.ok(times.length <= 10 * seconds + 5, `${times.length} in ${seconds.toFixed(1)} s`);
    assert.ok(times.length > 0);
  });

  it('cancels to a run that can be resumed, and resumes it to the end', async () => {
    const { studio } = await studioApi();
    const running = start(writeModel('stopped', 200));
    await nextEvent(studio.jobs.onDidChange, (job) => /epoch/.test(job.progress?.stage ?? ''));
    assert.equal(studio.jobs.running.length, 1);
    await run(commandIds.cancel);
    assert.equal(await running, undefined);
    assert.deepEqual(studio.jobs.running, []);
    const folder = await findRun(await studioApi(), 'stopped');
    assert.match((await runItem(folder)).contextValue ?? '', /\bcancelled\b/);
    assert.ok(fs.existsSync(path.join(folder, 'checkpoint', 'checkpoint.safetensors')));
    const resuming = run<TrainResult | undefined>(commandIds.resume, folder);
    await nextEvent(studio.jobs.onDidChange, (job) => /epoch ([2-9]|\d\d)/.test(job.progress?.stage ?? ''));
    await run(commandIds.cancel, { run: { folder } });
    assert.equal(await resuming, undefined);
  });

  it('a killed compute process leaves an interrupted run, a message and a Resume; nothing re-trains by itself', async () => {
    const { studio } = await studioApi();
    const { result: folder, asked } = await answering(
      'showWarningMessage',
      () => undefined,
      async () => {
        const running = start(writeModel('killed', 12));
        await nextEvent(studio.jobs.onDidChange, (job) =>
          /epoch ([2-9]|\d\d)/.test(job.progress?.stage ?? ''),
        );
        const pid = studio.compute.pid ?? 0;
        const died = nextEvent(studio.compute.onDied);
        process.kill(pid, 'SIGKILL');
        await died;
        assert.equal(await running, undefined);
        await until('an idle process is there again', () => (studio.compute.pid ?? pid) !== pid);
        return findRun(await studioApi(), 'killed');
      },
    );
    assert.match(String(asked[0]?.[0]), /ended unexpectedly .*killed/);
    assert.ok(asked[0].includes('Resume'));
    assert.deepEqual(studio.jobs.running, [], 'nothing trains by itself');
    assert.match((await runItem(folder)).contextValue ?? '', /\binterrupted\b/);
    const result = await run<TrainResult>(commandIds.resume, folder);
    assert.equal(result.info.status, 'done');
    const lines = fs.readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch),
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });

  it('distils from a run', async () => {
    const teacher = path.basename(await findRun(await studioApi(), 'tiny'));
    const { result } = await answering(
      'showQuickPick',
      async (items) => {
        const list = (await items) as { label: string; detail?: string }[];
        return list.find((item) => item.detail === teacher);
      },
      () => run<TrainResult>(commandIds.distill, vscode.Uri.file(inWorkspace('tiny.ecgmodel.yaml'))),
    );
    assert.equal(result.info.kind, 'distill');
    assert.equal(result.info.status, 'done');
  });
});

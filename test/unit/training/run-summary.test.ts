import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { listRuns, summarizeRun, type WholeRun } from '../../../src/training/run-summary.ts';
import type { RunInfo } from '../../../src/training/run-folder.ts';
import { temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
let made = 0;

const info: RunInfo = {
  format: 1,
  kind: 'train',
  name: 'slim',
  status: 'done',
  pid: process.pid,
  started: '2026-11-25T00:00:00.000Z',
  product: '0.1.0',
  node: process.version,
  seed: 1,
  epochs: 3,
  engine: 'wasm',
  threads: 2,
  bitReproducible: true,
  dataset: { name: 'sample', fingerprint: 'f', synthetic: true },
  modelFingerprint: 'm',
};

const wholeFiles = {
  'weights.safetensors': '',
  'model.ecgmodel.yaml': '',
  'data.ecgdata.yaml': '',
  'metrics.jsonl': '',
  'checkpoint/checkpoint.safetensors': '',
};

function run(change: Partial<RunInfo>, files: Record<string, string> = wholeFiles): string {
  const at = path.join(folder, `run-${++made}`);
  writeFiles(at, { ...files, 'run.json': JSON.stringify({ ...info, ...change }) });
  return at;
}

async function whole(at: string): Promise<WholeRun> {
  const summary = await summarizeRun(at);
  assert.ok(summary && 'info' in summary, JSON.stringify(summary));
  return summary;
}

async function damage(at: string): Promise<string> {
  const summary = await summarizeRun(at);
  assert.ok(summary && 'damaged' in summary, JSON.stringify(summary));
  return summary.damaged;
}

describe('summary of a run', () => {
  it('tells status, figures and what there is of a whole run', async () => {
    const at = run({});
    writeFiles(at, {
      'report.json': JSON.stringify({ f1Mean: 0.8, accuracy: 0.9, records: 30, dataset: { split: 'test' } }),
      'quantized/network.json': '{}',
    });
    const { info: read, evaluated, evaluatedInteger, quantized, firmware } = await whole(at);
    assert.equal(read.status, 'done');
    assert.deepEqual(evaluated, { f1Mean: 0.8, accuracy: 0.9, records: 30, split: 'test' });
    assert.deepEqual([evaluatedInteger, quantized, firmware], [undefined, true, false]);
  });

  it('a run that says running is running while its process lives, and interrupted once it is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    assert.equal((await whole(run({ status: 'running', pid: process.ppid }))).info.status, 'running');
    assert.equal((await whole(run({ status: 'running', pid }))).info.status, 'interrupted');
  });

  it('says what is wrong with a damaged one', async () => {
    const noInfo = path.join(folder, 'no-info');
    writeFiles(noInfo, { 'metrics.jsonl': '' });
    assert.match(await damage(noInfo), /run\.json is missing/);
    const cut = run({});
    fs.writeFileSync(path.join(cut, 'run.json'), '{ "format": 1, "sta');
    assert.match(await damage(cut), /not valid JSON/);
    const { 'weights.safetensors': _weights, ...without } = wholeFiles;
    assert.match(await damage(run({}, without)), /weights\.safetensors missing/);
    assert.equal((await whole(run({ status: 'cancelled' }, without))).info.status, 'cancelled');
    const { 'model.ecgmodel.yaml': _model, ...withoutModel } = wholeFiles;
    assert.match(await damage(run({ status: 'cancelled' }, withoutModel)), /model\.ecgmodel\.yaml missing/);
    assert.match(await damage(run({ status: 'finished' as 'done' })), /lacks settings/);
    assert.match(await damage(run({ format: 2 as 1 })), /version/);
    fs.writeFileSync(path.join(cut, 'run.json'), 'null');
    assert.match(await damage(cut), /version/);
  });

  it('a run lacks its checkpoint once a second epoch is written, and not before: the first line precedes it', async () => {
    const { 'checkpoint/checkpoint.safetensors': _checkpoint, ...without } = wholeFiles;
    const first = { ...without, 'metrics.jsonl': '{"epoch":1}\n' };
    const second = { ...without, 'metrics.jsonl': '{"epoch":1}\n{"epoch":2}\n' };
    const running = { status: 'running', pid: process.ppid } as const;
    assert.equal((await whole(run(running, first))).info.status, 'running');
    assert.match(await damage(run(running, second)), /checkpoint missing/);
    assert.match(await damage(run({ status: 'cancelled' }, first)), /checkpoint missing/);
    const empty = run({ status: 'failed' }, second);
    fs.mkdirSync(path.join(empty, 'checkpoint'));
    assert.match(await damage(empty), /checkpoint missing/);
    fs.writeFileSync(path.join(empty, 'checkpoint', 'checkpoint.safetensors.previous'), '');
    assert.equal((await whole(empty)).info.status, 'failed');
  });

  it('a run that has only begun is whole', async () => {
    assert.equal((await whole(run({ status: 'running', pid: process.ppid }, {}))).info.status, 'running');
  });

  it('a folder that has nothing of a run is none', async () => {
    const other = path.join(folder, 'other');
    writeFiles(other, { 'notes.txt': '' });
    assert.equal(await summarizeRun(other), undefined);
    assert.equal(await summarizeRun(path.join(folder, 'not-there')), undefined);
  });

  it('an edited report is no figure', async () => {
    const at = run({});
    writeFiles(at, { 'report.json': '{ "f1Mean": "good" }' });
    assert.equal((await whole(at)).evaluated, undefined);
  });

  it('lists runs newest first, also those of a demo one folder deeper', async () => {
    const runs = path.join(folder, 'runs');
    for (const name of [
      '2026-01-01-000000-a',
      '2026-03-01-000000-demo/2026-02-01-000000-b',
      '2026-01-15-000000-c',
    ]) {
      writeFiles(path.join(runs, name), { ...wholeFiles, 'run.json': JSON.stringify(info) });
    }
    assert.deepEqual(
      (await listRuns(runs)).map((r) => path.basename(r.folder)),
      ['2026-02-01-000000-b', '2026-01-15-000000-c', '2026-01-01-000000-a'],
    );
    assert.deepEqual(await listRuns(path.join(folder, 'no-runs')), []);
  });
});

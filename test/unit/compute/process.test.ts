import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, describe, it } from 'node:test';
import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  type ResponseError,
} from 'vscode-jsonrpc/node';
import {
  computeMethods,
  type FailureData,
  type ImportResult,
  type ProgressParams,
  type RunFolderParams,
} from '../../../src/protocol/compute.ts';
import type { ListedDataset } from '../../../src/jobs/list-records.ts';
import type { RunInfo } from '../../../src/training/run-folder.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const entry = path.resolve(import.meta.dirname, '..', '..', '..', 'src', 'compute', 'main.ts');

interface Process {
  child: ChildProcess;
  connection: MessageConnection;
}

function start(): Process {
  const child = fork(entry, [], { serialization: 'advanced', execArgv: [] });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  connection.listen();
  return { child, connection };
}

const model = path.join(folder, 'tiny.ecgmodel.yaml');
fs.writeFileSync(
  model,
  `version: 1
name: tiny
input: { rate: 100, window: 128, hop: 64 }
classes: [N, A, O, "~"]
layers:
  - conv1d: { filters: 8, kernel: 5, activation: relu }
  - global-average-pool
  - gru: 8
  - dense: 4
training: { epochs: 2000, batch: 8 }
`,
);

/** Start a training that would take long; resolves with its run folder once an epoch has progressed. */
function training(
  { connection }: Process,
  id: number,
  data: string,
): {
  run: Promise<string>;
  result: Promise<unknown>;
  cancel: () => void;
} {
  const source = new CancellationTokenSource();
  const inputs = { modelFile: model, data, runs: path.join(folder, 'runs'), seed: 1, threads: 1 };
  const run = new Promise<string>((resolve) => {
    let made = '';
    connection.onNotification(computeMethods.run, (params: RunFolderParams) => {
      if (params.id === id) made = params.folder;
    });
    connection.onNotification(computeMethods.progress, (params: ProgressParams) => {
      if (params.id === id && /epoch/.test(params.progress.stage) && made !== '') resolve(made);
    });
  });
  const result = connection.sendRequest(computeMethods.job, { id, name: 'train', inputs }, source.token);
  return { run, result, cancel: () => source.cancel() };
}

function infoOf(run: string): RunInfo {
  return JSON.parse(fs.readFileSync(path.join(run, 'run.json'), 'utf8')) as RunInfo;
}

function hasCheckpoint(run: string): boolean {
  return fs.existsSync(path.join(run, 'checkpoint', 'checkpoint.safetensors'));
}

describe('the compute process', () => {
  const process_ = start();
  const { connection, child } = process_;
  let data = '';
  after(() => {
    connection.dispose();
    child.kill('SIGKILL');
  });

  it('runs a job in a thread, tells its progress, and gives its result', async () => {
    const told: ProgressParams[] = [];
    connection.onNotification(computeMethods.progress, (params: ProgressParams) => {
      told.push(params);
    });
    const { file, summary } = await connection.sendRequest<ImportResult>(computeMethods.job, {
      id: 1,
      name: 'synthesize',
      inputs: { folder, records: 40, seed: 1 },
    });
    data = file;
    assert.equal(summary.records, 40);
    assert.ok(told.length > 0 && told.every(({ id }) => id === 1));
  });

  it('answers queries, samples as typed arrays', async () => {
    const list = await connection.sendRequest<ListedDataset>(computeMethods.query, {
      name: 'listRecords',
      inputs: { data },
    });
    assert.equal(list.records, 40);
    const [lead] = await connection.sendRequest<Float32Array[]>(computeMethods.query, {
      name: 'samples',
      inputs: { data, record: list.classes[0].ids[0], start: 0, count: 300 },
    });
    assert.ok(lead instanceof Float32Array);
    assert.equal(lead.length, 300);
  });

  it('an error of the user arrives with its place and what to do', async () => {
    const inputs = { modelFile: path.join(folder, 'no-model.yaml'), data, runs: folder, seed: 1 };
    const failing = connection.sendRequest(computeMethods.job, { id: 2, name: 'train', inputs });
    await assert.rejects(failing, ({ data: failure }: ResponseError<FailureData>) => {
      assert.equal(failure?.kind, 'user');
      assert.equal(failure.place.file, inputs.modelFile);
      assert.match(failure.advice, /path/);
      return true;
    });
  });

  it('a cancelled training ends as cancelled, with a checkpoint', async () => {
    const { run, result, cancel } = training(process_, 3, data);
    const made = await run;
    cancel();
    await assert.rejects(
      result,
      ({ data: failure }: ResponseError<FailureData>) => failure?.kind === 'cancelled',
    );
    assert.equal(infoOf(made).status, 'cancelled');
    assert.ok(hasCheckpoint(made));
  });

  it('settings that come later hold for the next job', async () => {
    const environment = { ECG_TOOL_OPENOCD: path.join(folder, 'no-openocd') };
    await connection.sendNotification(computeMethods.configure, { environment });
    const failing = connection.sendRequest(computeMethods.job, { id: 4, name: 'probes', inputs: {} });
    await assert.rejects(failing, ({ data: failure }: ResponseError<FailureData>) => {
      assert.equal(failure?.kind, 'missing-tool');
      assert.ok(failure.advice.includes(environment.ECG_TOOL_OPENOCD), failure.advice);
      return true;
    });
  });

  it('ends by itself when its parent is gone, its training with a checkpoint', async () => {
    const other = start();
    const { run, result } = training(other, 1, data);
    result.catch(() => {}); // Nobody is there to hear it.
    const made = await run;
    const ended = new Promise<number | null>((resolve) => other.child.once('exit', resolve));
    other.child.disconnect();
    assert.equal(await ended, 0);
    assert.equal(infoOf(made).status, 'cancelled');
    assert.ok(hasCheckpoint(made));
  });
});

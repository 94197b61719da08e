import assert from 'node:assert/strict';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, afterEach, describe, it } from 'node:test';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
  type ResponseError,
} from 'vscode-jsonrpc/node';
import { Cancellation } from '../../../src/common/job.ts';
import { ComputeServer } from '../../../src/compute/server.ts';
import { ComputeThread, ThreadFailure } from '../../../src/compute/thread.ts';
import { computeMethods, type FailureData } from '../../../src/protocol/compute.ts';
import { RunFolder, type RunStatus } from '../../../src/training/run-folder.ts';
import type { MortalInputs } from '../../fixtures/mortal-thread.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const entry = path.resolve(import.meta.dirname, '..', '..', 'fixtures', 'mortal-thread.ts');
const timeout = 60_000;

describe('a thread of the compute process', { timeout }, () => {
  let thread = new ComputeThread('job', entry);
  let made = 0;
  afterEach(async () => {
    await thread.close();
    thread = new ComputeThread('job', entry);
  });
  after(() => thread.close());

  function request(does: MortalInputs['does']): Promise<unknown> {
    return thread.request(
      { id: ++made, kind: 'query', name: 'samples', inputs: { does } },
      new Cancellation(),
    );
  }

  /** Asserts that it has failed as a defect that says so. */
  async function defect(asked: Promise<unknown>, message: RegExp): Promise<FailureData> {
    const [{ status, ...rest }] = await Promise.allSettled([asked]);
    assert.equal(status, 'rejected');
    const { reason } = rest as { reason: unknown };
    assert.ok(reason instanceof ThreadFailure, String(reason));
    assert.equal(reason.data.kind, 'defect');
    assert.match(reason.data.message, message);
    return reason.data;
  }

  it('that ends rejects everything that it was asked, once, and answered requests stay answered', async () => {
    const answered = request('answer');
    assert.equal(await answered, 'first');
    const waiting = [request('wait'), request('wait')];
    let ends = 0;
    for (const asked of waiting) asked.catch(() => ends++);
    await defect(request('exit'), /ended with code 7/);
    for (const asked of waiting) await defect(asked, /ended with code 7/);
    assert.equal(ends, 2);
    assert.equal(await answered, 'first');
    assert.ok(thread.ended);
  });

  it('that throws where nobody catches it says what it threw, and where', async () => {
    const waiting = request('wait');
    const { stack } = await defect(request('throw'), /out of some limit/);
    assert.match(stack ?? '', /mortal-thread/);
    await defect(waiting, /out of some limit/);
  });

  it('that has ended refuses what it is asked then: no request is left without an end', async () => {
    await defect(request('exit'), /code 7/);
    await defect(request('answer'), /has ended/);
  });

  it('that is closed ends what it has not answered', async () => {
    const waiting = request('wait');
    waiting.catch(() => {}); // It rejects while the thread is closed.
    await thread.close();
    await defect(waiting, /ended/);
  });

  it('tells nothing of a request that has ended', async () => {
    const heard: unknown[] = [];
    const asked = { id: ++made, kind: 'query', name: 'samples', inputs: { does: 'babble' } } as const;
    const first = thread.request(asked, new Cancellation(), (message) => heard.push(message));
    assert.equal(await first, 'first');
    assert.equal(await request('answer'), 'first', 'what came between has been read by now');
    assert.deepEqual(heard, [{ id: asked.id, log: 'in time' }]);
  });
});

describe('the compute process, whose thread dies', { timeout }, () => {
  const folder = temporaryFolder();
  const connections: MessageConnection[] = [];
  const [up, down] = [new PassThrough(), new PassThrough()];
  const client = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const inner = createMessageConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  connections.push(client, inner);
  client.listen();
  const server = new ComputeServer(inner, (use) => new ComputeThread(use, entry));
  after(async () => {
    await server.stop();
    for (const connection of connections) connection.dispose();
  });

  let made = 0;
  function job(inputs: MortalInputs): Promise<unknown> {
    return client.sendRequest(computeMethods.job, { id: ++made, name: 'train', inputs });
  }
  function query(does: MortalInputs['does']): Promise<unknown> {
    return client.sendRequest(computeMethods.query, { name: 'samples', inputs: { does } });
  }
  function isDefect({ data }: ResponseError<FailureData>): boolean {
    assert.equal(data?.kind, 'defect');
    assert.match(data.message, /code 7|out of some limit/);
    return true;
  }

  function newRun(status: RunStatus): string {
    const run = RunFolder.create(folder, {
      kind: 'train',
      name: 'tiny',
      seed: 1,
      epochs: 2,
      engine: 'wasm',
      threads: 1,
      dataset: { name: 'sample', fingerprint: 'f', synthetic: true },
      modelFingerprint: 'm',
    });
    run.update({ status });
    return run.folder;
  }

  it('rejects its job and says so in the job’s run, which could not', async () => {
    const run = newRun('running');
    await assert.rejects(job({ does: 'throw', run }), isDefect);
    const { status, error, ended } = RunFolder.open(run).info;
    assert.equal(status, 'failed');
    assert.match(error ?? '', /out of some limit/);
    assert.ok(ended);
  });

  it('leaves a run alone that had ended before', async () => {
    const run = newRun('cancelled');
    await assert.rejects(job({ does: 'exit', run }), isDefect);
    assert.equal(RunFolder.open(run).info.status, 'cancelled');
  });

  it('rejects its job although the run folder is gone', async () => {
    await assert.rejects(job({ does: 'exit', run: `${folder}/not-there` }), isDefect);
  });

  it('does other jobs as if nothing had happened', async () => {
    const dying = job({ does: 'exit' });
    const other = job({ does: 'answer' });
    await assert.rejects(dying, isDefect);
    assert.equal(await other, 'first');
  });

  it('answers the next query with another thread', async () => {
    const waiting = query('wait');
    const dying = query('exit');
    await Promise.all([assert.rejects(waiting, isDefect), assert.rejects(dying, isDefect)]);
    assert.equal(await query('answer'), 'first');
  });
});

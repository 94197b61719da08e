import assert from 'node:assert/strict';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ResponseError } from 'vscode-jsonrpc/node';
import type { ListedDataset } from '../../../src/jobs/list-records.ts';
import type { OpenedRecord } from '../../../src/jobs/opened-records.ts';
import { computeMethods, type FailureData } from '../../../src/protocol/compute.ts';
import { ComputeProcess } from '../../fixtures/compute-process.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

describe('the compute process', { timeout: 120_000 }, () => {
  const compute = new ComputeProcess();
  let data = '';
  after(() => compute.dispose());

  function query<R>(name: string, inputs: object): Promise<R> {
    return compute.connection.sendRequest<R>(computeMethods.query, { name, inputs });
  }

  before(async () => {
    const job = compute.job('synthesize', { folder, records: 40, seed: 1 });
    const { file, summary } = await job.result;
    data = file;
    assert.equal(summary.records, 40);
    assert.ok(job.told.length > 0 && job.told.every(({ id }) => id === job.id));
    for (const { progress } of job.told) assert.ok(progress.stage !== '' && progress.done <= progress.total);
  });

  it('answers queries, samples as typed arrays', async () => {
    const list = await query<ListedDataset>('listRecords', { data });
    assert.equal(list.records.length, 40);
    const record = list.records[0].id;
    const { sampleCount } = await query<OpenedRecord>('openRecord', { data, record });
    const [lead] = await query<Float32Array[]>('samples', { data, record, start: 0, count: sampleCount });
    assert.ok(lead instanceof Float32Array);
    assert.equal(lead.length, sampleCount);
    assert.ok(lead.every((v) => Math.abs(v) < 10) && lead.some((v) => v !== 0), 'mV');
  });

  it('questions that fail leave the next ones answered', async () => {
    await assert.rejects(query('openRecord', { data, record: 'none' }), /no such record/);
    await assert.rejects(query('no-such-query', {}), ({ data: failure }: ResponseError<FailureData>) => {
      assert.equal(failure?.kind, 'defect');
      return true;
    });
    const lists = Array.from({ length: 3 }, () => query<ListedDataset>('listRecords', { data }));
    assert.deepEqual(
      (await Promise.all(lists)).map(({ records }) => records.length),
      [40, 40, 40],
    );
  });

  it('an error of the user arrives with its place and what to do', async () => {
    const inputs = { modelFile: path.join(folder, 'no-model.yaml'), data, runs: folder, seed: 1 };
    await assert.rejects(
      compute.job('train', inputs).result,
      ({ data: failure }: ResponseError<FailureData>) => {
        assert.equal(failure?.kind, 'user');
        assert.equal(failure.place.file, inputs.modelFile);
        assert.match(failure.advice, /path/);
        return true;
      },
    );
  });

  it('settings that come later hold for the next job', async () => {
    const environment = { ECG_TOOL_OPENOCD: path.join(folder, 'no-openocd') };
    await compute.connection.sendNotification(computeMethods.configure, { environment });
    await assert.rejects(
      compute.job('probes', {}).result,
      ({ data: failure }: ResponseError<FailureData>) => {
        assert.equal(failure?.kind, 'missing-tool');
        assert.ok(failure.advice.includes(environment.ECG_TOOL_OPENOCD), failure.advice);
        return true;
      },
    );
  });
});

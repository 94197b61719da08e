import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { resumeJob, trainJob } from '../../../src/jobs/train.ts';
import { RunFolder } from '../../../src/training/run-folder.ts';
import { cancelAfter, inputs, stoppedRun, weightsOf } from '../../fixtures/tiny-training.ts';

const kindOf = (run: string): string => RunFolder.open(run).info.engine.split(' ').slice(0, 2).join(' ');
const onSimd128 = { ...inputs, engine: 'simd128' } as const;

describe('the engine of a training', () => {
  it('is the one that was asked for, and run.json says what was asked for and which it is', async () => {
    const { run, info } = await trainJob({ ...onSimd128, epochs: 1 }, silentContext());
    assert.equal(kindOf(run), 'wasm simd128');
    assert.equal(info.engineChoice, 'simd128');
    assert.equal(info.engineFallback, undefined);
  });

  it('is kept by a resume, bit for bit, whatever would be chosen now', async () => {
    const { run: whole } = await trainJob(onSimd128, silentContext());
    const run = await stoppedRun(cancelAfter(5), onSimd128);
    // A run of an older version, or one that was left to `auto` on a machine that had nothing better.
    RunFolder.open(run).update({ engineChoice: 'auto' });
    const { info } = await resumeJob(run, silentContext());
    assert.equal(kindOf(run), 'wasm simd128');
    assert.equal(info.bitReproducible, true);
    assert.equal(weightsOf(run), weightsOf(whole));
  });

  it('is the one that was asked for also where the run was stopped before it had one', async () => {
    const run = await stoppedRun(cancelAfter(1), onSimd128);
    RunFolder.open(run).update({ engine: '' });
    await resumeJob(run, silentContext());
    assert.equal(kindOf(run), 'wasm simd128');
  });

  it('is another where the resume asks for it, and the run is marked then', async () => {
    const run = await stoppedRun(cancelAfter(5), onSimd128);
    const { info } = await resumeJob(run, silentContext(), 'relaxed-simd');
    assert.equal(kindOf(run), 'wasm relaxed-simd');
    assert.equal(info.engineChoice, 'relaxed-simd');
    assert.equal(info.bitReproducible, false);
  });

  it('is the best where this machine has not what the run was started with, and the log says so', async () => {
    const run = await stoppedRun(cancelAfter(5), { ...inputs, engine: 'wasm' } as const);
    const missing = process.arch === 'x64' ? 'neon' : 'avx2';
    RunFolder.open(run).update({ engine: `native ${missing} fma 0123456789ab`, engineChoice: missing });
    const lines: string[] = [];
    const { info } = await resumeJob(run, { ...silentContext(), log: (line) => lines.push(line) });
    assert.equal(info.status, 'done');
    assert.ok(
      lines.some((line) => line.includes(`cannot be had: this processor has no ${missing}`)),
      lines.join('\n'),
    );
  });
});

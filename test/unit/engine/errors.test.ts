import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { loadKernels } from '../../../src/engine/load.ts';
import type { Network, NetworkLayer } from '../../../src/model/network.ts';
import { noiseRecords, withEngine } from './helpers.ts';
import type { LayerEntry } from '../../fixtures/network.ts';
import { network } from './networks.ts';

const options = { threads: 1, seed: 1, training: true };
const layers: LayerEntry[] = [
  ['conv1d', { filters: 3, kernel: 3 }],
  ['global-average-pool', null],
  ['gru', 4],
  ['dense', 4],
];
const small = network({ window: 8, hop: 4, layers });

function rejects(net: Network, message: RegExp, layer?: string): Promise<void> {
  return assert.rejects(Engine.create(net, options), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    if (layer) assert.equal(error.place.layer, layer);
    return true;
  });
}

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** Runs in a process of its own, since it ends or kills threads; in WebAssembly, where a bad address ends a thread alone. */
function script(lines: string, before = ''): string {
  const head = `
    ${before}
    import { Engine } from ${JSON.stringify(path.join(root, 'src/engine/engine.ts'))};
    import { network } from ${JSON.stringify(path.join(root, 'test/unit/engine/networks.ts'))};
    const net = network(${JSON.stringify({ window: 8, hop: 4, layers })});
    const records = [{ signal: new Float32Array(40).fill(1), label: 1 }];
    const engine = await Engine.create(net, { threads: 3, seed: 1, training: true, kernels: 'wasm' });
  `;
  return execFileSync(process.execPath, ['--input-type=module', '-e', head + lines], {
    encoding: 'utf8',
    timeout: 30_000,
  });
}

describe('engine: errors', () => {
  test('a layer that cannot be trained is refused by name before anything starts', async () => {
    const late = network({
      window: 8,
      hop: 4,
      layers: [...layers.slice(0, 3), ['batch-norm', null], layers[3]],
    });
    await rejects(late, /batch-norm behind a recurrent layer/, 'batch-norm-1');
    const hard = network({
      window: 8,
      hop: 4,
      layers: [
        layers[0],
        layers[1],
        ['gru', { units: 4, 'recurrent-activation': 'hard-sigmoid' }],
        layers[3],
      ],
    });
    await rejects(hard, /hard-sigmoid/, 'gru-1');
    const wide = network({ window: 600, hop: 4, layers: [['max-pool', 300], layers[1], layers[3]] });
    await rejects(wide, /more than 256 positions/, 'max-pool-1');
  });

  test('a network with a layer that nobody reads, or that does not end in one value a class, is refused', async () => {
    const skipping = {
      ...small,
      layers: small.layers.map((layer, i) => (i === 3 ? { ...layer, from: [1] } : layer)),
    };
    await rejects(skipping, /no layer reads this one/, 'gru-1');
    const five: LayerEntry[] = [...layers.slice(0, 3), ['dense', 5]];
    const { classes } = small;
    const ending = (entries: readonly LayerEntry[]): Network => ({
      ...network({ window: 8, hop: 4, layers: entries }),
      classes,
    });
    await rejects(ending(five), /one value for each of the 4 classes/);
    await rejects(ending(layers.slice(0, 1)), /one value for each/);
  });

  test('weights with a missing, surplus or wrongly sized tensor are refused by name', async () => {
    await withEngine(small, {}, (engine) => {
      const changed = (change: (weights: Map<string, Float32Array>) => void) => {
        const weights = engine.weights();
        change(weights);
        return () => engine.setWeights(weights);
      };
      const says = (message: RegExp) => (error: unknown) =>
        error instanceof UserError && message.test(error.message);
      assert.throws(
        changed((w) => w.delete('gru-1/bias')),
        says(/no gru-1\/bias/),
      );
      assert.throws(
        changed((w) => w.set('gru-1/bias', new Float32Array(5))),
        says(/5 values, the network needs 12/),
      );
      assert.throws(
        changed((w) => w.set('gru-2/bias', new Float32Array(5))),
        says(/gru-2\/bias/),
      );
      engine.setWeights(engine.weights());
    });
  });

  test('a batch beyond 4 GB is a UserError, and the engine goes on', async () => {
    await withEngine(small, {}, (engine) => {
      const long = { signal: new Float32Array(6_000_000), label: 1 };
      assert.throws(
        () => engine.trainBatch([long], { learningRate: 0.1 }),
        (error: unknown) => error instanceof UserError && /GB of memory/.test(error.message),
      );
      assert.ok(engine.trainBatch(noiseRecords([40]), { learningRate: 0.1 }).loss > 0);
    });
  });

  test('a process that forgets to close its engine ends all the same', () => {
    assert.equal(
      script(`console.log(engine.trainBatch(records, { learningRate: 0.1 }).loss > 0);`),
      'true\n',
    );
  });

  test('a thread that crashes makes the next step throw, not hang', () => {
    // The first shared buffer is the control words. A phase with the items outside of the memory traps in a thread.
    const before = `
      const buffers = [];
      globalThis.SharedArrayBuffer = new Proxy(SharedArrayBuffer, {
        construct: (Target, values) => (buffers.push(new Target(...values)), buffers.at(-1)),
      });
    `;
    const after = `
      const { phase, word } = await import(${JSON.stringify(path.join(root, 'src/engine/control.ts'))});
      engine.trainBatch(records, { learningRate: 0.1 });
      const words = new Int32Array(buffers[0]);
      words[word.phase] = phase.forward;
      words[word.units] = 1;
      words[word.itemBase] = -4096;
      words[word.next] = 0;
      Atomics.add(words, word.generation, 1);
      Atomics.notify(words, word.generation);
      while (Atomics.load(words, word.failed) === 0);
      try {
        engine.trainBatch(records, { learningRate: 0.1 });
      } catch (error) {
        console.log(error.message.split('\\n')[0]);
      }
    `;
    assert.equal(script(after, before), 'the engine failed: RuntimeError: memory access out of bounds\n');
  });

  test('kernels that cannot be had are refused by name, and `auto` goes on with WebAssembly', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg kernels-'));
    try {
      const wasm = 'engine-relaxed.wasm';
      fs.copyFileSync(path.join(root, 'dist', 'kernels', wasm), path.join(folder, wasm));
      const addon = path.join(folder, `engine-${process.platform}-${process.arch}.node`);
      await assert.rejects(loadKernels('native', folder), /there is no native engine for/);
      fs.writeFileSync(addon, 'no library');
      await assert.rejects(
        loadKernels('native', folder),
        (error: unknown) =>
          error instanceof UserError &&
          /the native engine does not load/.test(error.message) &&
          error.place.file === addon,
      );
      const { instructionSet, fallback } = await loadKernels('auto', folder);
      assert.equal(instructionSet, 'relaxed-simd');
      assert.match(fallback ?? '', /does not load|were not tested/);
      assert.equal((await loadKernels('wasm', folder)).fallback, undefined);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test('an instruction set that the processor lacks, and an engine that is none', async () => {
    await assert.rejects(loadKernels(process.arch === 'x64' ? 'neon' : 'avx2'), UserError);
    process.env.ECG_ENGINE = 'gpu';
    try {
      await assert.rejects(
        Engine.create(small, options),
        (error: unknown) => error instanceof UserError && /ECG_ENGINE is gpu/.test(error.message),
      );
    } finally {
      delete process.env.ECG_ENGINE;
    }
  });

  test('a thread that cannot start rejects, with the reason', async () => {
    // Structured cloning leaves prototypes behind: the other thread finds a layer without a kind.
    const lost = small.layers.map((layer, i) => (i === 2 ? (Object.create(layer) as NetworkLayer) : layer));
    await assert.rejects(
      Engine.create({ ...small, layers: lost }, { ...options, threads: 2 }),
      /not a function/,
    );
  });
});

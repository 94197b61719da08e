import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { FLOAT, LANES, rowFloats, tensorBytes, type Address } from '../../../src/engine/kernels.ts';
import { createMemory, heapBase, instantiate, loadKernels } from '../../../src/engine/load.ts';
import { OutputActivation } from '../../../src/layers/activation-train.ts';
import { Linear, type LinearShape } from '../../../src/layers/linear-train.ts';
import { instructionSets, relativeError } from './helpers.ts';

const tolerance = 1e-6;

/** Tails of every length, paddings, and more rows than the kernels take at a time. */
const shapes: LinearShape[] = [
  { outputs: 8, channels: 8, length: 8, xLength: 8, taps: 5, before: 2 },
  { outputs: 13, channels: 12, length: 27, xLength: 27, taps: 5, before: 2 },
  { outputs: 70, channels: 8, length: 34, xLength: 34, taps: 5, before: 4 },
  { outputs: 9, channels: 68, length: 34, xLength: 34, taps: 5, before: 2 },
  { outputs: 9, channels: 8, length: 21, xLength: 25, taps: 5, before: 0 },
  { outputs: 16, channels: 8, length: 64, xLength: 64, taps: 3, before: 1 },
  { outputs: 11, channels: 20, length: 29, xLength: 29, taps: 3, before: 2 },
  { outputs: 8, channels: 16, length: 9, xLength: 11, taps: 3, before: 0 },
];

interface Tensor {
  at: Address;
  stride: number;
  channels: number;
  length: number;
}

for (const kernelsName of instructionSets) {
  describe(`engine: Winograd's convolution against float64, ${kernelsName}`, () => {
    for (const shape of shapes) {
      test(JSON.stringify(shape), async () => {
        const windows = 3;
        const { outputs, channels, length, xLength, taps, before } = shape;
        const memory = createMemory(2 ** 24);
        const kernels = await instantiate(await loadKernels(kernelsName), memory, 2 * heapBase);
        const floats = new Float32Array(memory.buffer);
        let next = 2 * heapBase;
        const take = (bytes: number): Address => {
          const at = next;
          next += Math.ceil(bytes / 64) * 64;
          return at;
        };
        const tensor = (rows: number, positions: number): Tensor => {
          const stride = tensorBytes({ channels: rows, length: positions });
          return { at: take(stride * windows), stride, channels: rows, length: positions };
        };
        const random = new RandomStream(1, 'winograd', JSON.stringify(shape));
        const fill = (at: Address, count: number) => {
          for (let i = 0; i < count; i++) floats[at / FLOAT + i] = random.normal();
        };
        const value = (t: Tensor, n: number, c: number, p: number, lane: number): number =>
          p < 0 || p >= t.length
            ? 0
            : floats[(t.at + n * t.stride) / FLOAT + c * rowFloats(t.length) + p * LANES + lane];
        /** All values, in order. */
        const values = (t: Tensor, of = value): number[] => {
          const all: number[] = [];
          for (let n = 0; n < windows; n++)
            for (let c = 0; c < t.channels; c++)
              for (let p = 0; p < t.length; p++)
                for (let lane = 0; lane < LANES; lane++) all.push(of(t, n, c, p, lane));
          return all;
        };

        const linear = Linear.convolution(shape);
        assert.ok(linear.scratchBytes > 0, 'the shape is computed by Winograd');
        const [x, y, dx, dy] = [
          tensor(channels, xLength),
          tensor(outputs, length),
          tensor(channels, xLength),
          tensor(outputs, length),
        ];
        const weights = outputs * taps * channels;
        const w = take(weights * FLOAT);
        const bias = take(outputs * FLOAT);
        const mask = take(new OutputActivation('relu', { channels: outputs, length }).savedBytes);
        const gradient = take(weights * FLOAT);
        const scratch = take(linear.scratchBytes);
        fill(x.at, (x.stride * windows) / FLOAT);
        fill(dy.at, (dy.stride * windows) / FLOAT);
        fill(w, weights);
        fill(bias, outputs);
        const forms = [linear.forwardForm(0), linear.backwardForm(0)].map((form) => {
          const at = take(form.floats * FLOAT);
          form.pack(kernels, at, w);
          return at;
        });
        const weight = (o: number, k: number, c: number) => floats[w / FLOAT + (o * taps + k) * channels + c];

        for (let n = 0; n < windows; n++) {
          const from = x.at + n * x.stride;
          linear.forward(kernels, y.at + n * y.stride, from, forms[0], bias, mask, true, scratch);
          const bits = new Uint16Array(memory.buffer, mask, outputs * length);
          for (let o = 0; o < outputs; o++)
            for (let p = 0; p < length; p++)
              for (let lane = 0; lane < LANES; lane++)
                assert.equal((bits[o * length + p] >> lane) & 1, Number(value(y, n, o, p, lane) > 0));
          // Written, then added to.
          for (const add of [false, true]) {
            linear.backward(kernels, dx.at + n * dx.stride, dy.at + n * dy.stride, forms[1], add, scratch);
          }
        }
        const expectedY = values(y, (_t, n, o, p, lane) => {
          let sum = floats[bias / FLOAT + o];
          for (let k = 0; k < taps; k++)
            for (let c = 0; c < channels; c++) sum += weight(o, k, c) * value(x, n, c, p + k - before, lane);
          return Math.max(0, sum);
        });
        const expectedDx = values(dx, (_t, n, c, p, lane) => {
          let sum = 0;
          for (let k = 0; k < taps; k++)
            for (let o = 0; o < outputs; o++) sum += weight(o, k, c) * value(dy, n, o, p - k + before, lane);
          return 2 * sum;
        });
        floats.fill(1, gradient / FLOAT, gradient / FLOAT + weights);
        linear.gradient(kernels, gradient, dy.at, dy.stride, x.at, x.stride, windows, scratch);
        const expectedGradient: number[] = [];
        for (let o = 0; o < outputs; o++)
          for (let k = 0; k < taps; k++)
            for (let c = 0; c < channels; c++) {
              let sum = 1;
              for (let n = 0; n < windows; n++)
                for (let p = 0; p < length; p++)
                  for (let lane = 0; lane < LANES; lane++)
                    sum += value(dy, n, o, p, lane) * value(x, n, c, p + k - before, lane);
              expectedGradient.push(sum);
            }
        const error = {
          y: relativeError(values(y), expectedY),
          dx: relativeError(values(dx), expectedDx),
          gradient: relativeError(floats.subarray(gradient / FLOAT), expectedGradient),
        };
        assert.ok(Math.max(...Object.values(error)) < tolerance, JSON.stringify(error));
      });
    }
  });
}

import type { IntegerBlock, IntegerNetwork, IntegerTensor } from './integer-network.ts';

/**
 * The integer network once more, written from the formulas of the numerics (ARCHITECTURE.md, "Fixed point") in plain
 * arithmetic on exact numbers: no shifts, no shared code with the C runtime, one value at a time. It exists to be
 * compared with the runtime; it is slow.
 */

/** Values by the layer that made them; the network's input under ''. */
export interface ReferenceState {
  h: Map<string, number[]>;
  c: Map<string, number[]>;
}

/** Output of each block, [channel][position] flat, in the order of the blocks. */
export interface ReferenceResult {
  outputs: number[][];
  logits: number[];
  /** GRU: h; LSTM: h, c; block after block, each with a zero after it where its count is odd, as in the state memory. */
  state: number[];
}

export function referenceReset(): ReferenceState {
  return { h: new Map(), c: new Map() };
}

/** x / 2^s to the nearest, ties toward +infinity; exact for |x| < 2^52. */
function roundShift(x: number, s: number): number {
  // No -0: a gate of 0 times a negative value is 0.
  return s < 0 ? x * 2 ** -s + 0 : Math.floor((x + (s > 0 ? 2 ** (s - 1) : 0)) / 2 ** s);
}

/** The same on integers of any size. */
function roundShiftBig(x: bigint, s: number): number {
  const divisor = 2n ** BigInt(s);
  const sum = x + divisor / 2n;
  const quotient = sum / divisor;
  return Number(sum < 0n && quotient * divisor !== sum ? quotient - 1n : quotient);
}

function saturate(x: number, bits: number): number {
  return Math.min(2 ** (bits - 1) - 1, Math.max(-(2 ** (bits - 1)), x));
}

function shiftOf(block: IntegerBlock, channel: number): number {
  return block.shifts.length === 1 ? block.shifts[0] : block.shifts[channel];
}

/** One rounding of a value that was activated, to the output's bits. The shift is that of a leaky ReLU's finer steps. */
function rounded(block: IntegerBlock, x: number, channel: number): number {
  const inSteps = x * 2 ** (block.slopeShift ?? 0);
  return saturate(roundShift(inSteps, shiftOf(block, channel)), block.output.bits);
}

/** The same of a pooled sum. */
function requantize(block: IntegerBlock, sum: number, channel: number): number {
  return rounded(block, sum * (block.poolMultiplier || 1), channel);
}

/** Leaky ReLU multiplies negative accumulators by its slope: they become fractions, which float64 holds exactly. */
function activate({ activation, slopeShift }: IntegerBlock, x: number): number {
  if (activation === 'relu') return Math.max(0, x);
  return activation === 'leaky-relu' && x < 0 ? x * 2 ** -slopeShift! : x;
}

/** A matrix [rows][columns] flat. Four-bit weights stand two a byte, the first in the lower half, rows from whole bytes on. */
function matrixOf(block: IntegerBlock, stored: Int8Array | undefined, columns: number): ArrayLike<number> {
  if (!stored) throw new Error(`${block.name} has no weights`);
  if (block.weightBits === 8) return stored;
  const rowBytes = Math.ceil(columns / 2);
  const signed = (half: number) => (half > 7 ? half - 16 : half);
  const matrix: number[] = [];
  for (let start = 0; start < stored.length; start += rowBytes) {
    for (let column = 0; column < columns; column++) {
      const byte = (stored[start + Math.floor(column / 2)] + 256) % 256;
      matrix.push(signed(column % 2 === 0 ? byte % 16 : Math.floor(byte / 16)));
    }
  }
  return matrix;
}

function biasOf(block: IntegerBlock, row: number): number {
  return block.bias![row] * 2 ** block.biasShift;
}

function convolution(block: IntegerBlock, x: number[], input: IntegerTensor): number[] {
  const { output, groups, kernel, stride, padding, poolSize } = block;
  const inner = input.channels / groups;
  const perGroup = output.channels / groups;
  const at = (channel: number, position: number) =>
    position < 0 || position >= input.length ? 0 : x[channel * input.length + position];
  const weights = matrixOf(block, block.weights, inner * kernel);
  const y: number[] = [];
  for (let o = 0; o < output.channels; o++) {
    const firstChannel = Math.floor(o / perGroup) * inner;
    for (let p = 0; p < output.length; p++) {
      const pooled: number[] = [];
      for (let q = p * poolSize; q < (p + 1) * poolSize; q++) {
        let sum = biasOf(block, o);
        for (let i = 0; i < inner; i++)
          for (let t = 0; t < kernel; t++)
            sum += weights[(o * inner + i) * kernel + t] * at(firstChannel + i, q * stride + t - padding);
        pooled.push(activate(block, sum));
      }
      const value = block.pool === 'max' ? Math.max(...pooled) : pooled.reduce((a, b) => a + b, 0);
      y.push(requantize(block, value, o));
    }
  }
  return y;
}

function pool(block: IntegerBlock, x: number[], input: IntegerTensor, largest: boolean): number[] {
  const y: number[] = [];
  for (let c = 0; c < input.channels; c++) {
    for (let p = 0; p < block.output.length; p++) {
      const start = c * input.length + p * block.poolStride;
      const run = x.slice(start, start + block.poolSize);
      y.push(requantize(block, largest ? Math.max(...run) : run.reduce((a, b) => a + b, 0), c));
    }
  }
  return y;
}

function dense(block: IntegerBlock, x: number[]): number[] {
  const weights = matrixOf(block, block.weights, x.length);
  return Array.from({ length: block.output.channels }, (_, u) => {
    const sum = x.reduce((total, value, i) => total + value * weights[u * x.length + i], biasOf(block, u));
    return rounded(block, activate(block, sum), u);
  });
}

function maxAffine(block: IntegerBlock, x: number[]): number[] {
  const { poolSize: pieces, output } = block;
  const weights = matrixOf(block, block.weights, x.length);
  return Array.from({ length: output.channels }, (_, u) => {
    const values = Array.from({ length: pieces }, (_piece, p) => {
      const row = u * pieces + p;
      const products = x.map((value, i) => value * weights[row * x.length + i]);
      return products.reduce((a, b) => a + b, biasOf(block, row));
    });
    return saturate(roundShift(Math.max(...values), shiftOf(block, u)), 8);
  });
}

function add(block: IntegerBlock, a: number[], b: number[]): number[] {
  const [left, right] = block.leftShift;
  return a.map((value, i) => {
    const sum = activate(block, value * 2 ** left + b[i] * 2 ** right);
    return rounded(block, sum, Math.floor(i / block.output.length));
  });
}

/** Linear interpolation between the 257 points of f on [-8, 8], all in Q0.15; the argument is Q3.12. */
function lookUp(f: (x: number) => number, x: number): number {
  const point = (i: number) => Math.min(32767, Math.floor(32768 * f(i / 16 - 8) + 0.5));
  const position = x + 32768;
  const i = Math.floor(position / 256);
  const part = position - 256 * i;
  return Math.floor((point(i) * (256 - part) + point(i + 1) * part + 128) / 256);
}

const belowOne = (q: number) => Math.min(32767, q);

/**
 * The logistic function in straight lines, the lowest of which holds: of |x| by 1/2 + |x| / 4, 5/8 + |x| / 8, 27/32 + |x| / 32
 * and 1; and 1 minus that for negative x. Rounded to Q0.15, ties up on the side of |x|.
 */
function lines(x: number): number {
  const real = Math.abs(x) / 4096;
  const value = Math.min(1 / 2 + real / 4, 5 / 8 + real / 8, 27 / 32 + real / 32, 1);
  const rounded = Math.floor(32768 * value + 0.5);
  return x < 0 ? 32768 - rounded : rounded;
}

/** Q0.15 of an argument in Q3.12. */
function sigmoid({ gates }: IntegerBlock, x: number): number {
  if (gates === 'hard' || gates === 'hard-linear') {
    const fifth = Math.floor((x * 52429 + 16384) / 32768);
    return Math.max(0, belowOne(16384 + fifth));
  }
  if (gates === 'linear') return belowOne(lines(x));
  return lookUp((v) => 1 / (1 + Math.exp(-v)), x);
}

function tanh({ gates }: IntegerBlock, x: number): number {
  const linear = gates === 'linear' || gates === 'hard-linear';
  return linear ? belowOne(2 * lines(2 * x) - 32768) : lookUp(Math.tanh, x);
}

/** Each channel times the logistic function of its value in s, of `fraction` fraction bits. */
function channelScale(block: IntegerBlock, x: number[], s: number[], fraction: number): number[] {
  const gates = s.map((value) => sigmoid(block, saturate(roundShift(value, fraction - 12), 16)));
  return x.map((value, i) => {
    const channel = Math.floor(i / block.output.length);
    return rounded(block, value * gates[channel], channel);
  });
}

/** Pre-activations of one gate in Q3.12. */
function gate(block: IntegerBlock, index: number, x: number[], h: number[]): number[] {
  const units = h.length;
  const weights = matrixOf(block, block.weights, x.length);
  const recurrent = matrixOf(block, block.recurrent, units);
  return Array.from({ length: units }, (_, unit) => {
    const row = index * units + unit;
    const fromInput = x.reduce((total, value, i) => total + value * weights[row * x.length + i], 0);
    const fromState = h.reduce((total, value, i) => total + value * recurrent[row * units + i], 0);
    const sum =
      BigInt(fromInput) * 2n ** BigInt(block.leftShift[0]) +
      BigInt(fromState) * 2n ** BigInt(block.leftShift[1]) +
      BigInt(block.bias![row]) * 2n ** BigInt(block.biasShift);
    return saturate(roundShiftBig(sum, block.shifts[0]), 16);
  });
}

/** The strict variant rounds h to Q0.7. */
function storedState(block: IntegerBlock, h: number): number {
  return block.stateBits === 8 ? 256 * saturate(roundShift(h, 8), 8) : h;
}

function gru(block: IntegerBlock, x: number[], h: number[]): number[] {
  const z = gate(block, 0, x, h).map((v) => sigmoid(block, v));
  const r = gate(block, 1, x, h).map((v) => sigmoid(block, v));
  const resetH = h.map((value, i) => roundShift(r[i] * value, 15));
  const n = gate(block, 2, x, resetH).map((v) => tanh(block, v));
  return h.map((value, i) => storedState(block, roundShift(z[i] * value + (32768 - z[i]) * n[i], 15)));
}

function lstm(block: IntegerBlock, x: number[], h: number[], c: number[]): { h: number[]; c: number[] } {
  const i = gate(block, 0, x, h).map((v) => sigmoid(block, v));
  const f = gate(block, 1, x, h).map((v) => sigmoid(block, v));
  const g = gate(block, 2, x, h).map((v) => tanh(block, v));
  const o = gate(block, 3, x, h).map((v) => sigmoid(block, v));
  // Q0.15 * Q3.12 has 27 fraction bits, Q0.15 * Q0.15 has 30; the cell has 12.
  const cell = c.map((value, k) => saturate(roundShift(f[k] * value * 8 + i[k] * g[k], 18), 16));
  return {
    c: cell,
    h: cell.map((value, k) => storedState(block, roundShift(o[k] * tanh(block, value), 15))),
  };
}

function even(values: number[]): number[] {
  return values.length % 2 === 0 ? values : [...values, 0];
}

/** One window; changes the state. */
export function referenceRunWindow(
  network: IntegerNetwork,
  state: ReferenceState,
  window: ArrayLike<number>,
): ReferenceResult {
  const samples = Array.from(window);
  /** Blocks name their inputs by place; the writer of a place before a block is the last one that wrote there. */
  const written: { offset: number; values: number[] }[] = [{ offset: network.input.offset, values: samples }];
  const read = (tensor: IntegerTensor) => written.findLast((entry) => entry.offset === tensor.offset)!.values;
  const outputs: number[][] = [];
  const states: number[] = [];
  for (const block of network.blocks) {
    const x = read(block.inputs[0]);
    const zeros = () => new Array<number>(block.output.channels).fill(0);
    let y: number[];
    switch (block.kind) {
      case 'conv1d':
        y = convolution(block, x, block.inputs[0]);
        break;
      case 'average-pool':
      case 'global-average-pool':
        y = pool(block, x, block.inputs[0], false);
        break;
      case 'max-pool':
        y = pool(block, x, block.inputs[0], true);
        break;
      case 'dense':
        y = dense(block, x);
        break;
      case 'max-affine':
        y = maxAffine(block, x);
        break;
      case 'add':
        y = add(block, x, read(block.inputs[1]));
        break;
      case 'channel-scale':
        y = channelScale(block, x, read(block.inputs[1]), block.inputs[1].fraction);
        break;
      case 'gru':
        y = gru(block, x, state.h.get(block.name) ?? zeros());
        state.h.set(block.name, y);
        states.push(...even(y));
        break;
      case 'lstm': {
        const next = lstm(block, x, state.h.get(block.name) ?? zeros(), state.c.get(block.name) ?? zeros());
        state.h.set(block.name, next.h);
        state.c.set(block.name, next.c);
        y = next.h;
        states.push(...even(next.h), ...even(next.c));
        break;
      }
    }
    written.push({ offset: block.output.offset, values: y });
    outputs.push(y);
  }
  return { outputs, logits: outputs[outputs.length - 1], state: states };
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packDirect, packFolded, packTwoPositions } from '../../../src/firmware/packing/direct.ts';
import {
  packFourBitDirect,
  packFourBitRows,
  packFourBitWinograd,
  unpackedBlock,
} from '../../../src/firmware/packing/four-bit.ts';
import { isPacked, type Packed, type PackedBlock } from '../../../src/firmware/packing/packed-block.ts';
import { packConvolutionRows, packFoldedRows, packRows } from '../../../src/firmware/packing/rows.ts';
import { packWinograd, packWinogradDirect, transformTaps } from '../../../src/firmware/packing/winograd.ts';
import type { IntegerBlock } from '../../../src/quantization/integer-network.ts';
import {
  convolutionCase,
  inFourBits,
  kernelNetwork,
  maxAffineCase,
  recurrentCase,
  denseCase,
  type ConvolutionCase,
} from '../../firmware/kernel-cases.ts';

function convolution(one: ConvolutionCase): IntegerBlock {
  return kernelNetwork([convolutionCase(packDirect, one, 1)], 4096).network.blocks[0];
}

function packed(result: Packed): PackedBlock {
  assert.ok(isPacked(result), 'why' in result ? result.why : '');
  return result;
}

function why(result: Packed): string {
  return isPacked(result) ? '' : result.why;
}

/** Canonical weights [output channels][input channels][taps], read from the bytes of a word by hand. */
function unpackWords(
  { weights }: PackedBlock,
  [outputs, inputs, taps]: readonly [number, number, number],
  pairOf: (word: number) => { a: [number, number]; b: [number, number] },
): number[] {
  const canonical = new Array<number>(outputs * inputs * taps).fill(NaN);
  const pairs = Math.ceil(inputs / 2);
  for (let word = 0; word < weights.length / 4; word++) {
    const tap = word % taps;
    const input = 2 * (Math.floor(word / taps) % pairs);
    const output = 2 * Math.floor(word / taps / pairs);
    const { a, b } = pairOf(word);
    for (const [channel, values] of [
      [output, a],
      [output + 1, b],
    ] as const) {
      values.forEach((value, k) => {
        if (channel < outputs && input + k < inputs)
          canonical[(channel * inputs + input + k) * taps + tap] = value;
      });
    }
  }
  return canonical;
}

const directWord = (bytes: Int8Array) => (word: number) => {
  const [a0, b0, a1, b1] = bytes.subarray(4 * word, 4 * word + 4);
  return { a: [a0, a1] as [number, number], b: [b0, b1] as [number, number] };
};

/** A half is 256 odd + even: its low byte is `even`, and what is left after it is `odd`. */
const foldedWord = (bytes: Int8Array) => (word: number) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + 4 * word, 4);
  const [even0, even1] = [view.getInt8(0), view.getInt8(2)];
  const odd = (half: number, even: number) => (view.getInt16(half, true) - even) / 256;
  return {
    a: [even0, even1] as [number, number],
    b: [odd(0, even0), odd(2, even1)] as [number, number],
  };
};

describe('canonical weights can be read from every packing', () => {
  for (const [channels, filters, kernel] of [
    [8, 4, 5],
    [3, 5, 3],
    [64, 2, 7],
  ] as const) {
    const block = convolution({ channels, length: 16, filters, kernel });
    const shape = [filters, channels, kernel] as const;

    it(`direct and folded, ${channels} to ${filters}, ${kernel} taps`, () => {
      const direct = packed(packDirect(block));
      assert.deepEqual(unpackWords(direct, shape, directWord(direct.weights as Int8Array)), [
        ...block.weights!,
      ]);
      const folded = packed(packFolded(block));
      assert.deepEqual(unpackWords(folded, shape, foldedWord(folded.weights as Int8Array)), [
        ...block.weights!,
      ]);
    });
  }

  it('of one input channel, taps in pairs', () => {
    const block = convolution({ channels: 1, length: 32, filters: 2, kernel: 5 });
    const { weights, kernel } = packed(packDirect(block));
    assert.equal(kernel, 'ecg_conv1d_direct_3');
    const [a, b] = [block.weights!.subarray(0, 5), block.weights!.subarray(5)];
    // Steps of taps (0, 3), (1, 4), (2, none).
    const words = [0, 1, 2].flatMap((t) => [a[t], b[t], a[t + 3] ?? 0, b[t + 3] ?? 0]);
    assert.deepEqual([...weights], words);
  });

  it('over two positions, without the taps that only ever meet padding', () => {
    const block = convolution({ channels: 64, length: 2, filters: 4, kernel: 5 });
    const result = packed(packTwoPositions(block));
    assert.equal(result.weights.byteLength, (block.weights!.byteLength * 3) / 5);
    assert.deepEqual([result.taps, result.padding], [3, 1]);
    const kept = unpackWords(result, [4, 64, 3], foldedWord(result.weights as Int8Array));
    const wanted = Array.from({ length: 4 * 64 }, (_, row) => [
      ...block.weights!.subarray(5 * row + 1, 5 * row + 4),
    ]);
    assert.deepEqual(kept, wanted.flat());
  });

  it('Winograd, by solving for the taps', () => {
    const block = convolution({ channels: 10, length: 16, filters: 8, kernel: 5 });
    const { weights } = packed(packWinograd(block));
    const pairs = 8;
    const canonical: number[] = [];
    for (let output = 0; output < 8; output++) {
      for (let input = 0; input < 10; input++) {
        const u = Array.from({ length: 8 }, (_, point) => {
          const word = (((output >> 2) * 8 + point) * pairs + (input >> 1)) * 4 + (output & 3);
          return weights[2 * word + (input & 1)];
        });
        const [g0, g4] = [u[0] / -20, u[7]];
        const odd1 = (u[1] - u[2]) / 30; // g1 + g3
        const odd2 = (u[3] - u[4]) / -24; // g1 + 4 g3
        const g3 = (odd2 - odd1) / 3;
        canonical.push(g0, odd1 - g3, (u[1] + u[2]) / 30 - g0 - g4, g3, g4);
      }
    }
    assert.deepEqual(
      canonical.map((g) => g + 0),
      [...block.weights!],
    );
    assert.equal(weights.filter((u) => u !== 0).length <= 8 * 10 * 8, true);
  });

  const unpack = (bytes: Int8Array, rows: number, columns: number) => {
    const quads = Math.ceil(columns / 4);
    const order = [0, 2, 1, 3];
    return Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const word = ((row >> 2) * quads + (column >> 2)) * 4 + (row & 3);
      return bytes[4 * word + order.indexOf(column & 3)];
    });
  };

  it('rows of a convolution, for each group with columns [tap][channel], channels even where the stride is odd', () => {
    for (const [channels, filters, groups, stride] of [
      [6, 10, 2, 1],
      [6, 10, 2, 2],
      [8, 4, 1, 3],
      [3, 3, 3, 1],
    ]) {
      const one = { channels, length: 16, filters, kernel: 5, groups, stride };
      const [block] = kernelNetwork([convolutionCase(packConvolutionRows, one, 1)], 4096).network.blocks;
      const { weights } = packed(packConvolutionRows(block));
      const [inner, outer] = [channels / groups, filters / groups];
      const wide = stride % 2 ? 2 * Math.ceil(inner / 2) : inner;
      const perGroup = weights.length / groups;
      const canonical = Array.from({ length: groups }, (_, group) => {
        const bytes = weights.subarray(group * perGroup, (group + 1) * perGroup) as Int8Array;
        const rows = unpack(bytes, outer, 5 * wide);
        return Array.from({ length: outer * inner * 5 }, (_w, i) => {
          const [row, input, tap] = [Math.floor(i / inner / 5), Math.floor(i / 5) % inner, i % 5];
          return rows[row * 5 * wide + tap * wide + input];
        });
      });
      assert.deepEqual(canonical.flat(), [...block.weights!]);
    }
  });

  it('rows of a dense layer, a max-affine one, a GRU and an LSTM', () => {
    const dense = kernelNetwork([denseCase(packRows, 13, 6, 8, 1)], 64).network.blocks[0];
    assert.deepEqual(unpack(packed(packRows(dense)).weights as Int8Array, 6, 13), [...dense.weights!]);
    const input = { channels: 3, length: 5 };
    const affine = kernelNetwork([maxAffineCase(packRows, input, 5, 3, 1)], 64).network.blocks[0];
    assert.deepEqual(unpack(packed(packRows(affine)).weights as Int8Array, 15, 15), [...affine.weights!]);
    // Rows of each gate are filled up to a multiple of four.
    const six = kernelNetwork([recurrentCase(packRows, 'gru', 5, 6, 16, 1)], 64).network.blocks[0];
    const { weights, recurrent } = packed(packRows(six));
    for (let gate = 0; gate < 3; gate++) {
      const part = (bytes: Int8Array, columns: number) => {
        const size = 8 * 4 * Math.ceil(columns / 4);
        return unpack(bytes.subarray(gate * size, (gate + 1) * size), 6, columns);
      };
      assert.deepEqual(part(weights as Int8Array, 5), [...six.weights!.subarray(gate * 30, gate * 30 + 30)]);
      assert.deepEqual(part(recurrent!, 6), [...six.recurrent!.subarray(gate * 36, gate * 36 + 36)]);
    }
    for (const [kind, gates] of [
      ['gru', 3],
      ['lstm', 4],
    ] as const) {
      const block = kernelNetwork([recurrentCase(packRows, kind, 10, 8, 16, 1)], 64).network.blocks[0];
      const rows = packed(packRows(block));
      assert.deepEqual(unpack(rows.weights as Int8Array, gates * 8, 10), [...block.weights!]);
      assert.deepEqual(unpack(rows.recurrent!, gates * 8, 8), [...block.recurrent!]);

      const folded = packed(packFoldedRows(block));
      const view = new DataView(folded.weights.buffer);
      const read = Array.from({ length: gates * 8 * 10 }, (_, i) => {
        const [row, column] = [Math.floor(i / 10), i % 10];
        const half = ((row >> 2) * 3 + (column >> 2)) * 16 + ((row >> 1) & 1) * 8 + 2 * (column & 3);
        const even = view.getInt8(half);
        return row & 1 ? (view.getInt16(half, true) - even) / 256 : even;
      });
      assert.deepEqual(read, [...block.weights!]);
      assert.deepEqual(folded.recurrent, rows.recurrent);
    }
  });
});

describe('tables of four-bit weights', () => {
  /** [pass][words] of a table whose passes have `words` words, read by hand. */
  const expanded = (table: Int8Array | Int16Array, words: number): number[] => {
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
    const stored = Math.ceil(words / 2);
    assert.equal((bytes.length / 4) % stored, 0);
    const passes = Array.from({ length: bytes.length / 4 / stored }, (_, pass) => {
      const part = bytes.subarray(4 * stored * pass, 4 * stored * (pass + 1));
      const all = Array.from({ length: 2 * stored }, (_word, word) =>
        [0, 1, 2, 3].map((k) => ((part[4 * (word >> 1) + k] >> (word & 1 ? 4 : 0)) & 15) - 8),
      );
      for (const word of all.slice(words)) assert.deepEqual(word, [0, 0, 0, 0]);
      return all.slice(0, words).flat();
    });
    return passes.flat();
  };

  for (const [channels, filters, kernel] of [
    [8, 4, 5],
    [2, 5, 3],
    [5, 7, 5],
  ] as const) {
    it(`hold those of the kernels for eight bits: ${channels} to ${filters}, ${kernel} taps`, () => {
      const one = convolutionCase(packFourBitDirect, { channels, length: 16, filters, kernel }, 1);
      const [block] = kernelNetwork([inFourBits(one)], 4096).network.blocks;
      const wide = packed(packDirect(unpackedBlock(block)));
      const narrow = packed(packFourBitDirect(block));
      assert.equal(narrow.weightBits, 4);
      const words = Math.ceil(channels / 2) * kernel;
      assert.deepEqual(expanded(narrow.weights, words), [...wide.weights]);
      assert.equal(narrow.scratchBytes, wide.scratchBytes + 8 * Math.ceil(words / 2));
      if (filters !== 4) return;
      const winograd = packed(packFourBitWinograd(block));
      assert.deepEqual(winograd.weights, narrow.weights);
      assert.equal(winograd.kernel, 'ecg_conv1d_winograd_direct');
    });
  }

  it('hold those of dense layers and of both matrices of recurrent ones', () => {
    for (const one of [
      denseCase(packFourBitRows, 13, 6, 8, 1),
      recurrentCase(packFourBitRows, 'gru', 10, 8, 16, 1),
      recurrentCase(packFourBitRows, 'lstm', 3, 12, 16, 1),
    ]) {
      const [block] = kernelNetwork([inFourBits(one)], 64).network.blocks;
      const wide = packed(packRows(unpackedBlock(block)));
      const narrow = packed(packFourBitRows(block));
      const words = (columns: number) => 4 * Math.ceil(columns / 4);
      assert.deepEqual(expanded(narrow.weights, words(block.inputs[0].channels)), [...wide.weights]);
      if (wide.recurrent)
        assert.deepEqual(expanded(narrow.recurrent!, words(block.output.channels)), [...wide.recurrent]);
    }
  });

  it('are refused where the kernel itself is', () => {
    const one = convolutionCase(packFourBitDirect, { channels: 8, length: 16, filters: 4, kernel: 5 }, 1);
    const [block] = kernelNetwork([inFourBits(one)], 4096).network.blocks;
    for (const pack of [packFourBitDirect, packFourBitWinograd])
      assert.match(why(pack({ ...block, stride: 2 })), /stride 2/);
  });
});

describe('Winograd F(4,5) in integers', () => {
  it('is the convolution, with weights and samples at both ends', () => {
    const ends = [-128, 127];
    const corner = (bits: number, length: number) => Array.from({ length }, (_, i) => ends[(bits >> i) & 1]);
    for (let bits = 0; bits < 1 << 13; bits += 7) {
      const [g, d] = [corner(bits, 5), corner(bits >> 5, 8)];
      const v = [
        d[6] - 14 * d[4] + 49 * d[2] - 36 * d[0],
        ...[1, -1].map((a) => d[6] - 13 * d[4] + 36 * d[2] + a * (d[5] - 13 * d[3] + 36 * d[1])),
        ...[2, -2].map((a) => d[6] - 10 * d[4] + 9 * d[2] + a * (d[5] - 10 * d[3] + 9 * d[1])),
        ...[3, -3].map((a) => d[6] - 5 * d[4] + 4 * d[2] + a * (d[5] - 5 * d[3] + 4 * d[1])),
        d[7] - 14 * d[5] + 49 * d[3] - 36 * d[1],
      ];
      const u = transformTaps(g);
      assert.ok(u.every((x) => Math.abs(x) <= 23_808) && v.every((x) => Math.abs(x) <= 12_800));
      const m = u.map((x, i) => x * v[i]);
      for (let p = 0; p < 4; p++) {
        const at = (point: number, a: number) => m[point] * a ** p;
        const finite = at(0, 0) + at(1, 1) + at(2, -1) + at(3, 2) + at(4, -2) + at(5, 3) + at(6, -3);
        const wanted = g.reduce((sum, x, j) => sum + x * d[p + j], 0);
        assert.equal(finite / 720 + (p === 3 ? m[7] : 0), wanted);
      }
    }
  });

  it('is refused where a sum could leave 27 bits', () => {
    const wide: ConvolutionCase = {
      channels: 128,
      length: 16,
      filters: 4,
      kernel: 5,
      extreme: 'lowest',
      lowest: -128,
    };
    assert.ok(isPacked(packWinograd(convolution(wide))));
    const pooled = { ...convolution(wide), pool: 'average' as const, poolSize: 4, poolStride: 4 };
    // 640 weights of -128 on -128, and the bias of 2^31 / 2^15: just at 2^27 / 4 with the pool.
    const bias = new Int16Array(4).fill(-32768);
    assert.match(why(packWinograd({ ...pooled, bias, biasShift: 10 })), /sums of channel 0 can reach 2\^27/);
    assert.match(why(packWinogradDirect({ ...pooled, bias, biasShift: 10 })), /2\^27/);
    assert.ok(isPacked(packWinograd({ ...pooled, bias, biasShift: 0 })));
  });
});

describe('a kernel that cannot compute a block says why', () => {
  const plain = convolution({ channels: 8, length: 16, filters: 4, kernel: 5 });
  const changes: [Partial<IntegerBlock>, RegExp][] = [
    [{ stride: 2 }, /stride 2/],
    [{ groups: 2 }, /groups/],
    [{ inputs: [{ ...plain.inputs[0], bits: 16 }] }, /16-bit activations/],
    [{ kind: 'add' }, /no convolution/],
  ];
  for (const [change, reason] of changes) {
    it(String(reason), () => {
      for (const pack of [packDirect, packFolded, packTwoPositions, packWinograd, packWinogradDirect]) {
        assert.match(why(pack({ ...plain, ...change })), reason, pack.name);
      }
    });
  }

  // Of four positions at a time; the direct convolution then goes position by position.
  const unusualEnds: [Partial<IntegerBlock>, RegExp][] = [
    [{ activation: 'leaky-relu', slopeShift: 3 }, /leaky ReLU/],
    [{ shifts: Int8Array.of(-1) }, /shift below 2/],
    [{ shifts: Int8Array.of(9, 9, 1, 9) }, /shift below 2/],
    [{ pool: 'average', poolSize: 3, poolStride: 3, poolMultiplier: 1 }, /average pool of 3/],
    [{ pool: 'max', poolSize: 3, poolStride: 3 }, /max pool of 3/],
    [{ pool: 'max', poolSize: 8, poolStride: 8 }, /max pool of 8/],
  ];
  for (const [change, reason] of unusualEnds) {
    it(`${String(reason)}, but for those that have an end for everything`, () => {
      for (const pack of [packTwoPositions, packWinograd, packWinogradDirect]) {
        assert.match(why(pack({ ...plain, ...change })), reason, pack.name);
      }
      for (const pack of [packDirect, packFolded]) {
        assert.equal(packed(pack(plain)).finish, 'ecg_finish_none', pack.name);
        assert.equal(packed(pack({ ...plain, ...change })).finish, undefined, pack.name);
      }
    });
  }

  it('by rows: nothing but another kind and 16-bit activations', () => {
    for (const change of [{ stride: 2 }, { groups: 2 }, ...unusualEnds.map(([c]) => c)])
      assert.ok(isPacked(packConvolutionRows({ ...plain, ...change })));
    assert.match(why(packConvolutionRows({ ...plain, kind: 'add' })), /no convolution/);
    const wide = { ...plain, inputs: [{ ...plain.inputs[0], bits: 16 as const }] };
    assert.match(why(packConvolutionRows(wide)), /16-bit/);
  });

  it('folded: -128 beside a negative weight, and sums of 2^23', () => {
    const lowest = convolution({
      channels: 2,
      length: 8,
      filters: 2,
      kernel: 3,
      extreme: 'lowest',
      lowest: -128,
    });
    assert.match(why(packFolded(lowest)), /-128 beside a negative one/);
    const wide = convolution({ channels: 128, length: 8, filters: 2, kernel: 5, extreme: 'highest' });
    assert.match(why(packFolded(wide)), /sums of channel 1 can reach 2\^23/);
    assert.ok(isPacked(packDirect(lowest)) && isPacked(packDirect(wide)));
  });

  it('rows: an odd number of units', () => {
    const block = kernelNetwork([recurrentCase(packRows, 'gru', 4, 4, 16, 1)], 64).network.blocks[0];
    const five = { ...block, output: { ...block.output, channels: 5 } };
    assert.match(why(packRows(five)), /5 units are an odd number/);
    assert.match(why(packFoldedRows({ ...block, inputs: [{ ...block.inputs[0], bits: 16 }] })), /16-bit/);
  });
});

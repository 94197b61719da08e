import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constantBytes, deviceNetwork, type DeviceNetwork } from '../../../src/firmware/device-network.ts';
import { chooseKernels } from '../../../src/firmware/kernel-choice.ts';
import { kernelTargets, type KernelTarget } from '../../../src/firmware/kernel-target.ts';
import {
  weightBytes,
  type IntegerNetwork,
  type IntegerTensor,
} from '../../../src/quantization/integer-network.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import type { LayerEntry } from '../../fixtures/network.ts';
import { motleyInteger, slimFourBitsInteger, slimInteger } from '../../firmware/projects.ts';
import { makeNetwork, randomWeights } from '../quantization/networks.ts';

function names(network: IntegerNetwork, target: KernelTarget): string[] {
  return chooseKernels(network, target).map(({ name }) => name);
}

function device(network: IntegerNetwork, target: KernelTarget): DeviceNetwork {
  return deviceNetwork(
    network,
    chooseKernels(network, target).map(({ kernel }) => kernel),
  );
}

describe('kernels of slim', () => {
  it('are the fastest that each target allows', () => {
    const winograd = Array.from({ length: 6 }, () => 'Winograd');
    assert.deepEqual(names(slimInteger, 'speed'), [
      'SMLAD',
      ...winograd,
      'two positions',
      'folded SMLAD',
      'SMLAD',
    ]);
    assert.deepEqual(names(slimInteger, 'balanced'), [
      'SMLAD',
      ...['Winograd, int8 weights', 'Winograd, int8 weights', 'Winograd, int8 weights'],
      ...['folded SMLAD', 'folded SMLAD', 'folded SMLAD', 'two positions', 'folded SMLAD', 'SMLAD'],
    ]);
    assert.ok(names(slimInteger, 'portable').every((name) => name === 'portable C'));
  });

  it('for the least flash have the smallest tables, and are the fastest of those', () => {
    const bytes = (target: KernelTarget) =>
      chooseKernels(slimInteger, target).reduce((sum, { flashBytes }) => sum + flashBytes, 0);
    // Less 6 kB: the portable convolution, which they do without.
    for (const target of kernelTargets) assert.ok(bytes('flash') <= bytes(target) + 6000, target);
    assert.ok(!names(slimInteger, 'flash').includes('portable C'));
    const instructions = (target: KernelTarget) =>
      chooseKernels(slimInteger, target).reduce((sum, choice) => sum + choice.instructions, 0);
    assert.ok(instructions('flash') < instructions('portable') / 2);
  });

  it('for a budget are the fastest that it has room for', () => {
    const of = (budget: number) => {
      const choices = chooseKernels(slimInteger, 'budget', budget);
      const sum = (key: 'flashBytes' | 'instructions') => choices.reduce((n, choice) => n + choice[key], 0);
      return { bytes: sum('flashBytes'), instructions: sum('instructions'), choices };
    };
    const budgets = [140_000, 170_000, 200_000, 240_000, 300_000].map((budget) => ({
      budget,
      ...of(budget),
    }));
    for (const [i, { budget, bytes, instructions }] of budgets.entries()) {
      assert.ok(bytes + 10_000 < budget, `${bytes} bytes of tables in ${budget}`);
      if (i > 0) assert.ok(instructions < budgets[i - 1].instructions, `${budget}`);
    }
    assert.deepEqual(of(300_000).choices.map(({ name }) => name), names(slimInteger, 'speed')); // prettier-ignore
    const tight = of(170_000).choices.flatMap(({ others }) => others.map(({ why }) => why));
    assert.ok(tight.some((why) => /which the flash has no room for/.test(why)));
  });

  it('tell of every kernel that was not taken why', () => {
    const [first, second] = chooseKernels(slimInteger, 'balanced');
    assert.deepEqual(
      second.others.find(({ name }) => name === 'Winograd'),
      { name: 'Winograd', why: 'tables 3.1 times as large' },
    );
    assert.deepEqual(
      first.others.find(({ name }) => name === 'Winograd'),
      { name: 'Winograd', why: 'one input channel' },
    );
    for (const choice of chooseKernels(slimInteger, 'speed')) {
      for (const { name, why } of choice.others) assert.ok(why !== '' && name !== choice.name);
    }
  });
});

describe('kernels of slim with weights of four bits', () => {
  it('are those for eight bits where flash is no matter, else expand their weights as they run', () => {
    assert.deepEqual(names(slimFourBitsInteger, 'speed'), names(slimInteger, 'speed'));
    const smallest = ['SMLAD, int4 weights', 'Winograd, int4 weights'];
    for (const name of names(slimFourBitsInteger, 'flash')) assert.ok(smallest.includes(name), name);
    const bytes = chooseKernels(slimFourBitsInteger, 'flash').reduce(
      (sum, { flashBytes }) => sum + flashBytes,
      0,
    );
    assert.ok(bytes < weightBytes(slimFourBitsInteger), `${bytes} bytes of tables`);
    assert.ok(names(slimFourBitsInteger, 'portable').every((name) => name === 'portable C'));
  });

  it('tell why tables of eight bits were not taken', () => {
    const [, , third] = chooseKernels(slimFourBitsInteger, 'balanced');
    assert.equal(third.name, 'Winograd, int4 weights');
    assert.deepEqual(
      third.others.find(({ name }) => name === 'folded SMLAD'),
      { name: 'folded SMLAD', why: 'tables 1.9 times as large' },
    );
  });

  it('are not spoken of where weights have eight bits', () => {
    for (const { others } of chooseKernels(slimInteger, 'balanced'))
      assert.ok(others.every(({ name }) => !name.includes('int4')));
  });
});

it('convolutions that no kernel takes four positions of at a time are computed by rows, or position by position in the end', () => {
  const activation = 'leaky-relu';
  const network = makeNetwork(
    [
      ['conv1d', { filters: 16, kernel: 5, stride: 2, activation: 'relu' }],
      ['conv1d', { filters: 16, kernel: 5, activation }],
      ['conv1d', { filters: 16, kernel: 5, groups: 16 }],
      ['conv1d', { filters: 16, kernel: 5, activation: 'relu' }],
      ['average-pool', 3],
      ['max-affine', { units: 12, pieces: 3 }],
      ['gru', 18],
      ['dense', 4],
    ],
    64,
  );
  const integer = quantizeNetwork(network, randomWeights(network, 1));
  const choices = chooseKernels(integer, 'speed');
  assert.deepEqual(
    choices.map(({ name }) => name),
    ['SMLAD by rows', 'folded SMLAD', 'portable C', 'folded SMLAD', 'SMLAD', 'folded SMLAD', 'SMLAD'],
  );
  const whyNot = (block: number, kernel: string) =>
    choices[block].others.find(({ name }) => name === kernel)?.why ?? '';
  assert.equal(whyNot(0, 'SMLAD'), 'stride 2');
  assert.equal(whyNot(1, 'Winograd'), 'leaky ReLU');
  assert.equal(whyNot(2, 'SMLAD'), 'groups');
  assert.match(whyNot(2, 'SMLAD by rows'), /^about [\d,]+ instructions$/);
  assert.equal(whyNot(3, 'Winograd'), 'average pool of 3');
});

it('balanced tables are hardly larger than the weights, and what is reported is what is stored', () => {
  for (const network of [slimInteger, motleyInteger, slimFourBitsInteger]) {
    const plain = device(network, 'portable').blocks.map(constantBytes);
    for (const target of kernelTargets) {
      const stored = device(network, target).blocks.map(constantBytes);
      const choices = chooseKernels(network, target);
      assert.deepEqual(
        stored,
        choices.map(({ flashBytes }) => flashBytes),
      );
      if (target !== 'balanced') continue;
      stored.forEach((bytes, i) => assert.ok(bytes <= Math.max(1.2 * plain[i], plain[i] + 64)));
    }
  }
});

it('where not all tables fit into flash, some blocks take smaller ones', () => {
  const layers = Array.from({ length: 3 }, (): LayerEntry[] => [
    ['conv1d', { filters: 128, kernel: 5, activation: 'relu' }],
    ['average-pool', 2],
  ]);
  const network = makeNetwork([...layers.flat(), ['global-average-pool'], ['gru', 4], ['dense', 4]], 32);
  const integer = quantizeNetwork(network, randomWeights(network, 1));
  const choices = chooseKernels(integer, 'speed');
  const bytes = choices.reduce((sum, { flashBytes }) => sum + flashBytes, 0);
  assert.ok(bytes <= 440_000, `${bytes} bytes`);
  const [, second, third] = choices;
  assert.notEqual(second.name, third.name);
  const given = [second, third].find(({ name }) => name !== 'Winograd')!;
  assert.match(given.others.find(({ name }) => name === 'Winograd')!.why, /flash has no room/);
});

interface Place {
  from: number;
  to: number;
}

function placeOf({ offset, channels, length, bits }: IntegerTensor): Place {
  return { from: offset, to: offset + channels * length * (bits / 8) };
}

function overlap(a: Place, b: Place): boolean {
  return a.from < b.to && b.from < a.to;
}

describe('the memory plan of the device', () => {
  for (const [name, network] of Object.entries({
    slim: slimInteger,
    'slim in four bits': slimFourBitsInteger,
    motley: motleyInteger,
  })) {
    for (const target of kernelTargets) {
      it(`of ${name} for ${target} keeps what is still read apart from what is written`, () => {
        const { blocks, stateBytes, memoryBytes, input } = device(network, target);
        assert.equal(stateBytes, network.stateBytes);
        let highest = stateBytes;
        /** What the arena holds, with the blocks that made it; read places must still be whole. */
        let live = [placeOf(input)];
        blocks.forEach((block, i) => {
          const inputs = block.inputs.map(placeOf);
          for (const place of inputs) {
            const isState = place.to <= stateBytes;
            assert.ok(isState || live.some((l) => l.from === place.from && l.to >= place.to), block.name);
          }
          const scratch = { from: block.scratchOffset, to: block.scratchOffset + block.scratchBytes };
          const output = placeOf(block.output);
          const written = block.scratchBytes > 0 ? [scratch, output] : [output];
          for (const place of written) {
            assert.ok(!inputs.some((from) => overlap(from, place)) || place === output, block.name);
            highest = Math.max(highest, place.to);
          }
          assert.ok(!(block.scratchBytes > 0 && overlap(scratch, output)), block.name);
          assert.ok(block.kind === 'add' || !inputs.some((from) => overlap(from, output)), `${i}`);
          live = [...live.filter((l) => !written.some((place) => overlap(l, place))), output];
        });
        highest = Math.max(highest, placeOf(input).to);
        assert.equal(memoryBytes, Math.ceil(highest / 4) * 4);
        assert.deepEqual(
          blocks.map(({ cellOffset }) => cellOffset),
          network.blocks.map(({ cellOffset }) => cellOffset),
        );
      });
    }
  }
});

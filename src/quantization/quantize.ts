import { UserError } from '../common/errors.ts';
import { FixedPointError, type BlockContent, type ValueFormat } from '../layers/fixed-binding.ts';
import { packedContent } from '../layers/four-bit.ts';
import { formatBits } from '../layers/fixed-point.ts';
import {
  parameterName,
  parameterSize,
  type Network,
  type NetworkLayer,
  type Weights,
} from '../model/network.ts';
import {
  networkHash,
  type IntegerBlock,
  type IntegerNetwork,
  type IntegerTensor,
} from './integer-network.ts';
import { rangeName } from '../layers/fake-quantise/shape.ts';
import { deployedNetwork } from '../model/deployed.ts';
import { formatName } from '../model/units.ts';
import { foldBatchNorms } from './fold.ts';
import { lowerNetwork, type LoweredBlock } from './lower.ts';
import { alignedSize, planMemory, type PlannedTensor } from './planner.ts';

interface QuantizedBlock extends LoweredBlock {
  content: BlockContent;
}

/**
 * The integer network of a trained one: weights on their grids, a descriptor a block, places for all tensors. Throws a
 * UserError that names the layer where a layer cannot be deployed, weights are missing or not finite, or an int32
 * accumulator could overflow with these weights.
 */
export function quantizeNetwork(trained: Network, trainedWeights: Weights): IntegerNetwork {
  checkFormats(trained);
  const network = deployedNetwork(trained);
  const weights = foldBatchNorms(network, trainedWeights);
  const lowered = lowerNetwork(network);
  const formats = new Map<number, ValueFormat>([
    [-1, { bits: 8, fraction: network.quantization.activations.fraction }],
  ]);
  const blocks = lowered.map((block, i): QuantizedBlock => {
    const content = quantizeBlock(network, weights, block, formats, i === lowered.length - 1);
    formats.set(block.result, content.output);
    return { ...block, content };
  });
  const quantized = {
    name: network.name,
    classes: [...network.classes],
    readout: network.readout,
    resetEvery: network.target.resetEvery,
    window: network.input.window,
    hop: network.input.hop,
    rate: network.input.rate,
    macs: network.macs,
    ...placeTensors(network, blocks),
  };
  return { ...quantized, hash: networkHash(quantized) };
}

function checkFormats({ quantization: { weights, activations } }: Network): void {
  if (formatBits(activations) !== 8) {
    throw new UserError(
      `activations in ${formatName(activations)} have ${formatBits(activations)} bits with their sign; 8 are needed`,
      {},
      'Choose a format Qm.n with m + n = 7, such as Q2.5.',
    );
  }
  if (typeof weights === 'object' && (formatBits(weights) > 8 || formatBits(weights) < 2)) {
    throw new UserError(
      `weights in ${formatName(weights)} have ${formatBits(weights)} bits with their sign; at most 8 are possible`,
      {},
      'Choose a format Qm.n with m + n of at most 7, such as Q2.5, per-layer, per-channel or 4.',
    );
  }
}

function quantizeBlock(
  network: Network,
  weights: Weights,
  { layer, binding, pool }: LoweredBlock,
  formats: ReadonlyMap<number, ValueFormat>,
  last: boolean,
): BlockContent {
  const inputs = layer.from.map((index) => formats.get(index) as ValueFormat);
  try {
    for (const { bits } of inputs) {
      if (!binding.inputBits.includes(bits)) {
        throw new FixedPointError(
          `a ${layer.kind} layer cannot read the ${bits}-bit output of a recurrent layer`,
          'Only dense, max-affine and recurrent layers can follow a recurrent layer.',
        );
      }
    }
    const content = binding.quantize(layer, {
      quantization: network.quantization,
      inputs,
      output: outputFormat(network, pool?.layer ?? layer, weights),
      last,
      pool,
      parameter: (name) => parameterOf(layer, name, weights),
    });
    binding.check(layer, content, inputs);
    return packedContent(content);
  } catch (error) {
    if (!(error instanceof FixedPointError)) throw error;
    throw new UserError(error.message, { layer: layer.name, line: layer.line }, error.advice);
  }
}

/** The format that training has learned for a layer's values, else the model file's. */
function outputFormat({ quantization }: Network, { name }: NetworkLayer, weights: Weights): ValueFormat {
  const range = weights.get(rangeName(name));
  const fraction = range ? 7 - Math.ceil(range[0]) : quantization.activations.fraction;
  if (!Number.isFinite(fraction) || Math.abs(fraction) > 15) {
    throw new FixedPointError(`the range of its values was learned as 2^${range?.[0]}`, 'Train again.');
  }
  return { bits: 8, fraction };
}

function parameterOf(layer: NetworkLayer, name: string, weights: Weights): Float32Array {
  const spec = layer.parameters.find((parameter) => parameter.name === name);
  if (!spec) throw new Error(`${layer.kind} has no parameter ${name}`);
  const full = parameterName(layer, spec);
  const values = weights.get(full);
  if (!values) throw new UserError(`the weights have no tensor ${full}`, { layer: layer.name });
  if (values.length !== parameterSize(spec)) {
    throw new UserError(
      `the weights have ${values.length} values for ${full}, the model has ${parameterSize(spec)}`,
      { layer: layer.name },
      'The weights are of another model.',
    );
  }
  if (!values.every(Number.isFinite)) {
    throw new UserError(`${full} holds a value that is not a number`, { layer: layer.name }, 'Train again.');
  }
  return values;
}

type Placed = Pick<
  IntegerNetwork,
  'blocks' | 'input' | 'logits' | 'logitScale' | 'memoryBytes' | 'stateBytes'
>;

/** States first, one after the other; then the arena, planned by the lifetimes of what it holds. */
function placeTensors(network: Network, blocks: readonly QuantizedBlock[]): Placed {
  const arena: PlannedTensor[] = [];
  /** Of a layer's output or -1: index into `arena`, or a place in the state. */
  const places = new Map<number, { arena: number } | { state: number }>();
  const lastUse = (index: number, producer: number) =>
    blocks.reduce((last, block, i) => (block.layer.from.includes(index) ? i : last), producer);

  let stateBytes = 0;
  const cells: number[] = [];
  const scratch: number[] = [];
  const { window } = network.input;
  places.set(-1, { arena: arena.push({ bytes: window, from: 0, to: lastUse(-1, 0) }) - 1 });
  blocks.forEach(({ layer, content, result }, i) => {
    const bytes = elements(network.layers[result].shape) * (content.output.bits / 8);
    if (layer.scope === 'sequence') {
      places.set(result, { state: stateBytes });
      stateBytes += alignedSize(bytes);
    } else {
      const to = i === blocks.length - 1 ? i : lastUse(result, i);
      places.set(result, { arena: arena.push({ bytes, from: i, to }) - 1 });
    }
    cells.push(content.cellBytes > 0 ? stateBytes : 0);
    stateBytes += alignedSize(content.cellBytes);
    scratch.push(
      content.scratchBytes > 0 ? arena.push({ bytes: content.scratchBytes, from: i, to: i }) - 1 : -1,
    );
  });

  const plan = planMemory(arena);
  const tensor = (index: number, format: ValueFormat): IntegerTensor => {
    const place = places.get(index);
    if (!place) throw new Error(`layer ${index} was not placed`);
    const shape = index < 0 ? { channels: 1, length: window } : network.layers[index].shape;
    const offset = 'state' in place ? place.state : stateBytes + plan.offsets[place.arena];
    return {
      channels: shape.channels,
      length: shape.length,
      bits: format.bits,
      fraction: format.fraction,
      offset,
    };
  };
  const formats = new Map<number, ValueFormat>(blocks.map(({ result, content }) => [result, content.output]));
  const inputFormat: ValueFormat = { bits: 8, fraction: network.quantization.activations.fraction };
  const placed = blocks.map(({ layer, pool, content, result }, i): IntegerBlock => {
    const { output, cellBytes: _cellBytes, ...rest } = content;
    return {
      name: layer.name,
      layers: pool ? [layer.name, pool.layer.name] : [layer.name],
      ...rest,
      inputs: layer.from.map((index) => tensor(index, formats.get(index) ?? inputFormat)),
      output: tensor(result, output),
      cellOffset: cells[i],
      scratchOffset: scratch[i] < 0 ? 0 : stateBytes + plan.offsets[scratch[i]],
    };
  });
  const logits = placed[placed.length - 1].output;
  return {
    blocks: placed,
    input: tensor(-1, inputFormat),
    logits,
    logitScale: 2 ** -logits.fraction,
    stateBytes,
    memoryBytes: stateBytes + plan.bytes,
  };
}

function elements({ channels, length }: { channels: number; length: number }): number {
  return channels * length;
}

import { UserError } from '../common/errors.ts';
import type { TensorShape } from '../layers/definition.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import { layerBindings } from '../layers/train.ts';
import { trainingProblem } from '../model/capability.ts';
import { parameterName, parameterSize, type Network, type NetworkLayer } from '../model/network.ts';
import { BindingError, type LayerBinding } from './binding.ts';
import { FLOAT, LINE, SHARDS, tensorBytes, type Address } from './kernels.ts';
import { parameterGrid, type ParameterGrid } from './grid.ts';
import { heapBase } from './load.ts';

/**
 * Where everything lies in the engine's memory. A plan is a function of the network and a few numbers, so that every
 * thread makes its own and none has to be sent.
 *
 * The layers before the first sequence layer are the network's front: they are computed for one window of one group
 * alone. The rest is its tail: computed for all windows of a group, one after the other. An item is one window of one
 * group; each has an area of the same layout in which tensors stay from one phase to the next.
 */
export interface Plan {
  training: boolean;
  layers: readonly PlannedLayer[];
  parameters: readonly PlannedParameter[];
  /** Layers of the front. */
  front: number;
  /**
   * The front in stretches that are computed without looking at the whole batch: each but the first, which may be empty,
   * begins with a layer that needs figures of it.
   */
  segments: readonly Segment[];
  classes: number;
  /** Tensor of the layer whose values are given out, and may have a loss of their own; -1: none. */
  features: number;
  weights: Address;
  /** What the layers compute with: the weights, or their quantised copies. */
  effective: Address;
  firstMoments: Address;
  secondMoments: Address;
  /** Gradients of shard 0; the shards follow each other by `parameterFloats`. */
  gradients: Address;
  /** Floats of all parameters with padding. */
  parameterFloats: number;
  /** Zeros, as long as the longest recurrent state: what a record starts from. */
  zeros: Address;
  scratch: Address;
  /** A thread's share. */
  scratchBytes: number;
  stacks: Address;
  /** Everything of a batch lies from here on. */
  batch: Address;
  item: ItemLayout;
  group: GroupLayout;
}

/** Layers [first, end). */
export interface Segment {
  first: number;
  end: number;
}

export interface PlannedParameter {
  name: string;
  layer: NetworkLayer;
  /** In the canonical order, and as the engine keeps it: with zeros among them where `order` says so. */
  floats: number;
  size: number;
  trained: boolean;
  /** Weight decay is for kernels: of one axis are biases and the scales and offsets of normalisation. */
  decays: boolean;
  /** Floats from the start of all parameters; a multiple of 16. */
  offset: number;
  order: Int32Array | undefined;
  /** Where its quantised copy lies on; undefined: it is not quantised. */
  grid: ParameterGrid | undefined;
}

export interface PlannedLayer {
  layer: NetworkLayer;
  binding: LayerBinding;
  trained: boolean;
  /** The gradient comes to it: it is trained, or one that it reads from is. */
  backward: boolean;
  /** Of its one or two inputs, in order. */
  inputs: readonly PlannedInput[];
  /** Figures of the batch; 0: none. */
  statistics: Address;
  /** Floats from the start of all parameters. */
  parameterOffsets: readonly number[];
  weights: readonly Address[];
  packed: readonly Address[];
  /** Bytes from the start of a group's recurrent states. */
  stateOffset: number;
}

/** One tensor that a layer reads. */
export interface PlannedInput {
  tensor: number;
  /**
   * Where its gradient goes: it is not wanted, is written, is added to, or goes into an area of its own from where it is
   * added, for bindings that cannot add.
   */
  gradient: 'none' | 'write' | 'add' | 'aside';
  /** Offset of that area in the item; -1: none. */
  aside: number;
}

/** A tensor of each item: in the item's area, or in a slot of the thread's scratch that other tensors use too. */
export interface TensorPlace {
  inItem: boolean;
  offset: number;
  bytes: number;
}

/** Index i + 1 in the arrays is layer i's output; 0 is the network's input. */
export interface ItemLayout {
  bytes: number;
  tensors: readonly TensorPlace[];
  gradients: readonly TensorPlace[];
  /** Per layer, offset into the item's area; -1: nothing saved. */
  saved: readonly number[];
  /** Softmax of the item's logits [classes][16]. */
  probabilities: number;
  /** Windows that a shard's backward pass takes at a time. */
  run: number;
  /** Where a thread's scratch for the bindings begins, behind the slots of tensors. */
  bindingScratch: number;
}

/** Offsets into the block of one group of 16 records; the first five are arrays of 16 x 32 bits. */
export interface GroupLayout {
  bytes: number;
  counts: number;
  keys: number;
  signals: number;
  lengths: number;
  loss: number;
  /** First item and number of windows, two int32. */
  extent: number;
  /** Twice (soft and hard loss): targets [classes][16], weight in the loss [16], weight in the gradient [16]. */
  terms: readonly { target: number; lossWeight: number; gradientWeight: number }[];
  /** Of the layer of `Plan.features`: target [channels][16], weight in the loss [16], weight in the gradient [16]. */
  features: { target: number; lossWeight: number; gradientWeight: number };
  /** [classes][16] of the records. */
  logits: number;
  probabilities: number;
  states: number;
}

const stackBytes = 65536;
/** Tensors that a run of windows needs at a time in the backward pass should stay in a second-level cache. */
const runBytes = 640_000;
const longestRun = 8;

function lines(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}

/** Refuse what the engine cannot train, before anything starts. */
export function checkNetwork(network: Network): void {
  for (const layer of network.layers) {
    const place = { layer: layer.name, line: layer.line };
    const limit = layerDefinitions.get(layer.kind)?.limits?.(layer.options).training;
    if (limit) throw new UserError(limit, place, 'Change the layer, or only look at its shape and cost.');
    if (!layerBindings.has(layer.kind)) {
      throw new UserError(`layers of kind ${layer.kind} cannot be trained yet`, place);
    }
    const problem = trainingProblem(network, layer);
    if (problem) throw new UserError(problem.message, place, problem.advice);
  }
  const last = network.layers.at(-1);
  if (!last || last.shape.length !== 1 || last.shape.channels !== network.classes.length) {
    throw new UserError(
      `the last layer must give one value for each of the ${network.classes.length} classes`,
      last ? { layer: last.name, line: last.line } : {},
      `End the layers with \`dense: ${network.classes.length}\`.`,
    );
  }
}

/** Indices of the layers that read a layer (-1: the input), once for each time they do. */
function readersOf(network: Network, index: number): number[] {
  return network.layers.flatMap((layer) => layer.from.filter((f) => f === index).map(() => layer.index));
}

function bind(layer: NetworkLayer): LayerBinding {
  const make = layerBindings.get(layer.kind)!;
  try {
    return make(layer);
  } catch (error) {
    if (!(error instanceof BindingError)) throw error;
    throw new UserError(error.message, { layer: layer.name, line: layer.line });
  }
}

/** @param featureLayer name of a layer of length 1; undefined: none */
export function makePlan(
  network: Network,
  threads: number,
  training: boolean,
  featureLayer: string | undefined,
): Plan {
  const features = 1 + network.layers.findIndex(({ name }) => name === featureLayer) || -1;
  const bindings = network.layers.map(bind);
  const firstSequence = network.layers.findIndex((layer) => layer.scope === 'sequence');
  const front = firstSequence < 0 ? network.layers.length : firstSequence;

  const parameters: PlannedParameter[] = [];
  const offsets: number[][] = [];
  let parameterFloats = 0;
  network.layers.forEach((layer, i) => {
    offsets.push([]);
    layer.parameters.forEach((spec, p) => {
      const floats = parameterSize(spec);
      const order = bindings[i].orders[p];
      const size = order?.length ?? floats;
      const trained = !layer.frozen && !spec.statistic;
      const decays = spec.shape.length > 1;
      const name = parameterName(layer, spec);
      const grid = network.quantization.aware
        ? parameterGrid(layer, spec, network.quantization, order)
        : undefined;
      parameters.push({ name, layer, floats, size, trained, decays, offset: parameterFloats, order, grid });
      offsets[i].push(parameterFloats);
      parameterFloats += lines(size * FLOAT) / FLOAT;
    });
  });
  // An odd number of cache lines, so that the shards' gradients do not fall into one set of the cache.
  if ((parameterFloats / 16) % 2 === 0) parameterFloats += 16;

  let next = lines(heapBase);
  const take = (bytes: number): Address => {
    const at = next;
    next += lines(bytes);
    return at;
  };
  const stacks = take(threads * stackBytes);
  const weights = take(parameterFloats * FLOAT);
  const effective = network.quantization.aware ? take(parameterFloats * FLOAT) : weights;
  const firstMoments = take(training ? parameterFloats * FLOAT : 0);
  const secondMoments = take(training ? parameterFloats * FLOAT : 0);
  const gradients = take(training ? SHARDS * parameterFloats * FLOAT : 0);

  const trains = network.layers.map((layer) => layer.parameters.length > 0 && !layer.frozen);
  const statistics = network.layers.map((_layer, i) => {
    const { bytes } = bindings[i].statistics ?? { bytes: 0 };
    return training && trains[i] && bytes > 0 ? take(bytes) : 0;
  });
  const segments = segmentsOf(front, statistics);
  const { item, slotBytes, inputs, backward } = itemLayout(
    network,
    bindings,
    { front, segments, trains, features },
    training,
  );
  let stateBytes = 0;
  const layers = network.layers.map((layer, i): PlannedLayer => {
    const stateOffset = stateBytes;
    stateBytes += bindings[i].stateBytes;
    return {
      layer,
      binding: bindings[i],
      trained: trains[i],
      backward: backward[i],
      inputs: inputs[i],
      statistics: statistics[i],
      parameterOffsets: offsets[i],
      weights: offsets[i].map((offset) => effective + offset * FLOAT),
      packed: bindings[i].packed.map((form) => take(form.floats * FLOAT)),
      stateOffset,
    };
  });

  const zeros = take(Math.max(...bindings.map((binding) => binding.stateBytes)));
  const bindingScratch = Math.max(...bindings.map((binding) => binding.scratchBytes));
  const scratchBytes = lines(slotBytes + bindingScratch);
  const scratch = take(threads * scratchBytes);
  return {
    training,
    layers,
    parameters,
    front,
    segments,
    classes: network.classes.length,
    features,
    weights,
    effective,
    firstMoments,
    secondMoments,
    gradients,
    parameterFloats,
    zeros,
    scratch,
    scratchBytes,
    stacks,
    batch: next,
    item,
    group: groupLayout(
      network.classes.length,
      features < 0 ? 0 : network.layers[features - 1].shape.channels,
      stateBytes,
    ),
  };
}

/** Where the stack of a thread begins; it grows downwards. */
export function stackTop(plan: Plan, thread: number): Address {
  return plan.stacks + (thread + 1) * stackBytes;
}

function segmentsOf(front: number, statistics: readonly Address[]): Segment[] {
  const firsts = [0, ...statistics.flatMap((address, i) => (address !== 0 ? [i] : []))];
  return firsts.map((first, s) => ({ first, end: firsts[s + 1] ?? front }));
}

function itemLayout(
  network: Network,
  bindings: readonly LayerBinding[],
  {
    front,
    segments,
    trains,
    features,
  }: { front: number; segments: readonly Segment[]; trains: readonly boolean[]; features: number },
  training: boolean,
): { item: ItemLayout; slotBytes: number; inputs: PlannedInput[][]; backward: boolean[] } {
  const count = network.layers.length;
  const input: TensorShape = { channels: 1, length: network.input.window };
  const sizes = [input, ...network.layers.map((layer) => layer.shape)].map(tensorBytes);
  let bytes = 0;
  const take = (size: number): number => {
    const at = bytes;
    bytes += lines(size);
    return at;
  };

  // A tensor that only the next layer reads, and at once, can live in one of two slots of the scratch, by turns.
  const readers = sizes.map((_size, t) => readersOf(network, t - 1));
  const joins = new Set(segments.slice(1).map(({ first }) => first));
  const passing = sizes.map(
    (_size, t) =>
      t < front && t !== features && readers[t].length === 1 && readers[t][0] === t && !joins.has(t),
  );
  const keeps = sizes.map(
    (_size, t) =>
      !passing[t] ||
      (training && ((t > 0 && bindings[t - 1].keepsOutput) || (t < count && bindings[t].keepsInput))),
  );
  const largest = (of: readonly number[]) => Math.max(0, ...of);
  const forwardSlot = largest(sizes.filter((_size, t) => !keeps[t]));
  const tensors = sizes.map((size, t): TensorPlace =>
    keeps[t]
      ? { inItem: true, offset: take(size), bytes: size }
      : { inItem: false, offset: (t % 2) * forwardSlot, bytes: size },
  );

  const backward: boolean[] = [];
  for (const layer of network.layers) {
    backward.push(trains[layer.index] || layer.from.some((f) => f >= 0 && backward[f]));
  }
  // Layers of batch figures write the gradient of their output in one segment and read it in the next.
  const gradientPasses = sizes.map((_size, t) => passing[t] && !joins.has(t - 1));
  const gradientSlot = training ? largest(sizes.filter((_size, t) => gradientPasses[t])) : 0;
  const run = Math.max(1, Math.min(longestRun, Math.floor(runBytes / Math.max(gradientSlot, 1))));
  const gradients = !training
    ? []
    : sizes.map((size, t): TensorPlace =>
        gradientPasses[t]
          ? { inItem: false, offset: (t % 2) * run * gradientSlot, bytes: size }
          : { inItem: true, offset: take(size), bytes: size },
      );
  const inputs = plannedInputs(network, bindings, backward, features, (tensor) =>
    training ? take(sizes[tensor]) : -1,
  );
  const saved = bindings.map((binding) =>
    binding.savedBytes > 0 && (training || binding.savesAlways) ? take(binding.savedBytes) : -1,
  );
  const probabilities = take(network.classes.length * LINE);
  const slotBytes = Math.max(2 * forwardSlot, 2 * run * gradientSlot);
  return {
    item: { bytes, tensors, gradients, saved, probabilities, run, bindingScratch: slotBytes },
    slotBytes,
    inputs,
    backward,
  };
}

/** What each layer does with its inputs' gradients: of a tensor's readers the last one writes, since it comes first backwards. */
function plannedInputs(
  network: Network,
  bindings: readonly LayerBinding[],
  backward: readonly boolean[],
  features: number,
  takeAside: (tensor: number) => number,
): PlannedInput[][] {
  // The loss of the features comes before all readers.
  const written = new Set<number>([features]);
  const inputs: PlannedInput[][] = network.layers.map(() => []);
  for (const layer of [...network.layers].reverse()) {
    inputs[layer.index] = layer.from.map((from) => {
      const tensor = from + 1;
      if (from < 0 || !backward[from]) return { tensor, gradient: 'none', aside: -1 };
      if (!written.has(tensor)) {
        written.add(tensor);
        return { tensor, gradient: 'write', aside: -1 };
      }
      if (bindings[layer.index].addsGradient) return { tensor, gradient: 'add', aside: -1 };
      return { tensor, gradient: 'aside', aside: takeAside(tensor) };
    });
  }
  return inputs;
}

function groupLayout(classes: number, featureChannels: number, stateBytes: number): GroupLayout {
  let bytes = 0;
  const take = (count: number): number => {
    const at = bytes;
    bytes += count * LINE;
    return at;
  };
  const counts = take(1);
  const keys = take(1);
  const signals = take(1);
  const lengths = take(1);
  const loss = take(1);
  const extent = take(1);
  const term = (values: number) => ({ target: take(values), lossWeight: take(1), gradientWeight: take(1) });
  const terms = [term(classes), term(classes)];
  const features = term(featureChannels);
  const logits = take(classes);
  const probabilities = take(classes);
  const states = take(stateBytes / LINE);
  return {
    bytes,
    counts,
    keys,
    signals,
    lengths,
    loss,
    extent,
    terms,
    features,
    logits,
    probabilities,
    states,
  };
}

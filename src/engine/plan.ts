import { UserError } from '../common/errors.ts';
import type { TensorShape } from '../layers/definition.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import { layerBindings } from '../layers/train.ts';
import { parameterName, parameterSize, type Network, type NetworkLayer } from '../model/network.ts';
import { BindingError, type LayerBinding } from './binding.ts';
import { FLOAT, LINE, SHARDS, tensorBytes, type Address } from './kernels.ts';
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
  /** First layer that is trained; the gradient goes no further down. layers.length: none is. */
  stop: number;
  classes: number;
  weights: Address;
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

export interface PlannedParameter {
  name: string;
  layer: NetworkLayer;
  floats: number;
  /** Floats from the start of all parameters; a multiple of 16. */
  offset: number;
  order: Int32Array | undefined;
}

export interface PlannedLayer {
  layer: NetworkLayer;
  binding: LayerBinding;
  trained: boolean;
  /** Floats from the start of all parameters. */
  parameterOffsets: readonly number[];
  weights: readonly Address[];
  packed: readonly Address[];
  /** Bytes from the start of a group's recurrent states. */
  stateOffset: number;
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

/** Offsets into the block of one group of 16 records; the first four are arrays of 16 x 32 bits. */
export interface GroupLayout {
  bytes: number;
  counts: number;
  signals: number;
  lengths: number;
  loss: number;
  /** First item and number of windows, two int32. */
  extent: number;
  /** Twice (soft and hard loss): targets [classes][16], weight in the loss [16], weight in the gradient [16]. */
  terms: readonly { target: number; lossWeight: number; gradientWeight: number }[];
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
    if (layer.from.length !== 1 || layer.from[0] !== layer.index - 1) {
      throw new UserError(
        'a layer that does not read the layer before it cannot be trained yet',
        place,
        'Write the layers as a chain, without `from`.',
      );
    }
    if (!layerBindings.has(layer.kind)) {
      throw new UserError(`layers of kind ${layer.kind} cannot be trained yet`, place);
    }
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

function bind(layer: NetworkLayer): LayerBinding {
  const make = layerBindings.get(layer.kind)!;
  try {
    return make(layer);
  } catch (error) {
    if (!(error instanceof BindingError)) throw error;
    throw new UserError(error.message, { layer: layer.name, line: layer.line });
  }
}

export function makePlan(network: Network, threads: number, training: boolean): Plan {
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
      parameters.push({ name: parameterName(layer, spec), layer, floats, offset: parameterFloats, order });
      offsets[i].push(parameterFloats);
      parameterFloats += lines(floats * FLOAT) / FLOAT;
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
  const firstMoments = take(training ? parameterFloats * FLOAT : 0);
  const secondMoments = take(training ? parameterFloats * FLOAT : 0);
  const gradients = take(training ? SHARDS * parameterFloats * FLOAT : 0);

  let stateBytes = 0;
  const layers = network.layers.map((layer, i): PlannedLayer => {
    const stateOffset = stateBytes;
    stateBytes += bindings[i].stateBytes;
    return {
      layer,
      binding: bindings[i],
      trained: layer.parameters.length > 0 && !layer.frozen,
      parameterOffsets: offsets[i],
      weights: offsets[i].map((offset) => weights + offset * FLOAT),
      packed: bindings[i].packed.map((form) => take(form.floats * FLOAT)),
      stateOffset,
    };
  });
  const lowest = layers.findIndex(({ trained }) => trained);
  const stop = lowest < 0 ? layers.length : lowest;

  const zeros = take(Math.max(...bindings.map((binding) => binding.stateBytes)));
  const { item, slotBytes } = itemLayout(network, bindings, front, training);
  const bindingScratch = Math.max(...bindings.map((binding) => binding.scratchBytes));
  const scratchBytes = lines(slotBytes + bindingScratch);
  const scratch = take(threads * scratchBytes);
  return {
    training,
    layers,
    parameters,
    front,
    stop,
    classes: network.classes.length,
    weights,
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
    group: groupLayout(network.classes.length, stateBytes),
  };
}

/** Where the stack of a thread begins; it grows downwards. */
export function stackTop(plan: Plan, thread: number): Address {
  return plan.stacks + (thread + 1) * stackBytes;
}

function itemLayout(
  network: Network,
  bindings: readonly LayerBinding[],
  front: number,
  training: boolean,
): { item: ItemLayout; slotBytes: number } {
  const count = network.layers.length;
  const input: TensorShape = { channels: 1, length: network.input.window };
  const sizes = [input, ...network.layers.map((layer) => layer.shape)].map(tensorBytes);
  let bytes = 0;
  const take = (size: number): number => {
    const at = bytes;
    bytes += lines(size);
    return at;
  };

  // Tensors that nobody reads after their layer's reader live in two slots of the scratch, by turns.
  const keeps = sizes.map(
    (_size, t) =>
      t >= front ||
      (training && ((t > 0 && bindings[t - 1].keepsOutput) || (t < count && bindings[t].keepsInput))),
  );
  const largest = (of: readonly number[]) => Math.max(0, ...of);
  const forwardSlot = largest(sizes.filter((_size, t) => !keeps[t]));
  const tensors = sizes.map((size, t): TensorPlace =>
    keeps[t]
      ? { inItem: true, offset: take(size), bytes: size }
      : { inItem: false, offset: (t % 2) * forwardSlot, bytes: size },
  );

  const gradientSlot = training ? largest(sizes.slice(0, front)) : 0;
  const run = Math.max(1, Math.min(longestRun, Math.floor(runBytes / Math.max(gradientSlot, 1))));
  const gradients = !training
    ? []
    : sizes.map((size, t): TensorPlace =>
        t >= front
          ? { inItem: true, offset: take(size), bytes: size }
          : { inItem: false, offset: (t % 2) * run * gradientSlot, bytes: size },
      );
  const saved = bindings.map((binding) =>
    binding.savedBytes > 0 && (training || binding.savesAlways) ? take(binding.savedBytes) : -1,
  );
  const probabilities = take(network.classes.length * LINE);
  const slotBytes = Math.max(2 * forwardSlot, 2 * run * gradientSlot);
  return {
    item: { bytes, tensors, gradients, saved, probabilities, run, bindingScratch: slotBytes },
    slotBytes,
  };
}

function groupLayout(classes: number, stateBytes: number): GroupLayout {
  let bytes = 0;
  const take = (count: number): number => {
    const at = bytes;
    bytes += count * LINE;
    return at;
  };
  const counts = take(1);
  const signals = take(1);
  const lengths = take(1);
  const loss = take(1);
  const extent = take(1);
  const term = () => ({ target: take(classes), lossWeight: take(1), gradientWeight: take(1) });
  const terms = [term(), term()];
  const logits = take(classes);
  const probabilities = take(classes);
  const states = take(stateBytes / LINE);
  return { bytes, counts, signals, lengths, loss, extent, terms, logits, probabilities, states };
}

import type { Network } from '../model/network.ts';
import type { Draws, Run } from './binding.ts';
import { number, phase, word, type Control, type Phase } from './control.ts';
import { quantiseParameter } from './grid.ts';
import { FLOAT, LANES, LINE, SHARDS, type Address, type Kernels } from './kernels.ts';
import type { Plan, PlannedInput, PlannedLayer, TensorPlace } from './plan.ts';

/** Floats of the parameters that one unit of the sum and update phases takes. */
const chunkFloats = 8192;

interface Group {
  /** Address of the group's block. */
  block: Address;
  firstItem: number;
  windows: number;
}

/** The units of every phase, as one thread does them. All threads have the same plan and so the same units. */
export class Work {
  readonly #network: Network;
  readonly #plan: Plan;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  readonly #scratch: Address;
  readonly #chunks: readonly Chunk[];
  readonly #packs: readonly { layer: PlannedLayer; form: number }[];
  readonly #run: Run;
  readonly #draws: Draws = { seed: 0, step: 0, keys: 0 };
  #groups: Group[] = [];

  constructor(
    network: Network,
    plan: Plan,
    kernels: Kernels,
    memory: WebAssembly.Memory,
    control: Control,
    thread: number,
  ) {
    this.#network = network;
    this.#plan = plan;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#control = control;
    this.#scratch = plan.scratch + thread * plan.scratchBytes;
    this.#chunks = parameterChunks(plan);
    this.#packs = plan.layers.flatMap((layer) => layer.packed.map((_, form) => ({ layer, form })));
    this.#run = emptyRun();
  }

  units(which: Phase): number {
    switch (which) {
      case phase.forward: {
        const last = this.#groups.at(-1);
        return last ? last.firstItem + last.windows : 0;
      }
      case phase.tailPrediction:
        return this.#groups.length;
      case phase.tailTraining:
      case phase.backward:
        return SHARDS;
      case phase.sum:
        return this.#chunks.length;
      case phase.update:
        return this.#chunks.length + this.#plan.segments.length - 1;
      case phase.statistics:
      case phase.statisticsBackward:
        return 1;
      case phase.quantise:
        return this.#plan.parameters.length;
      case phase.pack:
        return this.#packs.length;
    }
  }

  /** Read the batch that the calling thread has laid out. */
  readBatch(): void {
    const { words } = this.#control;
    this.#draws.seed = words[word.seed];
    this.#draws.step = words[word.step];
    const count = words[word.groups];
    const base = words[word.groupBase] >>> 0;
    // grow(0) shows this thread the memory as long as another thread has made it.
    this.#memory.grow(0);
    const { group } = this.#plan;
    const view = new DataView(this.#memory.buffer);
    this.#groups = [];
    for (let g = 0; g < count; g++) {
      const block = base + g * group.bytes;
      const firstItem = view.getInt32(block + group.extent, true);
      const windows = view.getInt32(block + group.extent + 4, true);
      this.#groups.push({ block, firstItem, windows });
    }
  }

  do(which: Phase, unit: number): void {
    switch (which) {
      case phase.forward:
        return this.#forward(unit);
      case phase.tailTraining:
        return this.#tailTraining(unit);
      case phase.tailPrediction:
        return this.#tailPrediction(this.#groups[unit]);
      case phase.backward:
        return this.#backward(unit);
      case phase.sum:
        return this.#sum(unit);
      case phase.update:
        if (unit < this.#chunks.length) return this.#update(unit);
        return this.#updateStatistics(unit - this.#chunks.length);
      case phase.statistics:
        return this.#statistics();
      case phase.statisticsBackward:
        return this.#statisticsBackward();
      case phase.quantise:
        return this.#quantise(unit);
      case phase.pack: {
        const { layer, form } = this.#packs[unit];
        const packed = layer.binding.packed[form];
        return packed.pack(this.#kernels, layer.packed[form], layer.weights[packed.parameter]);
      }
    }
  }

  #itemAddress(item: number): Address {
    return (this.#control.words[word.itemBase] >>> 0) + item * this.#plan.item.bytes;
  }

  /** Address of a tensor of an item, and the stride to the next item's. */
  #address(place: TensorPlace, item: Address): Address {
    return (place.inItem ? item : this.#scratch) + place.offset;
  }

  #stride(place: TensorPlace): number {
    return place.inItem ? this.#plan.item.bytes : place.bytes;
  }

  /**
   * Everything but gradients of layer `index`, for windows of `group` from `firstWindow` of the batch's slice on, of which
   * the first lies at `item`. `training`: with dropout and the batch's figures.
   */
  #prepare(
    index: number,
    item: Address,
    group: Group,
    firstWindow: number,
    windows: number,
    training: boolean,
  ): Run {
    const { layers, item: layout, group: block } = this.#plan;
    const run = this.#run;
    const { inputs, packed, statistics, weights } = layers[index];
    const first = layout.tensors[inputs[0].tensor];
    const second = layout.tensors[inputs[inputs.length - 1].tensor];
    const output = layout.tensors[index + 1];
    run.windows = windows;
    run.x = this.#address(first, item);
    run.xStride = this.#stride(first);
    run.x2 = this.#address(second, item);
    run.x2Stride = this.#stride(second);
    run.y = this.#address(output, item);
    run.yStride = this.#stride(output);
    run.saved = layout.saved[index] < 0 ? 0 : item + layout.saved[index];
    run.savedStride = layout.bytes;
    run.scratch = this.#scratch + layout.bindingScratch;
    run.weights = weights;
    run.packed = packed;
    run.counts = group.block + block.counts;
    run.state = this.#plan.zeros;
    run.stateAfter = 0;
    run.firstWindow = firstWindow;
    run.resetEvery = 0;
    run.statistics = training ? statistics : 0;
    this.#draws.keys = group.block + block.keys;
    run.draws = training ? this.#draws : undefined;
    return run;
  }

  #prepareBackward(
    index: number,
    item: Address,
    group: Group,
    firstWindow: number,
    windows: number,
    shard: number,
  ): Run {
    const { layers, item: layout, gradients, parameterFloats } = this.#plan;
    const run = this.#prepare(index, item, group, firstWindow, windows, true);
    const { inputs, parameterOffsets, trained } = layers[index];
    run.dy = this.#address(layout.gradients[index + 1], item);
    run.dyStride = this.#stride(layout.gradients[index + 1]);
    const [first, second] = inputs;
    [run.dx, run.dxStride] = this.#inputGradient(first, item);
    [run.dx2, run.dx2Stride] = second ? this.#inputGradient(second, item) : [0, 0];
    run.addToDx = first.gradient === 'add';
    const base = gradients + shard * parameterFloats * FLOAT;
    run.gradients = parameterOffsets.map((offset) => (trained ? base + offset * FLOAT : 0));
    return run;
  }

  #inputGradient({ tensor, gradient, aside }: PlannedInput, item: Address): [Address, number] {
    const { item: layout } = this.#plan;
    if (gradient === 'none') return [0, 0];
    if (gradient === 'aside') return [item + aside, layout.bytes];
    return [this.#address(layout.gradients[tensor], item), this.#stride(layout.gradients[tensor])];
  }

  /** One layer's backward pass, with what other readers of its inputs have given already. */
  #backwardLayer(
    index: number,
    item: Address,
    group: Group,
    firstWindow: number,
    windows: number,
    shard: number,
  ): void {
    const { layers, item: layout } = this.#plan;
    const { binding, inputs } = layers[index];
    binding.backward(this.#kernels, this.#prepareBackward(index, item, group, firstWindow, windows, shard));
    for (const { tensor, gradient, aside } of inputs) {
      if (gradient !== 'aside') continue;
      const { offset, bytes } = layout.gradients[tensor];
      for (let n = 0; n < windows; n++) {
        const at = item + n * layout.bytes;
        this.#kernels.add(at + offset, at + offset, at + aside, bytes / FLOAT);
      }
    }
  }

  #groupOf(item: number): Group {
    let g = 0;
    while (item >= this.#groups[g].firstItem + this.#groups[g].windows) g++;
    return this.#groups[g];
  }

  #forward(unit: number): void {
    const { front, layers, segments } = this.#plan;
    const segment = this.#control.words[word.segment];
    const group = this.#groupOf(unit);
    const window = unit - group.firstItem;
    const item = this.#itemAddress(unit);
    const training = segment >= 0;
    const { first, end } = training ? segments[segment] : { first: 0, end: front };
    if (segment <= 0) this.#extract(group, window, item);
    for (let i = first; i < end; i++) {
      layers[i].binding.forward(this.#kernels, this.#prepare(i, item, group, window, 1, training));
    }
    if (!training || segment + 1 === segments.length) return;
    const next = layers[segments[segment + 1].first].binding.statistics!;
    next.measure(this.#kernels, this.#prepare(segments[segment + 1].first, item, group, window, 1, true));
  }

  #extract(group: Group, window: number, item: Address): void {
    const { item: layout, group: block } = this.#plan;
    const { window: length, hop } = this.#network.input;
    this.#kernels.extract_window(
      this.#address(layout.tensors[0], item),
      0,
      group.block + block.signals,
      group.block + block.lengths,
      group.block + block.counts,
      window,
      hop,
      length,
    );
  }

  /** Figures of the batch for the layer that the next segment begins with. */
  #statistics(): void {
    const { layers, segments } = this.#plan;
    const index = segments[this.#control.words[word.segment] + 1].first;
    layers[index].binding.statistics!.join(this.#kernels, this.#prepareBatch(index));
  }

  /** Of the gradient, for the layer that the segment begins with. Added to shard 0. */
  #statisticsBackward(): void {
    const { gradients, layers, segments } = this.#plan;
    const index = segments[this.#control.words[word.segment]].first;
    const run = this.#prepareBatch(index);
    run.gradients = layers[index].parameterOffsets.map((offset) => gradients + offset * FLOAT);
    layers[index].binding.statistics!.joinBackward(this.#kernels, run);
  }

  /** A run over all items of the batch, one after the other. */
  #prepareBatch(index: number): Run {
    const items = this.units(phase.forward);
    return this.#prepare(index, this.#itemAddress(0), this.#groups[0], 0, items, true);
  }

  #tailForward(group: Group, prediction: boolean): void {
    const { group: block, front, layers } = this.#plan;
    const { words } = this.#control;
    const item = this.#itemAddress(group.firstItem);
    for (let i = front; i < layers.length; i++) {
      const run = this.#prepare(i, item, group, 0, group.windows, !prediction);
      if (prediction) {
        run.state = group.block + block.states + layers[i].stateOffset;
        run.stateAfter = run.state;
        run.firstWindow = words[word.firstWindow];
        run.resetEvery = words[word.resetEvery];
      }
      layers[i].binding.forward(this.#kernels, run);
    }
  }

  #tailTraining(shard: number): void {
    const { front, gradients, layers, parameterFloats } = this.#plan;
    this.#kernels.clear(gradients + shard * parameterFloats * FLOAT, parameterFloats);
    for (let g = shard; g < this.#groups.length; g += SHARDS) {
      const group = this.#groups[g];
      this.#tailForward(group, false);
      this.#loss(group);
      this.#featureLoss(group);
      const item = this.#itemAddress(group.firstItem);
      for (let i = layers.length - 1; i >= front; i--) {
        if (layers[i].backward) this.#backwardLayer(i, item, group, 0, group.windows, shard);
      }
    }
  }

  /** Losses of the group's records, and their gradients at the logits of every window. */
  #loss(group: Group): void {
    const { classes, group: block, item: layout } = this.#plan;
    const kernels = this.#kernels;
    const item = this.#itemAddress(group.firstItem);
    const stride = layout.bytes / FLOAT;
    const z = item + layout.tensors[layout.tensors.length - 1].offset;
    const dz = item + layout.gradients[layout.gradients.length - 1].offset;
    const p = item + layout.probabilities;
    const counts = group.block + block.counts;
    const loss = group.block + block.loss;
    const logits = group.block + block.logits;
    const probabilities = group.block + block.probabilities;
    for (let n = 0; n < group.windows; n++) kernels.clear(dz + n * layout.bytes, (classes * LINE) / FLOAT);
    kernels.clear(loss, LINE / FLOAT);
    kernels.gather_last(logits, z, counts, classes, stride);
    for (let t = 0; t < this.#control.words[word.terms]; t++) {
      const temperature = t === 0 ? this.#control.numbers[number.temperature] : 1;
      const target = group.block + block.terms[t].target;
      const lossWeight = group.block + block.terms[t].lossWeight;
      const gradientWeight = group.block + block.terms[t].gradientWeight;
      if (this.#network.readout === 'last-state') {
        kernels.softmax(probabilities, logits, classes, temperature);
        kernels.cross_entropy(loss, probabilities, target, lossWeight, classes);
        kernels.last_backward(dz, probabilities, target, gradientWeight, counts, classes, stride);
      } else {
        const windows = group.windows;
        kernels.mean_softmax(probabilities, p, z, counts, windows, classes, stride, stride, temperature);
        kernels.cross_entropy(loss, probabilities, target, lossWeight, classes);
        kernels.mean_backward(
          dz,
          p,
          probabilities,
          target,
          gradientWeight,
          counts,
          windows,
          classes,
          stride,
          stride,
        );
      }
    }
  }

  /** Loss of the features beside that of the logits; its weights are zero where a batch has no targets for them. */
  #featureLoss(group: Group): void {
    const { features, group: block, item: layout, layers } = this.#plan;
    if (features < 0) return;
    const item = this.#itemAddress(group.firstItem);
    const stride = layout.bytes / FLOAT;
    const y = item + layout.tensors[features].offset;
    const dy = item + layout.gradients[features].offset;
    const { channels } = layers[features - 1].layer.shape;
    for (let n = 0; n < group.windows; n++) this.#kernels.clear(dy + n * layout.bytes, channels * LANES);
    const { target, lossWeight, gradientWeight } = block.features;
    this.#kernels.squared_error(
      group.block + block.loss,
      dy,
      y,
      group.block + target,
      group.block + lossWeight,
      group.block + gradientWeight,
      group.block + block.counts,
      channels,
      stride,
      stride,
    );
  }

  #tailPrediction(group: Group): void {
    // A group that is shorter than the slice's first window has nothing left, and no state to go on from.
    if (group.windows === 0) return;
    const { classes, item: layout } = this.#plan;
    this.#tailForward(group, true);
    const temperature = this.#control.numbers[number.temperature];
    const logits = layout.tensors[layout.tensors.length - 1].offset;
    for (let n = 0; n < group.windows; n++) {
      const item = this.#itemAddress(group.firstItem + n);
      this.#kernels.softmax(item + layout.probabilities, item + logits, classes, temperature);
    }
  }

  /**
   * A segment of the front. The layer that it begins with only measures here; its own backward pass, which needs figures
   * of the batch, belongs to the segment before.
   */
  #backward(shard: number): void {
    const { item: layout, layers, segments } = this.#plan;
    const segment = this.#control.words[word.segment];
    const { first: bottom, end: top } = segments[segment];
    const measures = segment > 0;
    const joined = segment + 1 < segments.length;
    const items = this.units(phase.forward);
    const end = Math.floor(((shard + 1) * items) / SHARDS);
    let first = Math.floor((shard * items) / SHARDS);
    while (first < end) {
      const group = this.#groupOf(first);
      const windows = Math.min(layout.run, end - first, group.firstItem + group.windows - first);
      const item = this.#itemAddress(first);
      const from = first - group.firstItem;
      for (let i = joined ? top : top - 1; i >= bottom; i--) {
        if (!layers[i].backward) continue;
        if (measures && i === bottom) {
          const run = this.#prepareBackward(i, item, group, from, windows, shard);
          layers[i].binding.statistics!.measureBackward(this.#kernels, run);
        } else {
          this.#backwardLayer(i, item, group, from, windows, shard);
        }
      }
      first += windows;
    }
  }

  #sum(unit: number): void {
    const { gradients, parameterFloats } = this.#plan;
    const { offset, floats } = this.#chunks[unit];
    const at = gradients + offset * FLOAT;
    this.#kernels.sum_shards(at, at, parameterFloats, floats);
  }

  #quantise(unit: number): void {
    const { effective, parameters, weights } = this.#plan;
    const { grid, offset, size } = parameters[unit];
    const floats = Math.ceil(size / LANES) * LANES;
    const at = offset * FLOAT;
    quantiseParameter(this.#kernels, effective + at, weights + at, floats, this.#memory, grid);
  }

  /** Running figures of the layer that segment `join` + 1 begins with. */
  #updateStatistics(join: number): void {
    const { layers, segments } = this.#plan;
    const index = segments[join + 1].first;
    layers[index].binding.statistics!.update(this.#kernels, this.#prepareBatch(index));
  }

  #update(unit: number): void {
    const { firstMoments, gradients, secondMoments, weights } = this.#plan;
    const { numbers } = this.#control;
    const { offset, floats, decays } = this.#chunks[unit];
    this.#kernels.adam(
      weights + offset * FLOAT,
      firstMoments + offset * FLOAT,
      secondMoments + offset * FLOAT,
      gradients + offset * FLOAT,
      floats,
      numbers[number.learningRate],
      numbers[number.beta1],
      numbers[number.beta2],
      numbers[number.epsilon],
      numbers[number.correction1],
      numbers[number.correction2],
      numbers[number.gradientScale],
      decays ? numbers[number.l2] : 0,
      decays ? numbers[number.decay] : 0,
    );
  }

  /** Euclidean norm of all summed gradients; chunk by chunk in their order, so that it depends on no thread. */
  gradientNorm(): number {
    const { gradients } = this.#plan;
    let square = 0;
    for (const { offset, floats } of this.#chunks) {
      square += this.#kernels.squared_norm(gradients + offset * FLOAT, floats);
    }
    return Math.sqrt(square);
  }
}

/** A stretch of one trained parameter. */
interface Chunk {
  offset: number;
  floats: number;
  decays: boolean;
}

/** No longer than `chunkFloats`. */
function parameterChunks(plan: Plan): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { decays, offset, size, trained } of plan.parameters) {
    if (!trained) continue;
    const floats = Math.ceil(size / 16) * 16;
    for (let from = 0; from < floats; from += chunkFloats) {
      chunks.push({ offset: offset + from, floats: Math.min(chunkFloats, floats - from), decays });
    }
  }
  return chunks;
}

function emptyRun(): Run {
  return {
    windows: 0,
    x: 0,
    xStride: 0,
    x2: 0,
    x2Stride: 0,
    y: 0,
    yStride: 0,
    saved: 0,
    savedStride: 0,
    dy: 0,
    dyStride: 0,
    dx: 0,
    dxStride: 0,
    dx2: 0,
    dx2Stride: 0,
    addToDx: false,
    scratch: 0,
    weights: [],
    packed: [],
    gradients: [],
    counts: 0,
    state: 0,
    stateAfter: 0,
    firstWindow: 0,
    resetEvery: 0,
    statistics: 0,
    draws: undefined,
  };
}

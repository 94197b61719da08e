import { parameterName, type Network } from '../model/network.ts';
import type { Run } from './binding.ts';
import { number, phase, word, type Control, type Phase } from './control.ts';
import { FLOAT, LINE, SHARDS, type Address, type Kernels } from './kernels.ts';
import type { Plan, PlannedLayer, TensorPlace } from './plan.ts';

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
      case phase.update:
        return this.#chunks.length;
      case phase.pack:
        return this.#packs.length;
    }
  }

  /** Read the batch that the calling thread has laid out. */
  readBatch(): void {
    const { words } = this.#control;
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
        return this.#update(unit);
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

  /** Input, output and saved area of layer `index` for a run that begins with the item at `item`. */
  #prepare(index: number, item: Address, windows: number): Run {
    const { layers, item: layout } = this.#plan;
    const run = this.#run;
    const planned = layers[index];
    run.windows = windows;
    run.x = this.#address(layout.tensors[index], item);
    run.xStride = this.#stride(layout.tensors[index]);
    run.y = this.#address(layout.tensors[index + 1], item);
    run.yStride = this.#stride(layout.tensors[index + 1]);
    run.saved = layout.saved[index] < 0 ? 0 : item + layout.saved[index];
    run.savedStride = layout.bytes;
    run.scratch = this.#scratch + layout.bindingScratch;
    run.weights = planned.weights;
    run.packed = planned.packed;
    run.state = this.#plan.zeros;
    run.stateAfter = 0;
    run.firstWindow = 0;
    run.resetEvery = 0;
    return run;
  }

  #prepareBackward(index: number, item: Address, windows: number, shard: number): Run {
    const { layers, item: layout, gradients, parameterFloats, stop } = this.#plan;
    const run = this.#prepare(index, item, windows);
    const planned = layers[index];
    run.dy = this.#address(layout.gradients[index + 1], item);
    run.dyStride = this.#stride(layout.gradients[index + 1]);
    run.dx = index > stop ? this.#address(layout.gradients[index], item) : 0;
    run.dxStride = this.#stride(layout.gradients[index]);
    const base = gradients + shard * parameterFloats * FLOAT;
    run.gradients = planned.parameterOffsets.map((offset) => (planned.trained ? base + offset * FLOAT : 0));
    return run;
  }

  #groupOf(item: number): Group {
    let g = 0;
    while (item >= this.#groups[g].firstItem + this.#groups[g].windows) g++;
    return this.#groups[g];
  }

  #forward(unit: number): void {
    const { item: layout, group: block, front, layers } = this.#plan;
    const { window, hop } = this.#network.input;
    const group = this.#groupOf(unit);
    const item = this.#itemAddress(unit);
    this.#kernels.extract_window(
      this.#address(layout.tensors[0], item),
      0,
      group.block + block.signals,
      group.block + block.lengths,
      group.block + block.counts,
      unit - group.firstItem,
      hop,
      window,
    );
    for (let i = 0; i < front; i++) layers[i].binding.forward(this.#kernels, this.#prepare(i, item, 1));
  }

  #tailForward(group: Group, prediction: boolean): void {
    const { group: block, front, layers } = this.#plan;
    const { words } = this.#control;
    const item = this.#itemAddress(group.firstItem);
    for (let i = front; i < layers.length; i++) {
      const run = this.#prepare(i, item, group.windows);
      run.counts = group.block + block.counts;
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
    const { front, gradients, layers, parameterFloats, stop } = this.#plan;
    this.#kernels.clear(gradients + shard * parameterFloats * FLOAT, parameterFloats);
    for (let g = shard; g < this.#groups.length; g += SHARDS) {
      const group = this.#groups[g];
      this.#tailForward(group, false);
      this.#loss(group);
      const item = this.#itemAddress(group.firstItem);
      for (let i = layers.length - 1; i >= Math.max(front, stop); i--) {
        layers[i].binding.backward(this.#kernels, this.#prepareBackward(i, item, group.windows, shard));
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

  #backward(shard: number): void {
    const { front, item: layout, layers, stop } = this.#plan;
    const items = this.units(phase.forward);
    const end = Math.floor(((shard + 1) * items) / SHARDS);
    let first = Math.floor((shard * items) / SHARDS);
    while (first < end) {
      const group = this.#groupOf(first);
      const windows = Math.min(layout.run, end - first, group.firstItem + group.windows - first);
      const item = this.#itemAddress(first);
      for (let i = front - 1; i >= stop; i--) {
        layers[i].binding.backward(this.#kernels, this.#prepareBackward(i, item, windows, shard));
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
  /** Weight decay is for kernels: of one axis are biases and the scales and shifts of normalisation. */
  decays: boolean;
}

/** No longer than `chunkFloats`. */
function parameterChunks(plan: Plan): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { name, layer, floats: count, offset } of plan.parameters) {
    if (layer.frozen) continue;
    const spec = layer.parameters.find((candidate) => parameterName(layer, candidate) === name);
    const decays = (spec?.shape.length ?? 0) > 1;
    const floats = Math.ceil(count / 16) * 16;
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
    y: 0,
    yStride: 0,
    saved: 0,
    savedStride: 0,
    dy: 0,
    dyStride: 0,
    dx: 0,
    dxStride: 0,
    scratch: 0,
    weights: [],
    packed: [],
    gradients: [],
    counts: 0,
    state: 0,
    stateAfter: 0,
    firstWindow: 0,
    resetEvery: 0,
  };
}

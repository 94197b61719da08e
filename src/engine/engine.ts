import { UserError } from '../common/errors.ts';
import { parameterName, type Network, type Weights } from '../model/network.ts';
import {
  groupRecords,
  placeSlice,
  windowsWithin,
  writeSlice,
  type BatchRecord,
  type RecordGroup,
  type Slice,
} from './batch.ts';
import { createControl, number, phase, word, type Control } from './control.ts';
import { initialValues } from './initialise.ts';
import { LANES, type Address, type Kernels } from './kernels.ts';
import { createMemory, growMemory, instantiate, loadKernels } from './load.ts';
import { checkNetwork, makePlan, stackTop, type Plan, type PlannedParameter } from './plan.ts';
import { Team } from './team.ts';
import { Work } from './work.ts';

export type { BatchRecord } from './batch.ts';

export interface EngineOptions {
  /** Threads that compute, the calling one included. Results do not depend on it. */
  threads: number;
  /** Of the initial weights. */
  seed: number;
  /** Without it only weights and predictions are to be had, in much less memory. */
  training: boolean;
}

export interface TrainingStep {
  learningRate: number;
  /** Adam: 0.9, 0.999 and 1e-7 (Keras' defaults) where not given. */
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Divides the logits; targets are softened already. The loss on targets is multiplied by its square. Default 1. */
  temperature?: number;
  /** Weight, 0…1, of the cross-entropy with `label` at temperature 1; the loss on targets has the rest. Default 0. */
  hardLabels?: number;
}

export interface StepResult {
  /** Sum over the records. */
  loss: number;
  /** Records whose largest class is the right one. */
  correct: number;
}

export interface OptimizerState {
  step: number;
  m: Weights;
  v: Weights;
}

export interface PredictOptions {
  /** Also the logits and probabilities of every window. */
  everyWindow?: boolean;
  /** Clear the recurrent state before every K-th window, as a device does. 0: never. */
  resetEvery?: number;
  /** Divides the logits before the softmax. Default 1. */
  temperature?: number;
}

export interface Prediction {
  /** [records][classes], by the network's readout. */
  probabilities: Float32Array;
  /** [records][classes], of each record's last window. */
  logits: Float32Array;
  /** With `everyWindow`, one a record: [windows][classes]. */
  windows: readonly { logits: Float32Array; probabilities: Float32Array }[];
}

/** Predictions go through the memory in slices of at most so many bytes of items. */
const predictionBytes = 128e6;
const sliceWindows = 256;

/** Trains one network and predicts with it. Calls are synchronous and use all threads; one at a time. */
export class Engine {
  /** Build of the kernels, instruction set, and whether multiply-add is fused: equal identities give equal bits. */
  readonly identity: string;
  readonly threads: number;
  readonly #network: Network;
  readonly #options: EngineOptions;
  readonly #plan: Plan;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  readonly #work: Work;
  readonly #team: Team;
  #step = 0;

  private constructor(
    identity: string,
    network: Network,
    options: EngineOptions,
    plan: Plan,
    memory: WebAssembly.Memory,
    control: Control,
    work: Work,
    team: Team,
  ) {
    this.identity = identity;
    this.threads = options.threads;
    this.#network = network;
    this.#options = options;
    this.#plan = plan;
    this.#memory = memory;
    this.#control = control;
    this.#work = work;
    this.#team = team;
  }

  /** Throws a UserError for a network that the engine cannot compute. A training engine starts initialised. */
  static async create(network: Network, options: EngineOptions): Promise<Engine> {
    checkNetwork(network);
    const { threads, training } = options;
    const { module, instructionSet, build } = await loadKernels();
    const plan = makePlan(network, threads, training);
    const memory = createMemory(plan.batch);
    const kernels = await instantiate(module, memory, stackTop(plan, 0));
    const control = createControl();
    const work = new Work(network, plan, kernels, memory, control, 0);
    const start = { module, memory, control, network, threads, training };
    const team = await Team.start(start, work);
    const identity = `wasm ${instructionSet} ${fusedMultiplyAdd(kernels) ? 'fma' : 'no-fma'} ${build}`;
    const engine = new Engine(identity, network, options, plan, memory, control, work, team);
    if (training) engine.initialise();
    return engine;
  }

  weights(): Weights {
    return this.#read(this.#plan.weights);
  }

  /** Copies; throws a UserError where a name or a size does not fit the network. */
  setWeights(weights: Weights): void {
    this.#write(this.#plan.weights, weights);
    this.#team.run(phase.pack, this.#work.units(phase.pack));
  }

  /** Initial weights from the seed, and an optimiser that has done no step. */
  initialise(): void {
    const weights: Weights = new Map();
    for (const layer of this.#network.layers) {
      for (const spec of layer.parameters) {
        const name = parameterName(layer, spec);
        weights.set(name, initialValues(spec, this.#options.seed, name));
      }
    }
    this.setWeights(weights);
    if (!this.#options.training) return;
    const { firstMoments, secondMoments, parameterFloats } = this.#plan;
    const floats = new Float32Array(this.#memory.buffer);
    floats.fill(0, firstMoments / 4, firstMoments / 4 + parameterFloats);
    floats.fill(0, secondMoments / 4, secondMoments / 4 + parameterFloats);
    this.#step = 0;
  }

  optimizerState(): OptimizerState {
    this.#mustTrain();
    const { firstMoments, secondMoments } = this.#plan;
    return { step: this.#step, m: this.#read(firstMoments), v: this.#read(secondMoments) };
  }

  setOptimizerState(state: OptimizerState): void {
    this.#mustTrain();
    this.#write(this.#plan.firstMoments, state.m);
    this.#write(this.#plan.secondMoments, state.v);
    this.#step = state.step;
  }

  /** Forward, backward and one step of Adam on the mean loss of the records. */
  trainBatch(records: readonly BatchRecord[], step: TrainingStep): StepResult {
    const result = this.#gradients(records, step);
    const { numbers } = this.#control;
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = step;
    this.#step++;
    numbers[number.learningRate] = learningRate;
    numbers[number.beta1] = beta1;
    numbers[number.beta2] = beta2;
    numbers[number.epsilon] = epsilon;
    numbers[number.correction1] = 1 - beta1 ** this.#step;
    numbers[number.correction2] = 1 - beta2 ** this.#step;
    this.#team.run(phase.update, this.#work.units(phase.update));
    this.#team.run(phase.pack, this.#work.units(phase.pack));
    return result;
  }

  /** Gradients of the mean loss of the records; zeros for frozen layers. */
  gradients(records: readonly BatchRecord[], step: Omit<TrainingStep, 'learningRate'> = {}): Weights {
    this.#gradients(records, step);
    this.#team.run(phase.sum, this.#work.units(phase.sum));
    return this.#read(this.#plan.gradients);
  }

  predict(records: readonly BatchRecord[], options: PredictOptions = {}): Prediction {
    const { classes, item } = this.#plan;
    const { window, hop } = this.#network.input;
    const result: Prediction & { windows: { logits: Float32Array; probabilities: Float32Array }[] } = {
      probabilities: new Float32Array(records.length * classes),
      logits: new Float32Array(records.length * classes),
      windows: [],
    };
    this.#control.numbers[number.temperature] = options.temperature ?? 1;
    this.#control.words[word.resetEvery] = options.resetEvery ?? 0;
    const groups = groupRecords(records, window, hop);
    const most = Math.max(1, Math.floor(predictionBytes / item.bytes));
    for (let first = 0; first < groups.length;) {
      const windows = Math.min(sliceWindows, groups[first].windows, most);
      const count = Math.max(1, Math.floor(most / windows));
      this.#predictGroups(records, groups.slice(first, first + count), windows, options, result);
      first += count;
    }
    return result;
  }

  /** Ends the threads. The engine cannot be used afterwards. */
  async close(): Promise<void> {
    await this.#team.close();
  }

  #mustTrain(): void {
    if (!this.#options.training) throw new Error('this engine was created without training');
  }

  #gradients(records: readonly BatchRecord[], step: Omit<TrainingStep, 'learningRate'>): StepResult {
    this.#mustTrain();
    if (records.length === 0) throw new Error('a batch needs a record');
    const groups = groupRecords(records, this.#network.input.window, this.#network.input.hop);
    this.#lay({ groups, firstWindow: 0, windows: groups[0].windows }, records);
    this.#writeTargets(groups, records, step);
    this.#team.run(phase.forward, this.#work.units(phase.forward));
    this.#team.run(phase.tailTraining, this.#work.units(phase.tailTraining));
    if (this.#plan.stop < this.#plan.front) {
      this.#team.run(phase.backward, this.#work.units(phase.backward));
    }
    return this.#stepResult(groups, records);
  }

  /** Put a slice of a batch into memory and show it to all threads. */
  #lay(slice: Slice, records: readonly BatchRecord[]): void {
    const { window, hop } = this.#network.input;
    const place = placeSlice(this.#plan, slice, records, window, hop);
    growMemory(this.#memory, place.end);
    writeSlice(this.#plan, slice, records, window, hop, this.#memory.buffer);
    const { words } = this.#control;
    words[word.groups] = slice.groups.length;
    words[word.groupBase] = place.groups;
    words[word.itemBase] = place.items;
    words[word.firstWindow] = slice.firstWindow;
    this.#work.readBatch();
  }

  #block(group: number): Address {
    return this.#plan.batch + group * this.#plan.group.bytes;
  }

  #writeTargets(
    groups: readonly RecordGroup[],
    records: readonly BatchRecord[],
    step: Omit<TrainingStep, 'learningRate'>,
  ): void {
    const { classes, group: layout } = this.#plan;
    const { temperature = 1, hardLabels = 0 } = step;
    const floats = new Float32Array(this.#memory.buffer);
    const softWeight = (1 - hardLabels) * temperature * temperature;
    this.#control.numbers[number.temperature] = temperature;
    // The second term is the hard loss; at a temperature it also gives the probabilities that are counted.
    this.#control.words[word.terms] = hardLabels > 0 || temperature !== 1 ? 2 : 1;
    groups.forEach((group, g) => {
      for (let lane = 0; lane < LANES; lane++) {
        const at = this.#block(g) / 4 + lane;
        const record = records[group.records[lane]];
        const target = record && targetOf(record, classes);
        const label = record ? labelOf(record) : -1;
        const [soft, hard] = layout.terms;
        for (let j = 0; j < classes; j++) {
          floats[at + soft.target / 4 + j * LANES] = target ? target[j] : 0;
          floats[at + hard.target / 4 + j * LANES] = j === label ? 1 : 0;
        }
        floats[at + soft.lossWeight / 4] = record ? softWeight : 0;
        floats[at + soft.gradientWeight / 4] = record ? softWeight / temperature / records.length : 0;
        floats[at + hard.lossWeight / 4] = record ? hardLabels : 0;
        floats[at + hard.gradientWeight / 4] = record ? hardLabels / records.length : 0;
      }
    });
  }

  #stepResult(groups: readonly RecordGroup[], records: readonly BatchRecord[]): StepResult {
    const { classes, group: layout } = this.#plan;
    const floats = new Float32Array(this.#memory.buffer);
    let loss = 0;
    let correct = 0;
    groups.forEach((group, g) => {
      group.records.forEach((index, lane) => {
        const at = this.#block(g) / 4 + lane;
        loss += floats[at + layout.loss / 4];
        let best = 0;
        const value = (j: number) => floats[at + layout.probabilities / 4 + j * LANES];
        for (let j = 1; j < classes; j++) if (value(j) > value(best)) best = j;
        if (best === labelOf(records[index])) correct++;
      });
    });
    return { loss, correct };
  }

  /** All windows of some groups, slice after slice; the recurrent states stay in the groups' blocks. */
  #predictGroups(
    records: readonly BatchRecord[],
    groups: readonly RecordGroup[],
    windows: number,
    options: PredictOptions,
    result: Prediction & { windows: { logits: Float32Array; probabilities: Float32Array }[] },
  ): void {
    const { classes, group: layout, item, layers } = this.#plan;
    const logitsOffset = item.tensors[layers.length].offset / 4;
    const probabilitiesOffset = item.probabilities / 4;
    const sums = new Map<number, Float64Array>();
    for (const group of groups) {
      group.records.forEach((index, lane) => {
        sums.set(index, new Float64Array(classes));
        if (!options.everyWindow) return;
        const size = group.counts[lane] * classes;
        result.windows[index] = { logits: new Float32Array(size), probabilities: new Float32Array(size) };
      });
    }
    for (let firstWindow = 0; firstWindow < groups[0].windows; firstWindow += windows) {
      const slice: Slice = { groups, firstWindow, windows };
      this.#lay(slice, records);
      const floats = new Float32Array(this.#memory.buffer);
      if (firstWindow === 0) {
        groups.forEach((_group, g) => {
          const block = this.#block(g);
          floats.fill(0, (block + layout.states) / 4, (block + layout.bytes) / 4);
        });
      }
      this.#team.run(phase.forward, this.#work.units(phase.forward));
      this.#team.run(phase.tailPrediction, this.#work.units(phase.tailPrediction));
      let at = (this.#control.words[word.itemBase] >>> 0) / 4;
      for (const group of groups) {
        const within = windowsWithin(slice, group);
        for (let n = 0; n < within; n++, at += item.bytes / 4) {
          group.records.forEach((index, lane) => {
            const w = firstWindow + n;
            if (w >= group.counts[lane]) return;
            const last = w === group.counts[lane] - 1;
            const mean = this.#network.readout === 'mean';
            const sum = sums.get(index)!;
            for (let j = 0; j < classes; j++) {
              const logit = floats[at + logitsOffset + j * LANES + lane];
              const probability = floats[at + probabilitiesOffset + j * LANES + lane];
              sum[j] += probability;
              if (last) {
                result.logits[index * classes + j] = logit;
                result.probabilities[index * classes + j] = mean ? sum[j] / (w + 1) : probability;
              }
              if (options.everyWindow) {
                result.windows[index].logits[w * classes + j] = logit;
                result.windows[index].probabilities[w * classes + j] = probability;
              }
            }
          });
        }
      }
    }
  }

  #read(base: Address): Weights {
    const floats = new Float32Array(this.#memory.buffer);
    const weights: Weights = new Map();
    for (const parameter of this.#plan.parameters) {
      const values = new Float32Array(parameter.floats);
      const at = base / 4 + parameter.offset;
      const { order } = parameter;
      if (order) for (let i = 0; i < order.length; i++) values[order[i]] = floats[at + i];
      else values.set(floats.subarray(at, at + parameter.floats));
      weights.set(parameter.name, values);
    }
    return weights;
  }

  #write(base: Address, weights: Weights): void {
    checkWeights(this.#plan.parameters, weights);
    const floats = new Float32Array(this.#memory.buffer);
    for (const { name, offset, order } of this.#plan.parameters) {
      const values = weights.get(name)!;
      const at = base / 4 + offset;
      if (order) for (let i = 0; i < order.length; i++) floats[at + i] = values[order[i]];
      else floats.set(values, at);
    }
  }
}

function fusedMultiplyAdd(kernels: Kernels): boolean {
  return kernels.fused_probe(2 ** -13) !== 0;
}

function targetOf(record: BatchRecord, classes: number): Float32Array {
  const { target, label } = record;
  if (target) {
    if (target.length !== classes)
      throw new Error(`a target of ${target.length} values for ${classes} classes`);
    return target;
  }
  if (label === undefined || label < 0 || label >= classes) {
    throw new Error('a record of a training batch needs a target or a label');
  }
  const hard = new Float32Array(classes);
  hard[label] = 1;
  return hard;
}

/** The true class: the label, or the most probable class of the target. */
function labelOf({ label, target }: BatchRecord): number {
  if (label !== undefined) return label;
  if (!target) return -1;
  let best = 0;
  for (let j = 1; j < target.length; j++) if (target[j] > target[best]) best = j;
  return best;
}

function checkWeights(parameters: readonly PlannedParameter[], weights: Weights): void {
  for (const { name, floats, layer } of parameters) {
    const values = weights.get(name);
    const place = { layer: layer.name };
    if (!values) {
      throw new UserError(
        `the weights have no ${name}`,
        place,
        'Use weights that were trained with this model file.',
      );
    }
    if (values.length !== floats) {
      throw new UserError(
        `${name} has ${values.length} values, the network needs ${floats}`,
        place,
        'Use weights that were trained with this model file.',
      );
    }
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of weights.keys()) {
    if (!known.has(name)) {
      throw new UserError(
        `the weights have ${name}, which the network has not`,
        {},
        'Use weights that were trained with this model file.',
      );
    }
  }
}

import { trainedNetwork } from '../model/quantization-aware.ts';
import { parameterName, type Network, type Weights } from '../model/network.ts';
import { clearStates, groupRecords, placeSlice, writeSlice, type BatchRecord, type Slice } from './batch.ts';
import type { KernelChoice } from './choice.ts';
import { createControl, number, phase, word, type Control, type Phase } from './control.ts';
import { initialValues } from './initialise.ts';
import type { Address, Kernels } from './kernels.ts';
import { createMemory, growMemory, instantiate, loadKernels, type KernelModule } from './load.ts';
import { readParameters, writeParameters } from './parameters.ts';
import { checkNetwork, makePlan, stackTop, type Plan } from './plan.ts';
import { predictionChunks, PredictionReader, type Prediction } from './prediction.ts';
import { readStepResult, writeTargets, type BatchResult } from './targets.ts';
import { Team } from './team.ts';
import { Work } from './work.ts';

export type { BatchRecord } from './batch.ts';
export type { Prediction } from './prediction.ts';

export interface EngineOptions {
  /** Threads that compute, the calling one included. Results do not depend on it. */
  threads: number;
  /** Of the initial weights. */
  seed: number;
  /** Without it only weights and predictions are to be had, in much less memory. */
  training: boolean;
  /** Layer of length 1 whose values `predict` gives out, and on which records with `features` have their loss. */
  features?: string;
  /** Which kernels; default: `ECG_ENGINE`, else the best that there are. */
  kernels?: KernelChoice;
  /** Why this is not the engine that was chosen. */
  fallback?: string;
}

export interface TrainingStep {
  learningRate: number;
  /** Adam: 0.9, 0.999 and 1e-7 (Keras' defaults) where not given. */
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Of parameters with more than one axis: `decoupled` from the gradient (AdamW), else added to it. Default 0. */
  weightDecay?: number;
  decoupled?: boolean;
  /** Largest Euclidean norm of all gradients together; longer ones are shortened to it. Default: any. */
  clip?: number;
  /** Divides the logits; targets are softened already. The loss on targets is multiplied by its square. Default 1. */
  temperature?: number;
  /** Weight, 0…1, of the cross-entropy with `label` at temperature 1; the loss on targets has the rest. Default 0. */
  hardLabels?: number;
  /** Share of a label's probability that is spread evenly over all classes; targets are left alone. Default 0. */
  labelSmoothing?: number;
}

export interface StepResult extends BatchResult {
  /** Euclidean norm of all gradients together, before clipping. Infinite or NaN: no step was made. */
  gradientNorm: number;
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

/** What training, evaluation and checkpoints need of an engine, whatever it computes with. */
export type TrainingEngine = Pick<
  Engine,
  | 'identity'
  | 'fallback'
  | 'weights'
  | 'setWeights'
  | 'optimizerState'
  | 'setOptimizerState'
  | 'trainBatch'
  | 'gradients'
  | 'predict'
  | 'close'
>;

/** Trains one network and predicts with it. Calls are synchronous and use all threads; one at a time. */
export class Engine {
  /** Build of the kernels, instruction set, and whether multiply-add is fused: equal identities give equal bits. */
  readonly identity: string;
  /** Why it is not the engine that was looked for first. */
  readonly fallback: string | undefined;
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
    fallback: string | undefined,
    network: Network,
    options: EngineOptions,
    plan: Plan,
    memory: WebAssembly.Memory,
    control: Control,
    work: Work,
    team: Team,
  ) {
    this.identity = identity;
    this.fallback = fallback;
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
  static async create(model: Network, options: EngineOptions): Promise<Engine> {
    checkNetwork(model);
    const network = trainedNetwork(model);
    const { threads, training, features } = options;
    const module = await loadKernels(options.kernels);
    const plan = makePlan(network, threads, training, features);
    const memory = createMemory(plan.batch);
    const kernels = await instantiate(module, memory, stackTop(plan, 0));
    const control = createControl();
    const work = new Work(network, plan, kernels, memory, control, 0);
    const start = { module, memory, control, network, threads, training, features };
    const team = await Team.start(start, work);
    const identity = identityOf(module, kernels);
    const engine = new Engine(
      identity,
      options.fallback ?? module.fallback,
      network,
      options,
      plan,
      memory,
      control,
      work,
      team,
    );
    if (training) engine.initialise();
    return engine;
  }

  weights(): Weights {
    return readParameters(this.#plan, this.#memory, this.#plan.weights);
  }

  /** Copies; throws a UserError where a name or a size does not fit the network. */
  setWeights(weights: Weights): void {
    writeParameters(this.#plan, this.#memory, this.#plan.weights, weights);
    this.#pack();
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
    const read = (base: Address) => readParameters(this.#plan, this.#memory, base);
    return { step: this.#step, m: read(this.#plan.firstMoments), v: read(this.#plan.secondMoments) };
  }

  setOptimizerState(state: OptimizerState): void {
    this.#mustTrain();
    writeParameters(this.#plan, this.#memory, this.#plan.firstMoments, state.m);
    writeParameters(this.#plan, this.#memory, this.#plan.secondMoments, state.v);
    this.#step = state.step;
  }

  /** Forward, backward and one step of Adam on the mean loss of the records; no step where the gradients are not finite. */
  trainBatch(records: readonly BatchRecord[], step: TrainingStep): StepResult {
    const result = this.#gradients(records, step);
    const { numbers } = this.#control;
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = step;
    const { weightDecay = 0, decoupled = false, clip = Infinity } = step;
    this.#run(phase.sum);
    const gradientNorm = this.#work.gradientNorm();
    if (!Number.isFinite(gradientNorm)) return { ...result, gradientNorm };
    this.#step++;
    numbers[number.learningRate] = learningRate;
    numbers[number.beta1] = beta1;
    numbers[number.beta2] = beta2;
    numbers[number.epsilon] = epsilon;
    numbers[number.correction1] = 1 - beta1 ** this.#step;
    numbers[number.correction2] = 1 - beta2 ** this.#step;
    numbers[number.gradientScale] = gradientNorm > clip ? clip / gradientNorm : 1;
    numbers[number.l2] = decoupled ? 0 : weightDecay;
    numbers[number.decay] = decoupled ? learningRate * weightDecay : 0;
    this.#run(phase.update);
    this.#pack();
    return { ...result, gradientNorm };
  }

  /** Gradients of the mean loss of the records; zeros for frozen layers. */
  gradients(records: readonly BatchRecord[], step: Omit<TrainingStep, 'learningRate'> = {}): Weights {
    this.#gradients(records, step);
    this.#run(phase.sum);
    return readParameters(this.#plan, this.#memory, this.#plan.gradients);
  }

  /** Forward only, in bounded memory however many and long the records are. */
  predict(records: readonly BatchRecord[], options: PredictOptions = {}): Prediction {
    const { numbers, words } = this.#control;
    const { window, hop } = this.#network.input;
    const groups = groupRecords(records, window, hop);
    const everyWindow = options.everyWindow ?? false;
    const reader = new PredictionReader(this.#plan, this.#network.readout, records, groups, everyWindow);
    numbers[number.temperature] = options.temperature ?? 1;
    words[word.resetEvery] = options.resetEvery ?? 0;
    words[word.segment] = -1;
    for (const chunk of predictionChunks(this.#plan, groups)) {
      const last = chunk.groups[0].windows;
      for (let firstWindow = 0; firstWindow < last; firstWindow += chunk.windows) {
        const slice: Slice = { ...chunk, firstWindow };
        this.#lay(slice, records);
        if (firstWindow === 0) clearStates(this.#plan, this.#memory, chunk.groups.length);
        this.#run(phase.forward);
        this.#run(phase.tailPrediction);
        reader.read(slice, this.#memory, words[word.itemBase] >>> 0);
      }
    }
    return reader.result;
  }

  /** Ends the threads. The engine cannot be used afterwards. */
  async close(): Promise<void> {
    await this.#team.close();
  }

  /** What the layers compute with, from the weights. */
  #pack(): void {
    if (this.#plan.effective !== this.#plan.weights) this.#run(phase.quantise);
    this.#run(phase.pack);
  }

  #run(which: Phase): void {
    this.#team.run(which, this.#work.units(which));
  }

  #mustTrain(): void {
    if (!this.#options.training) throw new Error('this engine was created without training');
  }

  #gradients(records: readonly BatchRecord[], step: Omit<TrainingStep, 'learningRate'>): BatchResult {
    this.#mustTrain();
    if (records.length === 0) throw new Error('a batch needs a record');
    const groups = groupRecords(records, this.#network.input.window, this.#network.input.hop);
    this.#lay({ groups, firstWindow: 0, windows: groups[0].windows }, records);
    this.#control.words[word.seed] = this.#options.seed;
    this.#control.words[word.step] = this.#step;
    const { temperature = 1, hardLabels = 0, labelSmoothing = 0 } = step;
    const weights = { temperature, hardLabels, labelSmoothing };
    writeTargets(this.#plan, this.#memory, groups, records, weights);
    this.#control.numbers[number.temperature] = temperature;
    // The second term is the hard loss; at a temperature it also gives the probabilities that are counted.
    this.#control.words[word.terms] = hardLabels > 0 || temperature !== 1 ? 2 : 1;
    const { front, layers, segments } = this.#plan;
    for (const segment of segments.keys()) {
      this.#control.words[word.segment] = segment;
      this.#run(phase.forward);
      if (segment + 1 < segments.length) this.#run(phase.statistics);
    }
    this.#run(phase.tailTraining);
    const frontLearns = layers.slice(0, front).some(({ backward }) => backward);
    for (let segment = segments.length - 1; frontLearns && segment >= 0; segment--) {
      this.#control.words[word.segment] = segment;
      this.#run(phase.backward);
      if (segment > 0) this.#run(phase.statisticsBackward);
    }
    return readStepResult(this.#plan, this.#memory, groups, records);
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
}

/** `native avx512 fma 0123456789ab`; whether multiply-add is fused is asked of the kernels themselves. */
function identityOf({ code, instructionSet, build }: KernelModule, kernels: Kernels): string {
  const fused = kernels.fused_probe(2 ** -13) !== 0 ? 'fma' : 'no-fma';
  return `${'addon' in code ? 'native' : 'wasm'} ${instructionSet} ${fused} ${build}`;
}

import { argMax } from '../common/arg-max.ts';
import { UserError } from '../common/errors.ts';
import type {
  BatchRecord,
  EngineOptions,
  OptimizerState,
  PredictOptions,
  Prediction,
  StepResult,
  TrainingEngine,
  TrainingStep,
} from '../engine/engine.ts';
import { checkNetwork } from '../engine/plan.ts';
import { labelOf, type BatchResult, type LossWeights } from '../engine/targets.ts';
import type { BatchNormOptions } from '../layers/batch-norm/shape.ts';
import type { Network, Weights } from '../model/network.ts';
import type { Draws } from './dropout.ts';
import { forwards } from './layers.ts';
import { batchLoss, type BatchLoss } from './loss.ts';
import { Parameters } from './parameters.ts';
import type { BatchFigures, Outputs, Pass } from './pass.ts';
import { PredictionGatherer } from './prediction.ts';
import { itemSamples, rankRecords, stretchOf, type Ranking, type Stretch } from './stretch.ts';
import type { Scalar, Tensor, Tensor2D, Tensor3D, TensorFlow, Tf } from './tf.ts';

/** Items that a prediction takes at a time. */
const predictionItems = 512;

type Gradients = ReadonlyMap<string, Tensor>;

/**
 * The same networks, losses and optimiser as the engine's, computed by TensorFlow. Weights and moments are interchangeable
 * with it; results agree to rounding, and dropout's draws are the same. TensorFlow has threads of its own.
 */
export class TensorFlowEngine implements TrainingEngine {
  readonly identity: string;
  readonly fallback = undefined;
  readonly #tf: Tf;
  readonly #network: Network;
  readonly #options: Pick<EngineOptions, 'seed' | 'training' | 'features'>;
  readonly #parameters: Parameters;
  /** Layer whose values are given out and may have a loss of their own; -1: none. */
  readonly #features: number;
  #step = 0;

  /** Throws a UserError for a network that it cannot compute. An engine for training starts initialised. */
  constructor(
    network: Network,
    options: Pick<EngineOptions, 'seed' | 'training' | 'features'>,
    { tf, build }: TensorFlow,
  ) {
    checkNetwork(network);
    if (network.quantization.aware) {
      throw new UserError(
        'the TensorFlow engine does not compute networks that are aware of their quantisation',
        {},
        'Choose the built-in engine (`auto`), or take `quantization.aware` out of the model file.',
      );
    }
    const unknown = network.layers.find(({ kind }) => !forwards.has(kind));
    if (unknown) {
      throw new UserError(
        `the TensorFlow engine has no layers of kind ${unknown.kind}`,
        { layer: unknown.name, line: unknown.line },
        'Choose the built-in engine (`auto`).',
      );
    }
    this.identity = `tensorflow ${build}`;
    this.#tf = tf;
    this.#features = network.layers.findIndex(({ name }) => name === options.features);
    this.#network = network;
    this.#options = options;
    this.#parameters = new Parameters(tf, network, options.training);
    if (options.training) this.#parameters.initialise(tf, network, options.seed);
  }

  weights(): Weights {
    return this.#parameters.read('value');
  }

  setWeights(weights: Weights): void {
    this.#parameters.write(this.#tf, 'value', weights);
  }

  optimizerState(): OptimizerState {
    this.#mustTrain();
    return { step: this.#step, m: this.#parameters.read('m'), v: this.#parameters.read('v') };
  }

  setOptimizerState(state: OptimizerState): void {
    this.#mustTrain();
    this.#parameters.write(this.#tf, 'm', state.m);
    this.#parameters.write(this.#tf, 'v', state.v);
    this.#step = state.step;
  }

  trainBatch(records: readonly BatchRecord[], step: TrainingStep): StepResult {
    return this.#withFigures((statistics) => {
      const { result, gradients } = this.#backward(records, step, statistics);
      const gradientNorm = this.#norm(gradients);
      if (Number.isFinite(gradientNorm)) {
        this.#step++;
        this.#adam(gradients, gradientNorm, step);
        this.#updateStatistics(statistics);
      }
      return { ...result, gradientNorm };
    });
  }

  gradients(records: readonly BatchRecord[], step: Omit<TrainingStep, 'learningRate'> = {}): Weights {
    return this.#withFigures((statistics) => {
      const { gradients } = this.#backward(records, step, statistics);
      const weights = this.#parameters.all.map(({ name, floats }): [string, Float32Array] => [
        name,
        gradients.get(name)?.dataSync<'float32'>().slice() ?? new Float32Array(floats),
      ]);
      return new Map(weights);
    });
  }

  predict(records: readonly BatchRecord[], options: PredictOptions = {}): Prediction {
    const { everyWindow = false, resetEvery = 0, temperature = 1 } = options;
    const tf = this.#tf;
    const all = rankRecords(records, this.#network.input);
    const gatherer = new PredictionGatherer(
      this.#network,
      records,
      all,
      everyWindow,
      this.#network.layers[this.#features]?.shape.channels ?? 0,
    );
    for (let from = 0; from < records.length; from += predictionItems) {
      const ranking: Ranking = {
        records: all.records.slice(from, from + predictionItems),
        counts: all.counts.slice(from, from + predictionItems),
      };
      const ranked = ranking.records.map((index) => records[index]);
      const windows = Math.max(1, Math.floor(predictionItems / ranked.length));
      let states: Pass['states'] = new Map();
      for (let first = 0; first < ranking.counts[0]; first += windows) {
        const before = states;
        states = new Map(before);
        const stretch = stretchOf(ranking.counts, first, windows);
        tf.tidy(() => {
          const { logits, features } = this.#forward(this.#pass(stretch, { states, resetEvery }), ranked);
          const probabilities = tf.softmax(tf.div<Tensor2D>(logits, temperature));
          const [z, p] = [logits, probabilities].map((tensor) => tensor.dataSync<'float32'>());
          gatherer.take(ranking, stretch, z, p, features?.dataSync<'float32'>() ?? new Float32Array());
          for (const kept of states.values()) kept.forEach((state) => tf.keep(state));
        });
        tf.dispose([...before.values()]);
      }
      tf.dispose([...states.values()]);
    }
    return gatherer.result;
  }

  close(): Promise<void> {
    this.#parameters.dispose();
    return Promise.resolve();
  }

  #mustTrain(): void {
    if (!this.#options.training) throw new Error('this engine was created without training');
  }

  #pass(stretch: Stretch, more: Partial<Pass>): Pass {
    return {
      tf: this.#tf,
      stretch,
      parameter: (layer, name) => this.#parameters.get(`${layer.name}/${name}`).value,
      draws: undefined,
      states: new Map(),
      resetEvery: 0,
      statistics: undefined,
      ...more,
    };
  }

  #forward(pass: Pass, ranked: readonly BatchRecord[]): Outputs {
    const { input, layers } = this.#network;
    const shape: [number, number, number] = [pass.stretch.items, input.window, 1];
    const samples = this.#tf.tensor3d(itemSamples(pass.stretch, ranked, input), shape);
    const outputs: Tensor3D[] = [];
    for (const layer of layers) {
      const inputs = layer.from.map((index) => (index < 0 ? samples : outputs[index]));
      outputs.push(forwards.get(layer.kind)!(pass, layer, inputs));
    }
    const [logits, features] = [outputs[outputs.length - 1], outputs[this.#features]].map(
      (output) => output && this.#tf.squeeze<Tensor2D>(output, [1]),
    );
    return { logits, features };
  }

  /** Tensors live until `use` is done; so do the batch figures that layers leave. */
  #withFigures<T>(use: (statistics: Map<number, BatchFigures>) => T): T {
    const statistics = new Map<number, BatchFigures>();
    this.#tf.engine().startScope();
    try {
      return use(statistics);
    } finally {
      this.#tf.engine().endScope();
      for (const { mean, variance } of statistics.values()) this.#tf.dispose([mean, variance]);
    }
  }

  /** Forward and backward: what the forward pass says of the records, and the gradients of what is trained. */
  #backward(
    records: readonly BatchRecord[],
    { temperature = 1, hardLabels = 0, labelSmoothing = 0 }: Omit<TrainingStep, 'learningRate'>,
    statistics: Map<number, BatchFigures>,
  ): { result: BatchResult; gradients: Gradients } {
    this.#mustTrain();
    if (records.length === 0) throw new Error('a batch needs a record');
    const tf = this.#tf;
    const ranking = rankRecords(records, this.#network.input);
    const ranked = ranking.records.map((index) => records[index]);
    const keys = ranking.records.map((index) => records[index].key ?? index);
    const stretch = stretchOf(ranking.counts, 0, Infinity);
    const draws: Draws = { seed: this.#options.seed, step: this.#step, keys };
    const weights: LossWeights = { temperature, hardLabels, labelSmoothing };
    let batch: BatchLoss | undefined;
    const meanLoss = (): Scalar => {
      const outputs = this.#forward(this.#pass(stretch, { draws, statistics }), ranked);
      batch = batchLoss(tf, this.#network, outputs, stretch, ranking, ranked, weights);
      tf.keep(batch.losses);
      tf.keep(batch.probabilities);
      return tf.div<Scalar>(tf.sum(batch.losses), records.length);
    };
    const trained = this.#parameters.all.filter((parameter) => parameter.trained);
    const gradients = new Map<string, Tensor>();
    if (trained.length === 0) meanLoss();
    else {
      const { grads } = tf.variableGrads(
        meanLoss,
        trained.map(({ value }) => value),
      );
      // Behind the layer of a feature loss nothing has a gradient.
      for (const { name, value } of trained) gradients.set(name, grads[value.name] ?? tf.zerosLike(value));
    }
    const result = batchResult(batch!, ranking, records, this.#network.classes.length);
    tf.dispose([batch!.losses, batch!.probabilities]);
    return { result, gradients };
  }

  /** Euclidean norm of all gradients together. */
  #norm(gradients: Gradients): number {
    if (gradients.size === 0) return 0;
    const squares = [...gradients.values()].map((gradient) => this.#tf.sum(this.#tf.square(gradient)));
    return Math.sqrt(this.#tf.addN(squares).dataSync()[0]);
  }

  /** As kernels/adam.c. */
  #adam(gradients: Gradients, norm: number, step: TrainingStep): void {
    const tf = this.#tf;
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = step;
    const { weightDecay = 0, decoupled = false, clip = Infinity } = step;
    const scale = norm > clip ? clip / norm : 1;
    const rate = learningRate / (1 - beta1 ** this.#step);
    const correction2 = 1 - beta2 ** this.#step;
    for (const [name, gradient] of gradients) {
      const { value, m, v, decays } = this.#parameters.get(name);
      const decay = decays ? weightDecay : 0;
      const g = tf.add(tf.mul(gradient, scale), tf.mul(value, decoupled ? 0 : decay));
      m!.assign(tf.add(tf.mul(m!, beta1), tf.mul(g, 1 - beta1)));
      v!.assign(tf.add(tf.mul(v!, beta2), tf.mul(tf.square(g), 1 - beta2)));
      const size = tf.add(tf.sqrt(tf.div(v!, correction2)), epsilon);
      const less = tf.mul(value, decoupled ? learningRate * decay : 0);
      value.assign(tf.sub(value, tf.add(less, tf.div(tf.mul(m!, rate), size))));
    }
  }

  /** Running figures of batch norms go on. */
  #updateStatistics(statistics: ReadonlyMap<number, BatchFigures>): void {
    for (const [index, figures] of statistics) {
      const layer = this.#network.layers[index];
      const rate = 1 - (layer.options as BatchNormOptions).momentum;
      for (const name of ['mean', 'variance'] as const) {
        const { value } = this.#parameters.get(`${layer.name}/${name}`);
        value.assign(this.#tf.add(value, this.#tf.mul(this.#tf.sub(figures[name], value), rate)));
      }
    }
  }
}

function batchResult(
  { losses, probabilities }: BatchLoss,
  ranking: Ranking,
  records: readonly BatchRecord[],
  classes: number,
): BatchResult {
  const ranked = losses.dataSync<'float32'>();
  const rows = probabilities.dataSync<'float32'>();
  const result: BatchResult = { loss: 0, losses: new Float32Array(records.length), correct: 0 };
  ranking.records.forEach((index, rank) => {
    result.losses[index] = ranked[rank];
    result.loss += ranked[rank];
    const row = rows.subarray(rank * classes, (rank + 1) * classes);
    if (argMax(row) === labelOf(records[index])) result.correct++;
  });
  return result;
}

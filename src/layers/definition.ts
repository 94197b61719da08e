/**
 * What a layer kind says of itself without any arithmetic: options, shapes, parameters, costs. Read by `model/` and so
 * by the language server, which must never load the engine.
 */

/** Shape of one tensor of one window: `[channels][length]`. Sequence layers (GRU, LSTM) have length 1. */
export interface TensorShape {
  channels: number;
  length: number;
}

/** `zeros`, `ones`, Glorot uniform (Glorot and Bengio 2010), orthogonal (Saxe et al. 2014), LSTM bias (forget gate 1). */
export type Initialiser =
  'zeros' | 'ones' | 'glorot-uniform' | 'orthogonal' | 'lstm-bias' | { constant: number };

export interface ParameterSpec {
  /** Name inside the layer: `kernel`, `recurrent`, `bias`. */
  name: string;
  /** Row-major; see the layer's shape.ts for the meaning of each axis. */
  shape: readonly number[];
  initialiser: Initialiser;
  /** For Glorot: limit = sqrt(6 / (fanIn + fanOut)). */
  fanIn: number;
  fanOut: number;
  /** Not trained: a running figure of the batches, or a constant. */
  statistic?: boolean;
}

/** Per window. An operation is a multiplication or an addition, counted as the slim paper does: 2 per MAC, 1 per bias addition of a convolution's output. */
export interface LayerCost {
  macs: number;
  operations: number;
}

/**
 * `window`: computed from one window alone. `sequence`: has state that goes from window to window.
 * A window layer after a sequence layer is computed on the sequence layer's output of the same window.
 */
export type LayerScope = 'window' | 'sequence';

/** What a thing cannot do yet, in words for the user; undefined where it can. */
export interface LayerLimits {
  training?: string;
  deployment?: string;
  /** What to write instead. */
  advice?: string;
  /** The layer's setting that is in the way, where it is one. */
  setting?: string;
}

export interface LayerDefinition<O> {
  kind: string;
  scope: LayerScope;
  /** JSON Schema of the value behind the layer's name in a model file. */
  schema: object;
  /** One line for hover and completion. */
  description: string;
  /** The validated value of the model file → options with all defaults filled in. */
  parse(value: unknown): O;
  /** How many tensors it reads: most layers 1, `add` 2. */
  inputs: number;
  /** A device has it not: it becomes part of another layer, or is left out. */
  trainingOnly?: boolean;
  /** Its integer form reads the 16-bit state of a recurrent layer as it is; for others the state is rounded to 8 bits. */
  readsState?: boolean;
  /** Training needs figures of the whole batch. */
  batchStatistics?: boolean;
  /** Output shape; throws a ShapeError that says what does not fit. */
  shape(options: O, inputs: readonly TensorShape[]): TensorShape;
  parameters(options: O, inputs: readonly TensorShape[]): ParameterSpec[];
  cost(options: O, inputs: readonly TensorShape[], output: TensorShape): LayerCost;
  limits?(options: O): LayerLimits;
}

/** A layer does not fit its input. `model/` adds file, line and layer. */
export class ShapeError extends Error {
  readonly advice: string;
  constructor(message: string, advice = '') {
    super(message);
    this.name = 'ShapeError';
    this.advice = advice;
  }
}

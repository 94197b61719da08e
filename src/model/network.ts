import type { YamlPath } from '../common/yaml-source.ts';
import type { LayerCost, LayerScope, ParameterSpec, TensorShape } from '../layers/definition.ts';
import type { AugmentationSpec } from './augmentation.ts';

/** One node of the network's directed acyclic graph, in an order in which inputs come before their readers. */
export interface NetworkLayer<O = unknown> {
  /** Position in `Network.layers`. */
  index: number;
  /** Unique; given by the model file or made from the kind: `conv1d-1`. */
  name: string;
  kind: string;
  options: O;
  /** Indices of the layers that it reads; -1 is the network's input. */
  from: readonly number[];
  scope: LayerScope;
  inputShapes: readonly TensorShape[];
  shape: TensorShape;
  parameters: readonly ParameterSpec[];
  cost: LayerCost;
  /** True where an optimiser must leave the layer's parameters alone. */
  frozen: boolean;
  /** Layer of the teacher whose parameters it starts with. */
  initialiseFrom: string | undefined;
  /** 1-based line of the model file. */
  line: number;
  /** Its entry in the model file, and the key there that names it: its kind, or of a block's addition `residual`. */
  path: YamlPath;
  keyword: string;
}

export interface FilterSpec {
  /** Pass band in Hz, [low, high]. */
  band: readonly [number, number];
  /** Order of the Butterworth prototype; the band-pass has twice as many poles. */
  order: number;
  /** Forward and backward. Cannot be deployed. */
  zeroPhase: boolean;
}

export interface InputSpec {
  /** Hz. */
  rate: number;
  /** Samples of a window and from one window's start to the next. */
  window: number;
  hop: number;
  filter: FilterSpec | undefined;
  /** Divisor of the filtered signal: one constant of the training records, each record's own, or none. */
  scale: 'training-sd' | 'record-sd' | 'none';
}

export type ScheduleSpec =
  | { kind: 'constant' }
  /** `warmUp`: batches over which the rate rises first. */
  | { kind: 'cosine'; warmUp: number }
  /** After `patience` epochs without a lower validation loss the rate is multiplied by `factor`, down to `minimum`. */
  | { kind: 'plateau'; patience: number; factor: number; minimum: number };

export interface TrainingSpec {
  epochs: number;
  batch: number;
  learningRate: number;
  /** Of kernels: `decoupled` from the gradient (AdamW), else added to it (L2). */
  weightDecay: number;
  decoupled: boolean;
  /** Largest Euclidean norm of all gradients together; undefined: any. */
  clip: number | undefined;
  schedule: ScheduleSpec;
  /** Share of a label's probability that is spread evenly over all classes. */
  labelSmoothing: number;
  /** Factor on the loss of the records of each class, in the order of the classes. */
  classWeights: 'none' | 'balanced' | readonly number[];
  augmentation: AugmentationSpec | undefined;
  /** Instead of the cross-entropy, the distance of `layer` at the last window to what the teacher's layer gives there. */
  featureLoss: { teacherLayer: string; layer: string } | undefined;
  select: 'validation-f1' | 'validation-loss';
}

export interface DistillationSpec {
  /** Model file of the teacher, relative to the student's. */
  teacher: string | undefined;
  temperature: number;
  /** Weight of the hard labels' loss, 0…1; the soft labels have the rest. */
  hardLabels: number;
}

/** Signed fixed point with `integer` bits before and `fraction` bits after the binary point, and a sign bit. */
export interface FixedPointFormat {
  integer: number;
  fraction: number;
}

export interface QuantizationSpec {
  /**
   * One format for all weights, or for each layer or each output channel the finest power of two that holds its largest
   * weight in 8 bits; 4: for each output channel the power of two that suits its weights best in 4 bits. A recurrent
   * layer's matrices have one format each.
   */
  weights: FixedPointFormat | 'per-layer' | 'per-channel' | 4;
  /** Of the input, and of activations where their ranges are not learned. */
  activations: FixedPointFormat;
  /** Training computes with quantised weights and activations. */
  aware: boolean;
  /** Such training also learns the range of each layer's activations, from that of `activations` on. */
  learned: boolean;
  /** How the device computes sigmoid and tanh. */
  gates: 'table' | 'piecewise-linear';
  /** Bits of the recurrent state: 16, or 8 for the paper's strict variant. */
  state: 8 | 16;
}

export interface TargetSpec {
  board: 'nrf52832';
  /** Budgets, undefined where none was given: bytes, bytes, milliseconds. */
  flash: number | undefined;
  ram: number | undefined;
  latency: number | undefined;
  /** Windows after which the device clears its state; undefined: never. */
  resetEvery: number | undefined;
}

/** A checked model file: everything that the jobs need, with all defaults filled in. */
export interface Network {
  name: string;
  input: InputSpec;
  classes: readonly string[];
  layers: readonly NetworkLayer[];
  readout: 'last-state' | 'mean';
  training: TrainingSpec;
  distillation: DistillationSpec;
  quantization: QuantizationSpec;
  target: TargetSpec;
  /** Sums over the layers. */
  parameterCount: number;
  macs: number;
  operations: number;
}

/** Name of a parameter in weights files: `conv1d-1/kernel`. */
export function parameterName(layer: NetworkLayer, parameter: ParameterSpec): string {
  return `${layer.name}/${parameter.name}`;
}

export function parameterSize(parameter: ParameterSpec): number {
  return parameter.shape.reduce((product, n) => product * n, 1);
}

/** Weights by parameter name, in the canonical layout of each layer's shape.ts. */
export type Weights = Map<string, Float32Array>;

import type { NetworkLayer } from '../model/network.ts';
import type { Draws } from './dropout.ts';
import type { Stretch } from './stretch.ts';
import type { Tensor1D, Tensor2D, Tensor3D, Tf, Variable } from './tf.ts';

/** What a layer's forward pass over a stretch of windows has beside its inputs. */
export interface Pass {
  tf: Tf;
  stretch: Stretch;
  /** A parameter in its canonical layout. */
  parameter(layer: NetworkLayer, name: string): Variable;
  /** Of dropout; undefined in a prediction. */
  draws: Draws | undefined;
  /** Recurrent states before the stretch, and then after it, by index of the layer: each [records][units]. */
  states: Map<number, Tensor2D[]>;
  /** Clear states before every so many windows; 0: never. */
  resetEvery: number;
  /** Figures of the batch, left by layers that are trained on them; undefined in a prediction. */
  statistics: Map<number, BatchFigures> | undefined;
}

export interface BatchFigures {
  mean: Tensor1D;
  /** Unbiased. */
  variance: Tensor1D;
}

/** What the network gives of each window of a stretch. */
export interface Outputs {
  /** [items][classes] */
  logits: Tensor2D;
  /** [items][channels] of the layer that is asked for; undefined: none is. */
  features: Tensor2D | undefined;
}

/** Inputs [items][length][channels] → the same of the layer's output. */
export type Forward = (pass: Pass, layer: NetworkLayer, inputs: readonly Tensor3D[]) => Tensor3D;

import type * as Core from '@tensorflow/tfjs-core';

/** TensorFlow.js as one loads it at run time: nothing of it is in the package, only its types are known here. */
export type Tf = typeof Core;
export type {
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  Variable,
} from '@tensorflow/tfjs-core';

export interface TensorFlow {
  tf: Tf;
  /** `node 4.22.0`: which build of it, for the engine's identity. */
  build: string;
}

import * as path from 'node:path';
import { cacheFolder } from '../common/product.ts';

/** The one that uses an NVIDIA GPU first. */
export const tensorFlowPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** What is installed where one asks for it: the version that the TensorFlow engine was written for. */
export const installedPackage = `${tensorFlowPackages[1]}@4.22.0`;

export const installAdvice =
  'Install it with `ecg engine install tensorflow` (in VS Code *ECG: Install TensorFlow Engine*), or name the folder that has it in ECG_TENSORFLOW (the setting `ecg.tensorflow.folder`).';

/** What is asked before. */
export const installQuestion = `Install TensorFlow? npm gets ${installedPackage}, and that downloads some hundred MB of TensorFlow from Google's servers. The built-in engine needs none of it.`;

/** Folder in whose `node_modules` TensorFlow is looked for: `ECG_TENSORFLOW`, else one that ECG Studio installs it in. */
export function tensorFlowFolder(): string {
  const named = process.env.ECG_TENSORFLOW?.trim();
  return named ? path.resolve(named) : path.join(cacheFolder(), 'tensorflow');
}

import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { readFile, sha256, writeFileAtomic } from '../common/files.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../common/safetensors.ts';
import { loadModel, modelStem } from '../model/parse.ts';
import { trainedNetwork } from '../model/quantization-aware.ts';
import { parameterName, parameterSize, type Network, type Weights } from '../model/network.ts';
import { RunFolder, runFiles } from './run-folder.ts';
import { TrainedOn } from './trained-on.ts';

/** What weights know of how they came to be. */
export interface WeightsOrigin {
  network: string;
  /** Divisor of the filtered signal in mV (`training-sd`). */
  scale: number;
  epochs: number;
  /** Fingerprint and name of the training dataset. */
  dataset: string;
  datasetName: string;
  synthetic: boolean;
  trainedOn: TrainedOn;
}

/** A network with weights, from a run folder or a model file with its weights beside it. */
export interface TrainedModel {
  network: Network;
  weights: Weights;
  origin: WeightsOrigin;
  modelFile: string;
  /** SHA-256 of the weights file. */
  weightsHash: string;
  /** Set where it came from a run. */
  run?: RunFolder;
}

export function saveWeights(file: string, network: Network, weights: Weights, origin: WeightsOrigin): void {
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of parameterList(network)) {
    const data = weights.get(name);
    if (!data) throw new Error(`no weights for ${name}`);
    tensors.set(name, { dtype: 'F32', shape, data });
  }
  writeFileAtomic(
    file,
    encodeSafetensors(tensors, {
      format: 'ecg-studio weights 1',
      network: origin.network,
      scale: String(origin.scale),
      epochs: String(origin.epochs),
      dataset: origin.dataset,
      'dataset-name': origin.datasetName,
      synthetic: String(origin.synthetic),
      'trained-on': origin.trainedOn.encode(),
    }),
  );
}

/** Read weights for a network; names and shapes must be exactly the network's. */
export function loadWeights(
  file: string,
  network: Network,
): { weights: Weights; origin: WeightsOrigin; hash: string } {
  const bytes = readFile(file);
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const weights: Weights = new Map();
  const expected = parameterList(network);
  for (const { name, shape } of expected) {
    const tensor = tensors.get(name);
    if (!tensor || !(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
      throw new UserError(
        `it has ${tensor ? `\`${name}\` as ${tensor.shape.join('×')}` : `no \`${name}\``}, the network ${network.name} needs ${shape.join('×')}`,
        { file },
        'The weights belong to another network: train again, or restore the model file they were trained with.',
      );
    }
    if (!tensor.data.every(Number.isFinite))
      throw new UserError(`\`${name}\` has values that are no numbers`, { file });
    weights.set(name, tensor.data);
  }
  if (tensors.size !== expected.length) {
    throw new UserError(
      `it has ${tensors.size} tensors, the network ${network.name} has ${expected.length}`,
      { file },
    );
  }
  const scale = Number(metadata.scale);
  if (!(scale > 0)) throw new UserError('its metadata lacks the scale of the input', { file });
  const origin: WeightsOrigin = {
    network: metadata.network ?? network.name,
    scale,
    epochs: Number(metadata.epochs ?? 0),
    dataset: metadata.dataset ?? '',
    datasetName: metadata['dataset-name'] ?? '',
    synthetic: metadata.synthetic === 'true',
    trainedOn: TrainedOn.decode(metadata['trained-on'] ?? ''),
  };
  return { weights, origin, hash: sha256(bytes) };
}

/** Open a run folder, or a model file whose weights stand beside it (`NAME.safetensors`). */
export function openTrained(location: string): TrainedModel {
  if (!fs.existsSync(location)) throw new UserError('no such run folder or model file', { file: location });
  const isFolder = fs.statSync(location).isDirectory();
  if (isFolder && !RunFolder.isRun(location)) {
    throw new UserError(
      'is no run folder: it has no run.json',
      { file: location },
      'Name a folder under runs/.',
    );
  }
  const run = isFolder ? RunFolder.open(location) : undefined;
  const modelFile = run ? run.path(runFiles.model) : location;
  const weightsFile = run ? run.path(runFiles.weights) : `${modelStem(location)}.safetensors`;
  const network = loadModel(modelFile);
  if (!fs.existsSync(weightsFile)) {
    throw new UserError(
      run
        ? `the run has no weights yet (its status is ${run.info.status})`
        : 'the model has no weights beside it',
      { file: weightsFile },
      run ? `Resume it: ecg train --resume ${location}` : 'Train it first, and name the run folder.',
    );
  }
  const { weights, origin, hash } = loadWeights(weightsFile, network);
  return { network, weights, origin, modelFile, weightsHash: hash, run };
}

/** All parameters of a network as it is trained, in order. */
export function parameterList(network: Network): { name: string; shape: readonly number[]; size: number }[] {
  return trainedNetwork(network).layers.flatMap((layer) =>
    layer.parameters.map((p) => ({ name: parameterName(layer, p), shape: p.shape, size: parameterSize(p) })),
  );
}

import * as path from 'node:path';
import type { JobContext } from '../common/job.ts';
import { UserError } from '../common/errors.ts';
import { requireCapability } from '../model/budget.ts';
import { formatName, weightsName } from '../model/units.ts';
import { weightBytes, type IntegerNetwork } from '../quantization/integer-network.ts';
import { quantizeNetwork } from '../quantization/quantize.ts';
import { saveIntegerNetwork } from '../quantization/files.ts';
import { runFiles } from '../training/run-folder.ts';
import { openTrained, type TrainedModel } from '../training/weights-file.ts';

export interface QuantizeResult {
  folder: string;
  network: string;
  weights: string;
  activations: string;
  /** Every constant of the network in canonical packing: weights, biases, shifts. Exact. */
  weightBytes: number;
  /** State and activations as planned. Exact. */
  memoryBytes: number;
  stateBytes: number;
  hash: string;
}

/** Quantise a run's network into its `quantized/` folder. */
export function quantizeJob(inputs: { run: string }, context: JobContext): QuantizeResult {
  const trained = openTrained(inputs.run);
  requireRun(trained, inputs.run);
  requireCapability(trained.network, trained.modelFile, 'deployment');
  context.cancellation.throwIfRequested();
  const integer = quantizeNetwork(trained.network, trained.weights);
  const folder = path.join(inputs.run, runFiles.quantized);
  saveIntegerNetwork(folder, integer);
  return quantizeResult(trained, integer, folder);
}

export function requireRun(trained: TrainedModel, location: string): void {
  if (!trained.run) {
    throw new UserError(
      'is a model file, a run folder is needed',
      { file: location },
      'Train it, and name the run folder.',
    );
  }
}

function quantizeResult({ network }: TrainedModel, integer: IntegerNetwork, folder: string): QuantizeResult {
  const { weights, activations } = network.quantization;
  return {
    folder,
    network: network.name,
    weights: weightsName(weights),
    activations: formatName(activations),
    weightBytes: weightBytes(integer),
    memoryBytes: integer.memoryBytes,
    stateBytes: integer.stateBytes,
    hash: integer.hash,
  };
}

import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { readFile, sha256, writeFileAtomic } from '../common/files.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor, type TensorData } from '../common/safetensors.ts';
import type { Weights } from '../model/network.ts';
import type { PlateauState } from './schedule.ts';

/** Everything that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Epoch to go on in (0-based) and batches of it already done. */
  epoch: number;
  batch: number;
  /** Sums over the batches of this epoch that are done. */
  epochLoss: number;
  epochCorrect: number;
  epochRecords: number;
  weights: Weights;
  optimizer: { step: number; m: Weights; v: Weights };
  plateau: PlateauState;
  best: { weights: Weights; epoch: number; f1: number; loss: number } | undefined;
  /** Bytes of metrics.jsonl that belong to it; what is longer is cut off on resuming. */
  metricsLength: number;
  /** Hash over data, model and settings: a checkpoint of anything else is refused. */
  fingerprint: string;
  engine: string;
}

const checksumBytes = 32;
const empty: Weights = new Map();

/** Write atomically; the checkpoint before stays as `FILE.previous`. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const tensors = new Map<string, Tensor>();
  const put = (prefix: string, weights: Weights): void => {
    for (const [name, data] of weights)
      tensors.set(`${prefix}:${name}`, { dtype: 'F32', shape: [data.length], data });
  };
  put('weights', checkpoint.weights);
  put('m', checkpoint.optimizer.m);
  put('v', checkpoint.optimizer.v);
  put('best', checkpoint.best?.weights ?? empty);
  const { weights: _weights, optimizer, best, ...rest } = checkpoint;
  const state = {
    ...rest,
    step: optimizer.step,
    best: best && { epoch: best.epoch, f1: best.f1, loss: best.loss },
  };
  const body = encodeSafetensors(tensors, { state: JSON.stringify(state) });
  if (fs.existsSync(file)) {
    fs.rmSync(`${file}.previous`, { force: true });
    fs.linkSync(file, `${file}.previous`);
  }
  writeFileAtomic(file, Buffer.concat([body, Buffer.from(sha256(body), 'hex')]));
}

/**
 * The newest whole checkpoint, and which file it is in: this one, or the one before it where this one is damaged.
 * Undefined: there is none. Nothing is changed.
 */
export function readCheckpoint(file: string): { checkpoint: Checkpoint; file: string } | undefined {
  const candidates = [file, `${file}.previous`].filter((f) => fs.existsSync(f));
  for (const candidate of candidates) {
    const checkpoint = decode(candidate);
    if (checkpoint) return { checkpoint, file: candidate };
  }
  if (candidates.length > 0) {
    throw new UserError(
      'the checkpoint is damaged, and so is the one before it',
      { file },
      'Start the training anew.',
    );
  }
  return undefined;
}

function decode(file: string): Checkpoint | undefined {
  const bytes = readFile(file);
  const body = bytes.subarray(0, Math.max(0, bytes.length - checksumBytes));
  if (body.length === 0 || sha256(body) !== bytes.subarray(body.length).toString('hex')) return undefined;
  const { tensors, metadata } = decodeSafetensors(body, file);
  if (metadata.state === undefined) {
    throw new UserError('is no checkpoint of ECG Studio', { file }, 'Restore it, or start a new run.');
  }
  const state = JSON.parse(metadata.state) as Omit<Checkpoint, 'weights' | 'optimizer' | 'best'> & {
    step: number;
    best?: { epoch: number; f1: number; loss: number };
  };
  const take = (prefix: string): Weights => {
    const weights: Weights = new Map();
    for (const [name, { data }] of tensors) {
      if (name.startsWith(`${prefix}:`)) weights.set(name.slice(prefix.length + 1), float32(data));
    }
    return weights;
  };
  const { step, best, ...rest } = state;
  return {
    ...rest,
    weights: take('weights'),
    optimizer: { step, m: take('m'), v: take('v') },
    best: best && { ...best, weights: take('best') },
  };
}

function float32(data: TensorData): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('checkpoint tensors are float32');
  return data;
}

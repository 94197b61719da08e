import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { BatchRecord, TrainingEngine } from '../engine/engine.ts';
import { windowCount } from '../signal/windows.ts';
import type { Network } from '../model/network.ts';

const batch = 64;

export interface Predictions {
  /** [records][classes] */
  probabilities: Float32Array;
  /** [records][channels] of the engine's `features` layer; empty without one. */
  features: Float32Array;
}

/** Predictions of scaled signals, in their order; longest together, so little is padding. */
export async function predictAll(
  engine: TrainingEngine,
  network: Network,
  signals: readonly Float32Array[],
  stage: string,
  context: JobContext,
): Promise<Predictions> {
  const classes = network.classes.length;
  const result: Predictions = {
    probabilities: new Float32Array(signals.length * classes),
    features: new Float32Array(),
  };
  const counts = signals.map((s) => windowCount(s.length, network.input));
  const order = signals.map((_, i) => i).sort((a, b) => counts[a] - counts[b]);
  for (let start = 0; start < order.length; start += batch) {
    context.cancellation.throwIfRequested();
    context.progress({ stage, done: start, total: order.length, unit: 'records' });
    await yieldToEventLoop();
    const members = order.slice(start, start + batch);
    const records: BatchRecord[] = members.map((i) => ({ signal: signals[i] }));
    const { probabilities, features } = engine.predict(records);
    const channels = features.length / members.length;
    if (start === 0) result.features = new Float32Array(signals.length * channels);
    for (const [row, i] of members.entries()) {
      result.probabilities.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
      result.features.set(features.subarray(row * channels, (row + 1) * channels), i * channels);
    }
  }
  context.progress({ stage, done: order.length, total: order.length, unit: 'records' });
  return result;
}

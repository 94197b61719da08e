import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { Network } from '../model/network.ts';
import { probabilities, type IntegerNetwork } from './integer-network.ts';
import { IntegerRuntime } from './runtime.ts';

/**
 * Class probabilities [records][classes] of the integer network; state cleared at the start of each record and, where the
 * model file says so, every so many windows, as on the device.
 *
 * @param windowsOf quantised windows of record i
 */
export async function predictIntegers(
  network: Network,
  integer: IntegerNetwork,
  records: number,
  windowsOf: (i: number) => Int8Array[],
  context: JobContext,
): Promise<Float32Array> {
  const classes = network.classes.length;
  const result = new Float32Array(records * classes);
  const runtime = await IntegerRuntime.create(integer);
  const report = (done: number): void =>
    context.progress({ stage: 'integer network', done, total: records, unit: 'records' });
  try {
    let last = 0;
    for (let i = 0; i < records; i++) {
      if (performance.now() - last > 100) {
        last = performance.now();
        context.cancellation.throwIfRequested();
        report(i);
        await yieldToEventLoop();
      }
      result.set(predictRecord(network, integer, runtime, windowsOf(i)), i * classes);
    }
    report(records);
    return result;
  } finally {
    runtime.close();
  }
}

function predictRecord(
  network: Network,
  integer: IntegerNetwork,
  runtime: IntegerRuntime,
  windows: readonly Int8Array[],
): Float32Array {
  const { resetEvery } = network.target;
  const logits = windows.map((window, w) => {
    if (w === 0 || (resetEvery !== undefined && w % resetEvery === 0)) runtime.reset();
    return runtime.runWindow(window).logits;
  });
  return recordProbabilities(integer, logits);
}

/** Class probabilities of a record from the logits of its windows, by the network's readout. */
export function recordProbabilities(integer: IntegerNetwork, logits: readonly Int16Array[]): Float32Array {
  const rows = logits.map((row) => probabilities(integer, row));
  if (integer.readout === 'last-state') return Float32Array.from(rows[rows.length - 1]);
  return Float32Array.from(
    integer.classes,
    (_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length,
  );
}

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
  const mean = new Float32Array(network.classes.length);
  let last: Float32Array | Float64Array = mean;
  const { resetEvery } = network.target;
  runtime.reset();
  for (const [w, window] of windows.entries()) {
    if (resetEvery !== undefined && w > 0 && w % resetEvery === 0) runtime.reset();
    last = probabilities(integer, runtime.runWindow(window).logits);
    for (let c = 0; c < mean.length; c++) mean[c] += last[c] / windows.length;
  }
  return network.readout === 'mean' ? mean : Float32Array.from(last);
}

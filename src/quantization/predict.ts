import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { Network } from '../model/network.ts';
import { windowCount } from '../signal/windows.ts';
import { probabilities, type IntegerNetwork } from './integer-network.ts';
import { IntegerRuntime } from './runtime.ts';
import { quantizeWindow } from './windows.ts';

/** A scaled signal → its quantised windows, as the device sees them. A short record is zero-padded to one window. */
export function integerWindows(network: Network, signal: Float32Array): Int8Array[] {
  const { window, hop } = network.input;
  const count = windowCount(signal.length, network.input);
  return Array.from({ length: count }, (_, w) => {
    const quantized = new Int8Array(window);
    quantizeWindow(signal, w * hop, quantized, network.quantization.activations);
    return quantized;
  });
}

/** Class probabilities [records][classes] of the integer network, state cleared at the start of each record. */
export async function predictIntegers(
  network: Network,
  integer: IntegerNetwork,
  signals: readonly Float32Array[],
  context: JobContext,
): Promise<Float32Array> {
  const classes = network.classes.length;
  const result = new Float32Array(signals.length * classes);
  const runtime = await IntegerRuntime.create(integer);
  try {
    let last = 0;
    for (const [i, signal] of signals.entries()) {
      if (performance.now() - last > 100) {
        last = performance.now();
        context.cancellation.throwIfRequested();
        context.progress({ stage: 'integer network', done: i, total: signals.length, unit: 'records' });
        await yieldToEventLoop();
      }
      result.set(predictRecord(network, integer, runtime, signal), i * classes);
    }
    context.progress({ stage: 'integer network', done: signals.length, total: signals.length, unit: 'records' });
    return result;
  } finally {
    runtime.close();
  }
}

function predictRecord(
  network: Network,
  integer: IntegerNetwork,
  runtime: IntegerRuntime,
  signal: Float32Array,
): Float32Array {
  const mean = new Float32Array(network.classes.length);
  let last: Float32Array | Float64Array = mean;
  const windows = integerWindows(network, signal);
  runtime.reset();
  for (const [w, window] of windows.entries()) {
    const { resetEvery } = network.target;
    if (resetEvery !== undefined && w > 0 && w % resetEvery === 0) runtime.reset();
    last = probabilities(integer, runtime.runWindow(window).logits);
    for (let c = 0; c < mean.length; c++) mean[c] += last[c] / windows.length;
  }
  return network.readout === 'mean' ? mean : Float32Array.from(last);
}

import * as assert from 'node:assert/strict';
import { type IntegerNetwork } from '../../../src/quantization/integer-network.ts';
import { referenceReset, referenceRunWindow } from '../../../src/quantization/reference.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';

/** Every logit and state of the runtime and the reference over these windows, one after the other without a reset. */
export async function runBoth(
  network: IntegerNetwork,
  windows: readonly Int8Array[],
  reference: IntegerNetwork = network,
): Promise<{ runtime: number[][]; reference: number[][] }> {
  const runtime = await IntegerRuntime.create(network);
  const state = referenceReset();
  const result = { runtime: [] as number[][], reference: [] as number[][] };
  for (const window of windows) {
    const got = runtime.runWindow(window);
    const wanted = referenceRunWindow(reference, state, window);
    result.runtime.push([...got.logits, ...got.state]);
    result.reference.push([...wanted.logits, ...wanted.state]);
  }
  runtime.close();
  return result;
}

export async function assertSame(
  network: IntegerNetwork,
  windows: readonly Int8Array[],
): Promise<number[][]> {
  const { runtime, reference } = await runBoth(network, windows);
  assert.deepEqual(runtime, reference);
  return runtime;
}

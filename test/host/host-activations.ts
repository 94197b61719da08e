import * as fs from 'node:fs';
import * as path from 'node:path';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../src/quantization/runtime.ts';
import { openTrained } from '../../src/training/weights-file.ts';

/** Bytes before the first window: the header of `emulator/link.h`, and how many windows the first record has. */
const headBytes = 56 + 4;

/**
 * What the host computes of the first window that the debugged firmware reads: the window, then the output of each block.
 * The integer runtime is run with the blocks up to each, since a later block may use the memory of an earlier one again.
 */
export async function hostActivations(run: string): Promise<{ window: number[]; outputs: number[][] }> {
  const trained = openTrained(run);
  const network = quantizeNetwork(trained.network, trained.weights);
  const file = fs.readFileSync(path.join(run, 'firmware', 'build', 'debug-session', 'windows.bin'));
  const samples = network.input.channels * network.input.length;
  const window = Int8Array.from(file.subarray(headBytes, headBytes + samples));
  const outputs: number[][] = [];
  for (const [i, { output }] of network.blocks.entries()) {
    const runtime = await IntegerRuntime.create({ ...network, blocks: network.blocks.slice(0, i + 1) });
    runtime.runWindow(window);
    outputs.push([...runtime.read(output)]);
    runtime.close();
  }
  return { window: [...window], outputs };
}

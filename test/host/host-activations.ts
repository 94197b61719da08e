import * as fs from 'node:fs';
import * as path from 'node:path';
import { emulatorFiles } from '../../src/firmware/emulate.ts';
import { FrameReader, frameTypes } from '../../src/firmware/frames.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../src/quantization/runtime.ts';
import { openTrained } from '../../src/training/weights-file.ts';

/** Bytes of a WINDOW frame before its samples, `link/link.h`. */
const windowHead = 4;

/**
 * What the host computes of the first window that the debugged firmware reads: the window, then the output of each block.
 * The integer runtime is run with the blocks up to each, since a later block may use the memory of an earlier one again.
 */
export async function hostActivations(run: string): Promise<{ window: number[]; outputs: number[][] }> {
  const trained = openTrained(run);
  const network = quantizeNetwork(trained.network, trained.weights);
  const file = fs.readFileSync(path.join(run, 'firmware', 'build', 'debug-session', emulatorFiles.requests));
  const samples = network.input.channels * network.input.length;
  const parts = new FrameReader().push(file).filter(({ type }) => type === frameTypes.window);
  const window = Int8Array.from(
    Buffer.concat(parts.map(({ payload }) => payload.subarray(windowHead))),
  ).slice(0, samples);
  const outputs: number[][] = [];
  for (const [i, { output }] of network.blocks.entries()) {
    const runtime = await IntegerRuntime.create({ ...network, blocks: network.blocks.slice(0, i + 1) });
    runtime.runWindow(window);
    outputs.push([...runtime.read(output)]);
    runtime.close();
  }
  return { window: [...window], outputs };
}

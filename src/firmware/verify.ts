import { UserError } from '../common/errors.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { IntegerRuntime } from '../quantization/runtime.ts';
import type { BuildResult } from './build.ts';
import { emulate } from './emulate.ts';
import { estimateEnergy, type EnergyEstimate } from './energy.ts';
import { imageNetwork } from './image.ts';
import type { DeviceWindow } from './link.ts';

/** The first value that differs: which record and window (from 0), which value, host and device. */
export interface Mismatch {
  record: number;
  window: number;
  value: string;
  host: number;
  device: number;
}

export interface VerifyResult {
  windows: number;
  /** Logits and recurrent states. */
  valuesCompared: number;
  mismatches: number;
  firstMismatch?: Mismatch;
  /** Windows whose logits on the host are not all the same, are not saturated, and differ from the window before. */
  distinctWindows: number;
  /** Emulated: from the quantised window to the logits. */
  instructionsPerWindow: { mean: number; max: number };
  /** Of the last window, block by block. */
  blockInstructions: { name: string; instructions: number }[];
  /** The network alone; exact. */
  flashBytes: number;
  ramBytes: number;
  imageFlashBytes: number;
  imageRamBytes: number;
  /** Emulated: deepest stack of a window. */
  stackBytes: number;
  elfSha256: string;
  energy: EnergyEstimate;
}

/**
 * Run windows on the host and on the emulated device and compare every logit and the recurrent state after each window,
 * bit for bit. Throws a UserError where there is nothing to compare, or where most windows give the same or saturated logits.
 */
export async function verifyFirmware(
  network: IntegerNetwork,
  build: BuildResult,
  records: readonly (readonly Int8Array[])[],
  context: JobContext,
): Promise<VerifyResult> {
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  if (windows === 0) {
    throw new UserError('there are no windows to compare', {}, 'Give at least one record to verify on.');
  }
  const inImage = imageNetwork(build.elf).hash;
  if (inImage !== network.hash) {
    throw new UserError(
      `the image holds another network (${inImage.slice(0, 12)}…, not ${network.hash.slice(0, 12)}…)`,
      { file: build.elf },
      'Generate and build the firmware again.',
    );
  }
  const device = await emulate(build.elf, records, context);
  const comparison = await compareWithHost(network, records, device.windows, context);
  if (comparison.distinctWindows * 2 < windows) {
    throw new UserError(
      `only ${comparison.distinctWindows} of ${windows} windows have logits of their own that are not saturated: such a comparison proves nothing`,
      {},
      'Verify on other records, or look whether the quantised network still tells records apart (`ecg evaluate --integer`).',
    );
  }
  const instructions = device.windows.map((window) => window.instructions);
  const max = instructions.reduce((largest, count) => Math.max(largest, count), 0);
  return {
    windows,
    ...comparison,
    instructionsPerWindow: { mean: instructions.reduce((a, b) => a + b, 0) / windows, max },
    blockInstructions: device.blockInstructions.map((count, i) => ({
      name: network.blocks[i].name,
      instructions: count,
    })),
    flashBytes: build.flashBytes,
    ramBytes: build.ramBytes,
    imageFlashBytes: build.imageFlashBytes,
    imageRamBytes: build.imageRamBytes,
    stackBytes: device.stackBytes,
    elfSha256: build.elfSha256,
    energy: estimateEnergy(max),
  };
}

type Comparison = Pick<VerifyResult, 'valuesCompared' | 'mismatches' | 'firstMismatch' | 'distinctWindows'>;

async function compareWithHost(
  network: IntegerNetwork,
  records: readonly (readonly Int8Array[])[],
  device: readonly DeviceWindow[],
  context: JobContext,
): Promise<Comparison> {
  const result: Comparison = { valuesCompared: 0, mismatches: 0, distinctWindows: 0 };
  const names = [...network.classes.map((name) => `logit ${name}`), ...stateNames(network)];
  const runtime = await IntegerRuntime.create(network);
  try {
    let index = 0;
    for (const [record, windows] of records.entries()) {
      context.cancellation.throwIfRequested();
      await yieldToEventLoop();
      runtime.reset();
      let previous = '';
      for (const [window, samples] of windows.entries()) {
        const host = runtime.runWindow(samples);
        const got = device[index++];
        const wanted = [...host.logits, ...host.state];
        [...got.logits, ...got.state].forEach((value, i) => {
          result.valuesCompared++;
          if (value === wanted[i]) return;
          result.mismatches++;
          result.firstMismatch ??= { record, window, value: names[i], host: wanted[i], device: value };
        });
        const text = host.logits.join();
        if (isInformative(host.logits) && text !== previous) result.distinctWindows++;
        previous = text;
      }
    }
  } finally {
    runtime.close();
  }
  return result;
}

/** Neither saturated nor all the same: a comparison of such logits proves something. */
function isInformative(logits: Int16Array): boolean {
  const saturated = logits.some((value) => value === 32767 || value === -32768);
  return !saturated && new Set(logits).size > 1;
}

/** In the order of the state memory: of each recurrent block h, then the LSTM's c. */
function stateNames(network: IntegerNetwork): string[] {
  const parts = network.blocks.flatMap((block) => {
    if (!block.recurrent) return [];
    const h = { at: block.output.offset, name: `${block.name} h` };
    const c = { at: block.cellOffset, name: `${block.name} c` };
    const units = block.output.channels;
    return (block.kind === 'lstm' ? [h, c] : [h]).map((part) => ({ ...part, units }));
  });
  const names = Array.from({ length: network.stateBytes / 2 }, (_, i) => `state ${i}`);
  for (const { at, name, units } of parts) {
    for (let unit = 0; unit < units; unit++) names[at / 2 + unit] = `${name}[${unit}]`;
  }
  return names;
}

import * as path from 'node:path';
import { readKept, writeJsonAtomic } from '../common/files.ts';
import type { CostUnit } from '../firmware/device.ts';
import { differenceError } from './difference.ts';
import type { BoardVerification, Verification } from './verify.ts';

/** What is kept of a comparison of a device with the host, to be shown beside the report of a build. */
export interface KeptVerification {
  format: number;
  /** `the emulator`, `the board at /dev/ttyACM0`. */
  device: string;
  /** SHA-256 of the emulator's image; of a board, whose image nobody sees from outside, of its network. */
  of: string;
  records: number;
  windows: number;
  /** Of all layers and of the front end. */
  valuesCompared: number;
  /** In words; undefined: all is the same. */
  difference: string | undefined;
  /** Instructions emulated, or cycles measured. */
  unit: CostUnit;
  perWindow: { mean: number; max: number };
  /** Of each block, in the last window. */
  blocks: number[];
  /** The most that a window takes: measured in cycles, else estimated from instructions. */
  milliseconds: number;
}

const format = 1;
const fileNames = { instructions: 'verification.json', cycles: 'board-verification.json' } as const;

/**
 * @param folder of the build
 * @param of what was compared, by its hash
 */
export function keepVerification(
  folder: string,
  of: string,
  run: string,
  verification: Verification | BoardVerification,
): void {
  const { device, records, windows, valuesCompared, frontEnd, layers } = verification;
  const cost =
    'cyclesPerWindow' in verification
      ? {
          unit: 'cycles' as const,
          perWindow: verification.cyclesPerWindow,
          milliseconds: verification.millisecondsPerWindow.max,
        }
      : {
          unit: 'instructions' as const,
          perWindow: verification.instructionsPerWindow,
          milliseconds: verification.energy.milliseconds,
        };
  const kept: KeptVerification = {
    format,
    device,
    of,
    records,
    windows,
    valuesCompared: valuesCompared + frontEnd.samplesCompared,
    difference: differenceError(run, verification)?.message,
    blocks: layers.map((layer) => layer.cost),
    ...cost,
  };
  writeJsonAtomic(path.join(folder, fileNames[kept.unit]), kept);
}

/** Of the last comparison in that unit; undefined where there was none, or of something else. */
export function readVerification(folder: string, unit: CostUnit, of: string): KeptVerification | undefined {
  return readKept<KeptVerification>(
    path.join(folder, fileNames[unit]),
    (kept) => kept.format === format && kept.of === of,
  );
}

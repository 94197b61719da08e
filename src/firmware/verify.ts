import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { tensorValues, type IntegerBlock, type IntegerNetwork } from '../quantization/integer-network.ts';
import { IntegerRuntime } from '../quantization/runtime.ts';
import type { BuildResult } from './build.ts';
import type { CostUnit, Device, DeviceWindow } from './device.ts';
import { EmulatedDevice } from './emulate.ts';
import { estimateEnergy, type EnergyEstimate } from './energy.ts';

/** The first value that differs: which record and window (from 0), which value of which layer, host and device. */
export interface Mismatch {
  record: number;
  window: number;
  layer: string;
  channel: number;
  /** Of the layer's output; undefined: `channel` is a unit of an LSTM's cell. */
  position: number | undefined;
  /** All that in words. */
  value: string;
  host: number;
  device: number;
}

/** What was compared of one block's output. */
export interface LayerComparison {
  name: string;
  values: number;
  mismatches: number;
  /** Of the last window, in the device's unit. */
  cost: number;
}

export interface DeviceComparison {
  /** Who it was compared with: `the emulator`, `the board at …`. */
  device: string;
  windows: number;
  /** Outputs of all layers, and cells of LSTM layers. */
  valuesCompared: number;
  mismatches: number;
  firstMismatch?: Mismatch;
  layers: LayerComparison[];
  /** Windows whose logits on the host are not all the same, are not saturated, and differ from the window before. */
  distinctWindows: number;
  /** From the quantised window to the logits: instructions in the emulator, cycles measured on a board. */
  costPerWindow: { unit: CostUnit; mean: number; max: number };
  /** Deepest stack of a window. */
  stackBytes: number;
  /** Of the device, of each record's windows. */
  logits: Int16Array[][];
}

/**
 * Run windows on the host and on a device and compare the output of every layer, the logits among them, and the recurrent
 * state after each window, bit for bit. Throws a UserError where there is nothing to compare, the device holds another
 * network, or most windows give the same or saturated logits.
 */
export async function verifyDevice(
  network: IntegerNetwork,
  device: Device,
  records: readonly (readonly Int8Array[])[],
  context: JobContext,
): Promise<DeviceComparison> {
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  if (windows === 0) {
    throw new UserError('there are no windows to compare', {}, 'Give at least one record to verify on.');
  }
  if (device.hash !== network.hash) {
    throw new UserError(
      `${device.name} holds another network (${device.hash.slice(0, 12)}…, not ${network.hash.slice(0, 12)}…)`,
      {},
      'Generate, build and, on a board, flash the firmware again.',
    );
  }
  const comparison = new Comparison(network, await IntegerRuntime.create(network));
  try {
    await device.runWindows(
      records,
      true,
      (got, record, window) => comparison.compare(records[record][window], got, record, window),
      context,
    );
  } finally {
    comparison.close();
  }
  const { distinctWindows } = comparison;
  if (distinctWindows * 2 < windows) {
    throw new UserError(
      `only ${distinctWindows} of ${windows} windows have logits of their own that are not saturated: such a comparison proves nothing`,
      {},
      'Verify on other records, or look whether the quantised network still tells records apart (`ecg evaluate --integer`).',
    );
  }
  return comparison.result(device);
}

/** A comparison with the emulator, with the sizes of what was emulated. */
export interface VerifyResult extends Omit<DeviceComparison, 'costPerWindow'> {
  /** Emulated: from the quantised window to the logits. */
  instructionsPerWindow: { mean: number; max: number };
  /** The network alone; exact. */
  flashBytes: number;
  ramBytes: number;
  imageFlashBytes: number;
  imageRamBytes: number;
  elfSha256: string;
  energy: EnergyEstimate;
}

/** `verifyDevice` of a built image in the emulator. */
export async function verifyFirmware(
  network: IntegerNetwork,
  build: BuildResult,
  records: readonly (readonly Int8Array[])[],
  context: JobContext,
): Promise<VerifyResult> {
  const { costPerWindow, ...comparison } = await verifyDevice(
    network,
    new EmulatedDevice(build.elf),
    records,
    context,
  );
  const { mean, max } = costPerWindow;
  return {
    ...comparison,
    instructionsPerWindow: { mean, max },
    flashBytes: build.flashBytes,
    ramBytes: build.ramBytes,
    imageFlashBytes: build.imageFlashBytes,
    imageRamBytes: build.imageRamBytes,
    elfSha256: build.elfSha256,
    energy: estimateEnergy(max),
  };
}

class Comparison {
  distinctWindows = 0;
  readonly #network: IntegerNetwork;
  readonly #runtime: IntegerRuntime;
  readonly #layers: LayerComparison[];
  readonly #cells: { at: number; block: IntegerBlock }[];
  readonly #logits: Int16Array[][] = [];
  #cellValues = 0;
  #cellMismatches = 0;
  #firstMismatch: Mismatch | undefined;
  #previous = '';
  #cost = { windows: 0, sum: 0, max: 0 };
  #stackBytes = 0;

  constructor(network: IntegerNetwork, runtime: IntegerRuntime) {
    this.#network = network;
    this.#runtime = runtime;
    this.#layers = network.blocks.map(({ name }) => ({ name, values: 0, mismatches: 0, cost: 0 }));
    this.#cells = network.blocks
      .filter(({ kind }) => kind === 'lstm')
      .map((block) => ({ at: block.cellOffset / 2, block }));
  }

  compare(samples: Int8Array, got: DeviceWindow, record: number, window: number): void {
    if (window === 0) {
      this.#runtime.reset();
      this.#previous = '';
      this.#logits.push([]);
    }
    const host = this.#runtime.traceWindow(samples);
    this.#network.blocks.forEach((block, b) => {
      const bytes = got.blocks[b].output;
      const values =
        bytes.length === host.outputs[b].byteLength ? tensorValues(block.output, bytes) : undefined;
      if (!values) {
        throw new UserError(
          `the device gives ${bytes.length} bytes of layer ${block.name}, the host ${host.outputs[b].byteLength}`,
          { layer: block.name },
          'Generate, build and, on a board, flash the firmware again.',
        );
      }
      const layer = this.#layers[b];
      layer.cost = got.blocks[b].cost;
      layer.values += values.length;
      const { length } = block.output;
      values.forEach((value, i) => {
        const wanted = host.outputs[b][i];
        if (value === wanted) return;
        layer.mismatches++;
        const place = { channel: Math.floor(i / length), position: i % length };
        this.#firstMismatch ??= this.#mismatch(record, window, b, place, wanted, value);
      });
    });
    this.#compareCells(host.state, got.state, record, window);
    this.#logits.at(-1)?.push(got.logits);
    this.#take(host.logits, got);
  }

  #compareCells(host: Int16Array, got: Int16Array, record: number, window: number): void {
    for (const { at, block } of this.#cells) {
      for (let unit = 0; unit < block.output.channels; unit++) {
        this.#cellValues++;
        const [wanted, value] = [host[at + unit], got[at + unit]];
        if (value === wanted) continue;
        this.#cellMismatches++;
        const place = { channel: unit, position: undefined };
        const index = this.#network.blocks.indexOf(block);
        this.#firstMismatch ??= this.#mismatch(record, window, index, place, wanted, value);
      }
    }
  }

  #mismatch(
    record: number,
    window: number,
    index: number,
    place: Pick<Mismatch, 'channel' | 'position'>,
    host: number,
    device: number,
  ): Mismatch {
    const layer = this.#network.blocks[index].name;
    const where =
      place.position === undefined
        ? `${layer}, cell ${place.channel}`
        : `${layer}, channel ${place.channel}, position ${place.position}`;
    const last = index === this.#network.blocks.length - 1;
    const value = last ? `${where} (logit of ${this.#network.classes[place.channel]})` : where;
    return { record, window, layer, ...place, value, host, device };
  }

  #take(logits: Int16Array, { cost, stackBytes }: DeviceWindow): void {
    const text = logits.join();
    if (isInformative(logits) && text !== this.#previous) this.distinctWindows++;
    this.#previous = text;
    this.#cost.windows++;
    this.#cost.sum += cost;
    this.#cost.max = Math.max(this.#cost.max, cost);
    this.#stackBytes = Math.max(this.#stackBytes, stackBytes);
  }

  result({ name, unit }: Device): DeviceComparison {
    const { windows, sum, max } = this.#cost;
    const add = (key: 'values' | 'mismatches'): number =>
      this.#layers.reduce((total, l) => total + l[key], 0);
    return {
      device: name,
      windows,
      valuesCompared: add('values') + this.#cellValues,
      mismatches: add('mismatches') + this.#cellMismatches,
      ...(this.#firstMismatch && { firstMismatch: this.#firstMismatch }),
      layers: this.#layers,
      distinctWindows: this.distinctWindows,
      costPerWindow: { unit, mean: sum / windows, max },
      stackBytes: this.#stackBytes,
      logits: this.#logits,
    };
  }

  close(): void {
    this.#runtime.close();
  }
}

/** Neither saturated nor all the same: a comparison of such logits proves something. */
function isInformative(logits: Int16Array): boolean {
  const saturated = logits.some((value) => value === 32767 || value === -32768);
  return !saturated && new Set(logits).size > 1;
}

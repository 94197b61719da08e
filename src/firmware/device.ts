import type { JobContext } from '../common/job.ts';

/** What one window gave and cost on a device. */
export interface DeviceWindow {
  logits: Int16Array;
  /** The recurrent state after it. */
  state: Int16Array;
  /** In the device's unit. */
  cost: number;
  /** Deepest stack, counted from the call of the network. */
  stackBytes: number;
  /** Where outputs were asked for: of each block, with the bytes of its output. */
  blocks: readonly DeviceBlock[];
}

export interface DeviceBlock {
  cost: number;
  /** Little-endian, [channel][position]. */
  output: Uint8Array;
}

export interface DeviceFilter {
  /** The network's int8 samples of each record. */
  outputs: Int8Array[];
  /** The most that one output took, in the device's unit. */
  costPerOutput: number;
}

/** Costs are instructions in the emulator, and CPU cycles, measured, on a board. */
export type CostUnit = 'instructions' | 'cycles';

/** Something that runs the firmware: the emulator, or a board behind a serial port. */
export interface Device {
  /** In words: `the emulator`, `the board at /dev/ttyACM0`. */
  readonly name: string;
  readonly unit: CostUnit;
  /** Hash of the network in it. */
  readonly hash: string;
  /**
   * Run the windows of each record, the state cleared at the start of each, and give them in that order. `outputs`: with
   * the output of every block. Throws a UserError where the device fails, or what it answers is not whole.
   */
  runWindows(
    records: readonly (readonly Int8Array[])[],
    outputs: boolean,
    onWindow: (window: DeviceWindow, record: number, index: number) => void,
    context: JobContext,
  ): Promise<void>;
  /** Run ADC samples through the front end alone, which is cleared at the start of each record. Throws as above. */
  filter(records: readonly Int16Array[], context: JobContext): Promise<DeviceFilter>;
}

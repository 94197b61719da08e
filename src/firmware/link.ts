import { crc32 } from 'node:zlib';
import type { ImageNetwork } from './image.ts';

/** The host's side of `emulator/link.h`: the files that pass between it and the emulated device. */
const version = 1;
const hashBytes = 32;

export const linkCommands = { run: 0, storeToFlash: 1, storePastRam: 2 } as const;
export type LinkCommand = keyof typeof linkCommands;

/** `windows.bin` of these records; each starts with a cleared state. */
export function encodeWindows(
  network: ImageNetwork,
  records: readonly (readonly Int8Array[])[],
  command: LinkCommand = 'run',
): Uint8Array {
  const { samples } = network;
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  const bytes = Buffer.alloc(8 + hashBytes + 16 + records.length * 4 + windows * samples + 4);
  bytes.write('ECGW', 0, 'latin1');
  bytes.writeUInt32LE(version, 4);
  bytes.write(network.hash, 8, 'hex');
  let at = 8 + hashBytes;
  for (const value of [linkCommands[command], samples, records.length, windows]) {
    at = bytes.writeUInt32LE(value, at);
  }
  for (const record of records) {
    at = bytes.writeUInt32LE(record.length, at);
    for (const window of record) {
      if (window.length !== samples) throw new Error(`a window has ${samples} samples, not ${window.length}`);
      bytes.set(new Uint8Array(window.buffer, window.byteOffset, samples), at);
      at += samples;
    }
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

export interface DeviceWindow {
  logits: Int16Array;
  state: Int16Array;
  instructions: number;
}

export interface EmulationResult {
  windows: DeviceWindow[];
  /** Deepest stack of any window, counted from the call of the network. */
  stackBytes: number;
  /** Of the last window. */
  blockInstructions: number[];
}

/** A results file is not what was expected; the message says in which way. */
export class LinkError extends Error {}

/** One instruction in 64 ns (-icount shift=6), one tick of the timer in 40 ns. */
const instructionsPerTick = 40 / 64;

export function decodeResults(network: ImageNetwork, bytes: Buffer, windowCount: number): EmulationResult {
  const header = 8 + hashBytes + 16;
  if (bytes.length < header) throw new LinkError('it ends within its header');
  if (bytes.toString('latin1', 0, 4) !== 'ECGR' || bytes.readUInt32LE(4) !== version) {
    throw new LinkError('it has another format');
  }
  if (bytes.toString('hex', 8, 8 + hashBytes) !== network.hash)
    throw new LinkError('it is of another network');
  const [windows, logits, states, blocks] = [0, 1, 2, 3].map((i) =>
    bytes.readUInt32LE(8 + hashBytes + 4 * i),
  );
  if (
    windows !== windowCount ||
    logits !== network.logits ||
    states !== network.states ||
    blocks !== network.blocks
  ) {
    throw new LinkError(`it announces ${windows} windows of ${logits} logits and ${states} states`);
  }
  const windowBytes = 4 + 2 * (logits + states);
  const size = header + windows * windowBytes + 4 + 4 * blocks + 4;
  if (bytes.length !== size) throw new LinkError(`it has ${bytes.length} bytes of ${size}`);
  if (bytes.readUInt32LE(size - 4) !== crc32(bytes.subarray(0, size - 4))) {
    throw new LinkError('it does not match its CRC');
  }
  const numbers = (at: number, count: number) =>
    Int16Array.from({ length: count }, (_, i) => bytes.readInt16LE(at + 2 * i));
  const trailer = header + windows * windowBytes;
  const instructions = (at: number) => Math.round(bytes.readUInt32LE(at) * instructionsPerTick);
  return {
    windows: Array.from({ length: windows }, (_, w) => {
      const at = header + w * windowBytes;
      return {
        instructions: instructions(at),
        logits: numbers(at + 4, logits),
        state: numbers(at + 4 + 2 * logits, states),
      };
    }),
    stackBytes: bytes.readUInt32LE(trailer),
    blockInstructions: Array.from({ length: blocks }, (_, i) => instructions(trailer + 4 + 4 * i)),
  };
}

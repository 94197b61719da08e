import { crc32 } from 'node:zlib';
import type { ImageNetwork } from './image.ts';

/** The host's side of `emulator/link.h`: the files that pass between it and the emulated device. */
const version = 1;
const hashBytes = 32;

export const linkCommands = { run: 0, storeToFlash: 1, storePastRam: 2, frontEnd: 3 } as const;
export type LinkCommand = keyof typeof linkCommands;

/** `windows.bin` of these records; each starts with a cleared state. */
export function encodeWindows(
  network: ImageNetwork,
  records: readonly (readonly Int8Array[])[],
  command: LinkCommand = 'run',
): Uint8Array {
  const { samples } = network;
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  const bytes = Buffer.alloc(headerBytes + records.length * 4 + windows * samples + 4);
  let at = writeHeader(bytes, network, [linkCommands[command], samples, records.length, windows]);
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

/** `windows.bin` of the ADC samples of these records. */
export function encodeAdcSamples(network: ImageNetwork, records: readonly Int16Array[]): Uint8Array {
  const samples = records.reduce((sum, record) => sum + record.length, 0);
  const bytes = Buffer.alloc(headerBytes + records.length * 4 + samples * 2 + 4);
  let at = writeHeader(bytes, network, [linkCommands.frontEnd, 0, records.length, 0]);
  for (const record of records) {
    at = bytes.writeUInt32LE(record.length, at);
    for (const sample of record) at = bytes.writeInt16LE(sample, at);
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

/** Bytes of either header: magic, version, hash and four numbers. */
const headerBytes = 8 + hashBytes + 16;

function writeHeader(bytes: Buffer, network: ImageNetwork, numbers: readonly number[]): number {
  bytes.write('ECGW', 0, 'latin1');
  bytes.writeUInt32LE(version, 4);
  bytes.write(network.hash, 8, 'hex');
  return numbers.reduce((at, value) => bytes.writeUInt32LE(value, at), 8 + hashBytes);
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

function instructionsOf(ticks: number): number {
  return Math.round(ticks * instructionsPerTick);
}

/** Header and CRC, which ends every results file. */
function checkResults(network: ImageNetwork, bytes: Buffer): void {
  if (bytes.length < headerBytes + 4) throw new LinkError('it ends within its header');
  if (bytes.toString('latin1', 0, 4) !== 'ECGR' || bytes.readUInt32LE(4) !== version) {
    throw new LinkError('it has another format');
  }
  if (bytes.toString('hex', 8, 8 + hashBytes) !== network.hash)
    throw new LinkError('it is of another network');
  const end = bytes.length - 4;
  if (bytes.readUInt32LE(end) !== crc32(bytes.subarray(0, end))) {
    throw new LinkError('it is cut off or was changed: it does not match its CRC');
  }
}

export function decodeResults(network: ImageNetwork, bytes: Buffer, windowCount: number): EmulationResult {
  checkResults(network, bytes);
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
  const size = headerBytes + windows * windowBytes + 4 + 4 * blocks + 4;
  if (bytes.length !== size) throw new LinkError(`it has ${bytes.length} bytes of ${size}`);
  const numbers = (at: number, count: number) =>
    Int16Array.from({ length: count }, (_, i) => bytes.readInt16LE(at + 2 * i));
  const trailer = headerBytes + windows * windowBytes;
  const instructions = (at: number) => instructionsOf(bytes.readUInt32LE(at));
  return {
    windows: Array.from({ length: windows }, (_, w) => {
      const at = headerBytes + w * windowBytes;
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

export interface FrontEndResult {
  /** int8 samples of each record. */
  outputs: Int8Array[];
  /** The most instructions that one output took. */
  instructionsPerOutput: number;
}

export function decodeFrontEnd(network: ImageNetwork, bytes: Buffer, records: number): FrontEndResult {
  checkResults(network, bytes);
  let at = headerBytes;
  const outputs = Array.from({ length: records }, () => {
    const count = bytes.readUInt32LE(at);
    at += 4 + count;
    if (at + 8 > bytes.length) throw new LinkError('a record goes on past its end');
    return Int8Array.from(bytes.subarray(at - count, at));
  });
  return { outputs, instructionsPerOutput: instructionsOf(bytes.readUInt32LE(at)) };
}

import * as net from 'node:net';
import { VirtualChip, type ChipFaults } from './chip.ts';
import { DebugPort } from './debug-port.ts';
import { StLinkCommands, type ProbeFaults } from './st-link-commands.ts';

/** First byte of each request of a client of ST's st-link server, and the bytes of the request. */
const requestBytes: Readonly<Record<number, number>> = { 0: 2, 1: 1, 2: 8, 3: 8, 4: 8, 5: 32, 6: 4, 7: 8 };
const request = { refresh: 0, count: 1, describe: 2, open: 3, close: 4, command: 5, version: 6 } as const;

const succeeded = Buffer.of(1, 0, 0, 0);
const deviceId = 1;
const connectionId = 7;
const vendor = 0x0483;
const product = 0x3748;

export interface BoardFaults extends ChipFaults, ProbeFaults {
  /** The connection is cut after so many words were written to flash. */
  cutAfterWords?: number;
  /** The connection is cut after so many commands to the probe. */
  cutAfterCommands?: number;
  /** Another client has the probe. */
  busy?: boolean;
}

/**
 * A board behind an ST-Link that is shared by ST's st-link server: what OpenOCD's `st-link backend tcp PORT` talks to. All
 * is little-endian; requests have fixed sizes, a USB command of 16 bytes stands in a request of 32: connection, command,
 * direction (1: the answer has data) and count of bytes, then the data that is sent.
 */
export class VirtualStLink {
  readonly chip: VirtualChip;
  readonly #commands: StLinkCommands;
  readonly #faults: BoardFaults;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor(faults: BoardFaults = {}) {
    this.#faults = faults;
    this.chip = new VirtualChip(faults);
    this.#commands = new StLinkCommands(new DebugPort(this.chip), faults);
    this.#server = net.createServer((socket) => this.#serve(socket));
  }

  /** Commands to the probe, so far. */
  commands = 0;

  /** Commands that the probe did not know. */
  get unknown(): ReadonlySet<string> {
    return this.#commands.unknown;
  }

  /** Gives the port on 127.0.0.1. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { cutAfterWords } = this.#faults;
    if (cutAfterWords !== undefined) {
      this.chip.onWordWritten = () => {
        if (this.chip.counts.wordsWritten >= cutAfterWords) this.#cut();
      };
    }
    return (this.#server.address() as net.AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: net.Socket): void {
    let waiting: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (;;) {
        const bytes = wholeRequest(waiting);
        if (bytes === undefined || socket.destroyed) return;
        const answer = this.#answer(waiting.subarray(0, bytes));
        waiting = waiting.subarray(bytes);
        if (!socket.destroyed) socket.write(answer);
      }
    });
  }

  #answer(bytes: Buffer): Buffer {
    switch (bytes[0]) {
      case request.version: {
        // Version of the interface, then of the server: 2.1.1.
        const answer = Buffer.alloc(16);
        [1, 2, 1, 1].forEach((value, i) => answer.writeUInt32LE(value, 4 * i));
        return answer;
      }
      case request.count:
        return Buffer.of(1, 0, 0, 0);
      case request.describe: {
        const answer = Buffer.alloc(45);
        succeeded.copy(answer);
        answer.writeUInt32LE(deviceId, 4);
        answer.write('VIRTUAL-NRF52832', 8, 'latin1');
        answer.writeUInt16LE(vendor, 40);
        answer.writeUInt16LE(product, 42);
        return answer;
      }
      case request.open: {
        const answer = Buffer.alloc(8);
        answer.writeUInt32LE(this.#faults.busy ? 0x1003 : 1, 0);
        answer.writeUInt32LE(connectionId, 4);
        return answer;
      }
      case request.command: {
        if (++this.commands > (this.#faults.cutAfterCommands ?? Infinity)) {
          this.#cut();
          return succeeded;
        }
        const count = bytes.readUInt32LE(28);
        const reads = bytes[24] === 1;
        const answer = this.#commands.run(bytes.subarray(8, 24), bytes.subarray(32), reads ? count : 0);
        return Buffer.concat([succeeded, answer]);
      }
    }
    return succeeded;
  }
}

/** Bytes of the first request, where it has come whole. */
function wholeRequest(waiting: Buffer): number | undefined {
  if (waiting.length === 0) return undefined;
  let bytes = requestBytes[waiting[0]];
  if (bytes === undefined) throw new Error(`unknown request ${waiting[0]} to the st-link server`);
  if (waiting.length < bytes) return undefined;
  if (waiting[0] === request.command && waiting[24] === 0) bytes += waiting.readUInt32LE(28);
  return waiting.length < bytes ? undefined : bytes;
}

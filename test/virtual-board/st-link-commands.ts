import type { Width } from './bus.ts';
import { PortFault, type DebugPort } from './debug-port.ts';

/** Status byte of most answers. */
const status = { ok: 0x80, unknownCommand: 0x81, noTarget: 0x04, accessFault: 0x11, badPort: 0x1d } as const;

/** Number of the debug port in the commands that name a port. */
const debugPortNumber = 0xffff;

/** Command groups, the first byte (ST's ST-Link/V2; numbers as in the public drivers for it). */
const group = { debug: 0xf2, dfu: 0xf3, version: 0xf1, mode: 0xf5, voltage: 0xf7 } as const;

/** Debug commands, the second byte. */
const debug = {
  readMemory32: 0x07,
  writeMemory32: 0x08,
  readMemory8: 0x0c,
  writeMemory8: 0x0d,
  exit: 0x21,
  enter: 0x30,
  readIdCodes: 0x31,
  resetSystem: 0x32,
  lastStatus: 0x3b,
  driveReset: 0x3c,
  lastStatusLong: 0x3e,
  setSwdFrequency: 0x43,
  readPort: 0x45,
  writePort: 0x46,
  readMemory16: 0x47,
  writeMemory16: 0x48,
  openAp: 0x4b,
  closeAp: 0x4c,
  writeMemory32SameAddress: 0x50,
  miscellaneousOut: 0x51,
  miscellaneousIn: 0x52,
  readMemory32SameAddress: 0x54,
} as const;

const memoryReads: Readonly<Record<number, Width>> = {
  [debug.readMemory32]: 4,
  [debug.readMemory16]: 2,
  [debug.readMemory8]: 1,
};
const memoryWrites: Readonly<Record<number, Width>> = {
  [debug.writeMemory32]: 4,
  [debug.writeMemory16]: 2,
  [debug.writeMemory8]: 1,
  [debug.writeMemory32SameAddress]: 4,
};

/** What a probe may have in front of it. */
export interface ProbeFaults {
  /** Nothing answers on SWD. */
  noTarget?: boolean;
  /** Millivolts on the target's supply; 3000 where not given. */
  millivolts?: number;
}

/** The commands of an ST-Link/V2 in front of one debug port: 16 bytes of command, then data in one direction. */
export class StLinkCommands {
  readonly #port: DebugPort;
  readonly #faults: ProbeFaults;
  #mode = 1; // mass storage, as after plugging in
  #lastStatus: number = status.ok;
  /** Commands that nobody has taught it, for the author of a test. */
  readonly unknown = new Set<string>();

  constructor(port: DebugPort, faults: ProbeFaults = {}) {
    this.#port = port;
    this.#faults = faults;
  }

  /** Gives the answer, `length` bytes of it where the command reads. */
  run(command: Buffer, data: Buffer, length: number): Buffer {
    const answer = Buffer.alloc(length);
    const bytes = this.#answer(command, data, length);
    bytes.copy(answer);
    return answer;
  }

  #answer(command: Buffer, data: Buffer, length: number): Buffer {
    switch (command[0]) {
      case group.version:
        // V2 J37 S7, then USB's vendor and product.
        return Buffer.of(0x29, 0x47, 0x83, 0x04, 0x48, 0x37);
      case group.mode:
        return Buffer.of(this.#mode, 0);
      case group.voltage: {
        // Two ADC values: of the 1.2 V reference, and of half the target's supply.
        const answer = Buffer.alloc(8);
        answer.writeUInt32LE(1200, 0);
        answer.writeUInt32LE((this.#faults.millivolts ?? 3000) / 2, 4);
        return answer;
      }
      case group.dfu:
        return Buffer.alloc(0);
      case group.debug:
        return this.#debug(command, data, length);
    }
    return this.#unknown(command);
  }

  #debug(command: Buffer, data: Buffer, length: number): Buffer {
    const code = command[1];
    if (memoryReads[code]) return this.#readMemory(command, memoryReads[code]);
    if (memoryWrites[code]) return this.#writeMemory(command, data, memoryWrites[code]);
    switch (code) {
      case debug.exit:
        this.#mode = 1;
        return Buffer.alloc(0);
      case debug.enter:
        if (this.#faults.noTarget) return Buffer.of(status.noTarget, 0);
        this.#mode = 2;
        return Buffer.of(status.ok, 0);
      case debug.readIdCodes: {
        const answer = Buffer.alloc(12);
        answer[0] = status.ok;
        answer.writeUInt32LE(this.#port.readDp(0), 4);
        return answer;
      }
      case debug.resetSystem:
        this.#port.chip.reset();
        return Buffer.of(status.ok, 0);
      case debug.driveReset:
        // 0: low, 1: high, 2: a pulse. The chip starts when the line goes high.
        if (command[2] !== 0) this.#port.chip.reset();
        return Buffer.of(status.ok, 0);
      case debug.setSwdFrequency:
      case debug.closeAp:
        return Buffer.of(status.ok, 0);
      case debug.openAp:
        return Buffer.of(command[2] <= 1 ? status.ok : status.badPort, 0);
      case debug.lastStatus:
      case debug.lastStatusLong: {
        const answer = Buffer.alloc(length);
        answer[0] = this.#lastStatus;
        this.#lastStatus = status.ok;
        return answer;
      }
      case debug.readPort:
        return this.#readPort(command.readUInt16LE(2), command.readUInt16LE(4));
      case debug.writePort:
        return this.#writePort(command.readUInt16LE(2), command.readUInt16LE(4), command.readUInt32LE(6));
    }
    return this.#unknown(command);
  }

  #unknown(command: Buffer): Buffer {
    this.unknown.add(command.toString('hex'));
    return Buffer.of(status.unknownCommand, 0);
  }

  #readPort(port: number, register: number): Buffer {
    const answer = Buffer.alloc(8);
    answer[0] = this.#guarded(() => {
      const value =
        port === debugPortNumber ? this.#port.readDp(register) : this.#port.readAp(port, register);
      answer.writeUInt32LE(value >>> 0, 4);
    });
    return answer;
  }

  #writePort(port: number, register: number, value: number): Buffer {
    const done = this.#guarded(() => {
      if (port === debugPortNumber) this.#port.writeDp(register, value);
      else this.#port.writeAp(port, register, value);
    });
    return Buffer.of(done, 0);
  }

  /** Address, count of bytes, access port; the answer is data alone, and the status is asked for afterwards. */
  #readMemory(command: Buffer, width: Width): Buffer {
    const count = command.readUInt16LE(6);
    let block: Buffer = Buffer.alloc(count);
    this.#lastStatus = this.#guarded(() => {
      block = this.#port.readBlock(command[8], command.readUInt32LE(2), count, width);
    });
    return block;
  }

  #writeMemory(command: Buffer, data: Buffer, width: Width): Buffer {
    this.#lastStatus = this.#guarded(() =>
      this.#port.writeBlock(
        command.readUInt32LE(2),
        data.subarray(0, command.readUInt16LE(6)),
        width,
        command[1] !== debug.writeMemory32SameAddress,
      ),
    );
    return Buffer.alloc(0);
  }

  #guarded(action: () => void): number {
    try {
      action();
      return status.ok;
    } catch (error) {
      if (error instanceof PortFault) return status.accessFault;
      throw error;
    }
  }
}

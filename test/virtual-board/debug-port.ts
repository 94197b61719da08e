import { BusFault, type Width } from './bus.ts';
import type { VirtualChip } from './chip.ts';

/** An access that the port answers with FAULT. */
export class PortFault extends Error {}

const powerRequests = 0x50000000;
const stickyError = 0x20;

/**
 * SW-DP, MEM-AP and Nordic's CTRL-AP (Arm Debug Interface v5.2, chapters B2 and C2; nRF52832 Product Specification,
 * "CTRL-AP").
 */
export class DebugPort {
  readonly chip: VirtualChip;
  #control = 0;
  #select = 0;
  #csw = 0x23000042;
  #tar = 0;
  #erasing = false;
  /** Reads of ERASEALLSTATUS that still say busy. */
  #busyReads = 0;
  #inReset = false;

  constructor(chip: VirtualChip) {
    this.chip = chip;
  }

  /** `register`: 0, 4, 8 or 12. */
  readDp(register: number): number {
    switch (register & 0xc) {
      case 0:
        return 0x2ba01477; // SW-DP of a Cortex-M4
      case 4:
        return (this.#control | ((this.#control & powerRequests) * 2)) >>> 0;
      case 8:
        return this.#select;
      default:
        return 0;
    }
  }

  writeDp(register: number, value: number): void {
    if ((register & 0xc) === 0 && (value & 4) !== 0) this.#control &= ~stickyError;
    if ((register & 0xc) === 4) this.#control = (value & powerRequests) | (this.#control & stickyError);
    if ((register & 0xc) === 8) this.#select = value;
  }

  readAp(ap: number, register: number): number {
    if (ap === 1 && !this.chip.faults.foreign) return this.#readControl(register);
    if (ap !== 0) return 0;
    switch (register) {
      case 0x00:
        return (this.#csw | (this.chip.locked ? 0 : 0x40)) >>> 0;
      case 0x04:
        return this.#tar;
      case 0x0c:
        return this.#next((address) => this.#access(() => this.chip.read((address & ~3) >>> 0, 4)));
      case 0xf8:
        return 0xe00ff003;
      case 0xfc:
        return 0x24770011; // AHB-AP
    }
    if (register >= 0x10 && register <= 0x1c) return this.readWord((this.#tar & ~15) + (register - 0x10));
    return 0;
  }

  writeAp(ap: number, register: number, value: number): void {
    if (ap === 1) this.#writeControl(register, value);
    if (ap !== 0) return;
    if (register === 0x00) this.#csw = value & ~0x40;
    if (register === 0x04) this.#tar = value;
    if (register === 0x0c)
      this.#next((address) => this.#access(() => this.chip.write((address & ~3) >>> 0, 4, value)));
    if (register >= 0x10 && register <= 0x1c) this.writeWord((this.#tar & ~15) + (register - 0x10), value);
  }

  readWord(address: number): number {
    return this.#access(() => this.chip.read(address >>> 0, 4));
  }

  writeWord(address: number, value: number): void {
    this.#access(() => this.chip.write(address >>> 0, 4, value));
  }

  /**
   * A block through an access port, in accesses of one width: the probe sets CSW and TAR and reads DRW. OpenOCD asks for
   * the CTRL-AP's 0xC (APPROTECTSTATUS) in this way too, since a memory access port has DRW there.
   */
  readBlock(ap: number, address: number, bytes: number, width: Width): Buffer {
    const block = Buffer.alloc(bytes);
    if (ap !== 0) {
      this.writeAp(ap, 0x00, 0);
      this.writeAp(ap, 0x04, address);
      const word = this.readAp(ap, 0x0c);
      for (let i = 0; i < bytes; i++) block[i] = word >>> (8 * (i & 3));
      return block;
    }
    this.#access(() => {
      for (let i = 0; i < bytes; i += width) {
        block.writeUIntLE(this.chip.read((address + i) >>> 0, width), i, width);
      }
    });
    return block;
  }

  /** `increment` false: all to the same address. */
  writeBlock(address: number, block: Buffer, width: Width, increment = true): void {
    this.#access(() => {
      for (let i = 0; i < block.length; i += width) {
        const target = (increment ? address + i : address) >>> 0;
        this.chip.write(target, width, block.readUIntLE(i, width));
      }
    });
  }

  /** The core gets on before each access of the debugger. */
  #access<T>(action: () => T): T {
    if (this.chip.locked) return this.#fault();
    this.chip.core.run();
    try {
      return action();
    } catch (error) {
      if (error instanceof BusFault) return this.#fault();
      throw error;
    }
  }

  #fault(): never {
    this.#control |= stickyError;
    throw new PortFault();
  }

  /** TAR as it is, and then incremented where CSW says so. */
  #next<T>(action: (address: number) => T): T {
    const result = action(this.#tar);
    if ((this.#csw & 0x30) === 0x10) this.#tar = (this.#tar + 4) >>> 0;
    return result;
  }

  #readControl(register: number): number {
    switch (register) {
      case 0x00:
        return this.#inReset ? 1 : 0;
      case 0x04:
        return this.#erasing ? 1 : 0;
      case 0x08:
        if (this.#erasing && this.chip.faults.recovery === 'hangs') return 1;
        return this.#busyReads > 0 ? (this.#busyReads--, 1) : 0;
      case 0x0c:
        return this.chip.locked ? 0 : 1;
      case 0xfc:
        return 0x02880000;
    }
    return 0;
  }

  #writeControl(register: number, value: number): void {
    if (register === 0x00) {
      if (this.#inReset && value === 0) this.chip.reset();
      this.#inReset = value === 1;
    }
    if (register === 0x04) {
      if (!this.#erasing && value === 1) {
        // One that hangs has not begun.
        if (this.chip.faults.recovery !== 'hangs') this.chip.eraseAll();
        if (this.chip.faults.recovery === 'stays-locked') this.chip.lock();
        this.#busyReads = 2;
      }
      this.#erasing = value === 1;
    }
  }
}

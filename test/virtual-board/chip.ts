import { BusFault, type Bus, type Width } from './bus.ts';
import { Core } from './core.ts';

export const pageBytes = 4096;
const ramStart = 0x20000000;
const ficrStart = 0x10000000;
const uicrStart = 0x10001000;
const nvmcStart = 0x4001e000;
const approtect = 0x208;

/** What goes wrong with a chip, for tests. */
export interface ChipFaults {
  /** INFO.PART of another chip. */
  part?: number;
  /** A chip of another maker: nothing where the nRF52 has its FICR and CTRL-AP. */
  foreign?: boolean;
  /** `ignored`: a word of flash that is written stays as it was; `fault`: the write is answered with a bus fault. */
  writes?: 'ignored' | 'fault';
  /** A word of flash whose lowest bit cannot be cleared. */
  stuckWord?: number;
  /** A page that is not erased. */
  wornPage?: number;
  /** After so many words the supply breaks down: every access is answered with a bus fault. */
  powerFailsAfterWords?: number;
  /** Once something was written or erased, the NVMC never says ready again. */
  neverReady?: boolean;
  /** What the CTRL-AP's erase does: it never ends, or it ends and the chip stays locked. */
  recovery?: 'hangs' | 'stays-locked';
}

/** What happened to the non-volatile memory. */
export interface ChipCounts {
  pagesErased: number;
  wordsWritten: number;
  wholeErases: number;
}

/**
 * An nRF52832: flash and UICR behind the NVMC's rules, FICR, RAM, core. Registers: nRF52832 Product Specification, chapters
 * NVMC, FICR and UICR.
 */
export class VirtualChip implements Bus {
  readonly flash = new Uint8Array(512 * 1024).fill(0xff);
  readonly uicr = new Uint8Array(0x400).fill(0xff);
  readonly ram = new Uint8Array(64 * 1024);
  readonly core: Core;
  readonly counts: ChipCounts = { pagesErased: 0, wordsWritten: 0, wholeErases: 0 };
  readonly faults: ChipFaults;
  /** Called after each word that was written to flash. */
  onWordWritten: (() => void) | undefined;
  resets = 0;
  #locked = false;
  #nvmcConfig = 0;
  /** The NVMC says busy to so many more reads. */
  #busyReads = 0;
  readonly #ficr: Readonly<Record<number, number>>;
  readonly #peripherals = new Map<number, number>();

  constructor(faults: ChipFaults = {}) {
    this.faults = faults;
    this.core = new Core(this, () => this.reset());
    this.#ficr = {
      0x10: pageBytes,
      0x14: this.flash.length / pageBytes,
      0x5c: 0xffff0004,
      0x100: faults.part ?? 0x52832,
      0x104: 0x41414530, // AAE0
      0x108: 0x2000, // QFN48
      0x10c: 64,
      0x110: 512,
      0x130: 6,
      0x134: 5,
    };
    this.reset();
  }

  /** Whether the access port is closed: decided by UICR.APPROTECT at the last reset. */
  get locked(): boolean {
    return this.#locked;
  }

  lock(): void {
    this.uicr[approtect] = 0;
    this.reset();
  }

  reset(): void {
    this.resets++;
    this.#nvmcConfig = 0;
    this.#locked = this.uicr[approtect] !== 0xff;
    this.core.reset();
  }

  /** By the CTRL-AP or the NVMC: everything that is kept without power, and RAM. */
  eraseAll(): void {
    this.flash.fill(0xff);
    this.uicr.fill(0xff);
    this.ram.fill(0);
    this.counts.wholeErases++;
  }

  read(address: number, width: Width): number {
    this.#requirePower(address);
    if (address % width !== 0) throw new BusFault('unaligned read', address);
    const memory = this.#memory(address);
    if (memory) return little(memory.bytes, address - memory.start, width);
    if (address >= ficrStart && address < ficrStart + 0x1000 && !this.faults.foreign) {
      const word = this.#ficr[(address - ficrStart) & ~3] ?? 0xffffffff;
      return part(word, address, width);
    }
    if (address >= 0xe0000000) return part(this.core.readRegister((address & ~3) >>> 0), address, width);
    if (address >= nvmcStart && address < nvmcStart + 0x1000) return this.#readNvmc(address - nvmcStart);
    if (address >= 0x40000000 && address < 0x50001000) return this.#peripherals.get(address) ?? 0;
    throw new BusFault('read', address);
  }

  write(address: number, width: Width, value: number): void {
    this.#requirePower(address);
    if (address % width !== 0) throw new BusFault('unaligned write', address);
    const memory = this.#memory(address);
    if (memory?.bytes === this.ram) {
      for (let i = 0; i < width; i++) this.ram[address - ramStart + i] = value >>> (8 * i);
    } else if (memory) this.#program(memory.bytes, address - memory.start, width, value, address);
    else if (address >= 0xe0000000) this.core.writeRegister((address & ~3) >>> 0, value >>> 0);
    else if (address >= nvmcStart && address < nvmcStart + 0x1000)
      this.#writeNvmc(address - nvmcStart, value >>> 0);
    else if (address >= 0x40000000 && address < 0x50001000) this.#peripherals.set(address, value);
    else throw new BusFault('write', address);
  }

  #requirePower(address: number): void {
    if (this.counts.wordsWritten >= (this.faults.powerFailsAfterWords ?? Infinity)) {
      throw new BusFault('access without power', address);
    }
  }

  #memory(address: number): { bytes: Uint8Array; start: number } | undefined {
    if (address < this.flash.length) return { bytes: this.flash, start: 0 };
    if (address >= ramStart && address < ramStart + this.ram.length)
      return { bytes: this.ram, start: ramStart };
    if (address >= uicrStart && address < uicrStart + this.uicr.length)
      return { bytes: this.uicr, start: uicrStart };
    return undefined;
  }

  /** Whole words only, only while writing is enabled, and only from 1 to 0. */
  #program(bytes: Uint8Array, at: number, width: Width, value: number, address: number): void {
    if (this.#nvmcConfig !== 1 || width !== 4) throw new BusFault('write to flash', address);
    if (this.faults.writes === 'fault') throw new BusFault('write to flash that is refused', address);
    const kept = address === this.faults.stuckWord ? 1 : 0;
    if (this.faults.writes !== 'ignored') {
      for (let i = 0; i < 4; i++) bytes[at + i] &= (value >>> (8 * i)) | (i === 0 ? kept : 0);
    }
    this.counts.wordsWritten++;
    this.#busyReads = 1;
    this.onWordWritten?.();
  }

  #readNvmc(offset: number): number {
    const changed = this.counts.wordsWritten + this.counts.pagesErased > 0;
    if (offset === 0x400 && this.faults.neverReady && changed) return 0;
    if (offset === 0x400) return this.#busyReads-- > 0 ? 0 : ((this.#busyReads = 0), 1);
    return offset === 0x504 ? this.#nvmcConfig : 0;
  }

  #writeNvmc(offset: number, value: number): void {
    if (offset === 0x504) this.#nvmcConfig = value & 3;
    if (this.#nvmcConfig !== 2) return;
    if (offset === 0x508 && value < this.flash.length && value % pageBytes === 0) {
      if (value / pageBytes !== this.faults.wornPage) this.flash.fill(0xff, value, value + pageBytes);
      this.counts.pagesErased++;
    }
    if (offset === 0x50c && value === 1) this.eraseAll();
    if (offset === 0x514 && value === 1) this.uicr.fill(0xff);
    this.#busyReads = 3;
  }
}

function little(bytes: Uint8Array, at: number, width: Width): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + bytes[at + i];
  return value;
}

function part(word: number, address: number, width: Width): number {
  return width === 4 ? word >>> 0 : (word >>> (8 * (address & 3))) & (width === 2 ? 0xffff : 0xff);
}

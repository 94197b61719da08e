import { BusFault, type Bus } from './bus.ts';
import { step, UnknownInstruction, type ThumbState } from './thumb.ts';

/** Addresses of the debug registers (ARMv7-M Architecture Reference Manual, C1.6 and B3.2). */
const register = {
  cpuid: 0xe000ed00,
  aircr: 0xe000ed0c,
  dfsr: 0xe000ed30,
  dhcsr: 0xe000edf0,
  dcrsr: 0xe000edf4,
  dcrdr: 0xe000edf8,
  demcr: 0xe000edfc,
  dwtControl: 0xe0001000,
  fpControl: 0xe0002000,
  fpComparators: 0xe0002008,
  mvfr0: 0xe000ef40,
  mvfr1: 0xe000ef44,
} as const;

const comparators = 6;
const debugEnable = 1;
const halt = 2;
const singleStep = 4;
const faultStatus = { halted: 1, breakpoint: 2, vectorCatch: 8 } as const;
const catchReset = 1;
const catchFaults = 0x5f0;

/** How many instructions pass between two accesses of the debugger. */
const slice = 20_000;

/** A Cortex-M4's debug registers, and a core that runs what is in memory as far as `thumb.ts` understands it. */
export class Core {
  readonly state: ThumbState = { r: new Uint32Array(16), n: false, z: true, c: false, v: false };
  readonly #bus: Bus;
  readonly #onResetRequest: () => void;
  /** MSP, PSP, CONTROL and the masks, floating point: kept, not used. */
  readonly #others = new Map<number, number>();
  readonly #breakpoints = new Uint32Array(comparators);
  readonly #scratch = new Map<number, number>();
  #flashPatch = false;
  #control = 0;
  #halted = false;
  #lockedUp = false;
  #resetSeen = true;
  #dfsr = 0;
  #demcr = 0;
  #dcrdr = 0;
  /** Why the core runs on without being interpreted. */
  notInterpreted: string | undefined;
  instructions = 0;

  constructor(bus: Bus, onResetRequest: () => void) {
    this.#bus = bus;
    this.#onResetRequest = onResetRequest;
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** Stack pointer and program counter come from the vector table. */
  reset(): void {
    this.state.r.fill(0);
    this.state.r[13] = this.#bus.read(0, 4) & ~3;
    this.state.r[15] = this.#bus.read(4, 4) & ~1;
    this.#resetSeen = true;
    this.#halted = false;
    this.#lockedUp = this.state.r[15] >= 0xfffffff0;
    this.notInterpreted = undefined;
    if ((this.#control & debugEnable) !== 0 && (this.#demcr & catchReset) !== 0)
      this.#stop(faultStatus.vectorCatch);
  }

  /** Let the core get on. */
  run(): void {
    for (let i = 0; i < slice && !this.#idle; i++) this.#step();
  }

  get #idle(): boolean {
    return this.#halted || this.#lockedUp || this.notInterpreted !== undefined;
  }

  #step(): void {
    try {
      if (this.#atBreakpoint()) return this.#stop(faultStatus.breakpoint);
      this.instructions++;
      if (step(this.state, this.#bus) === 'breakpoint') this.#stop(faultStatus.breakpoint);
    } catch (error) {
      if (error instanceof UnknownInstruction) this.notInterpreted = error.message;
      else if (!(error instanceof BusFault)) throw error;
      else if ((this.#demcr & catchFaults) !== 0) this.#stop(faultStatus.vectorCatch);
      else this.#lockedUp = true;
    }
  }

  #stop(why: number): void {
    this.#halted = true;
    this.#lockedUp = false;
    this.#dfsr |= why;
  }

  /** Flash patch unit, version 1: bits 31:30 choose the half words of a word. */
  #atBreakpoint(): boolean {
    if (!this.#flashPatch) return false;
    const pc = this.state.r[15];
    const half = (pc & 2) !== 0 ? 0x80000000 : 0x40000000;
    return this.#breakpoints.some(
      (entry) => (entry & 1) !== 0 && (entry & half) !== 0 && (entry & 0x1ffffffc) === (pc & 0x1ffffffc),
    );
  }

  readRegister(address: number): number {
    switch (address) {
      case register.cpuid:
        return 0x410fc241; // Cortex-M4 r0p1
      case register.mvfr0:
        return 0x10110021;
      case register.mvfr1:
        return 0x11000011;
      case register.dfsr:
        return this.#dfsr;
      case register.demcr:
        return this.#demcr;
      case register.dcrdr:
        return this.#dcrdr;
      case register.dhcsr: {
        const status = [true, this.#halted, false, this.#lockedUp];
        const bits = status.reduce((sum, bit, i) => sum | (bit ? 1 << (16 + i) : 0), 0);
        const result = (this.#control | bits | (1 << 24) | (this.#resetSeen ? 1 << 25 : 0)) >>> 0;
        this.#resetSeen = false;
        return result;
      }
      case register.dwtControl:
        return 0x40000000; // four comparators
      case register.fpControl:
        return (comparators << 4) | (this.#flashPatch ? 1 : 0);
    }
    const index = (address - register.fpComparators) / 4;
    if (index >= 0 && index < comparators) return this.#breakpoints[index];
    return this.#scratch.get(address) ?? 0;
  }

  writeRegister(address: number, value: number): void {
    switch (address) {
      case register.aircr:
        if (value >>> 16 === 0x05fa && (value & 4) !== 0) this.#onResetRequest();
        return;
      case register.dfsr:
        this.#dfsr &= ~value;
        return;
      case register.demcr:
        this.#demcr = value;
        return;
      case register.dcrdr:
        this.#dcrdr = value;
        return;
      case register.dcrsr:
        this.#moveRegister(value & 0x7f, (value & 0x10000) !== 0);
        return;
      case register.dhcsr:
        if (value >>> 16 === 0xa05f) this.#debug(value & 0xffff);
        return;
      case register.fpControl:
        if ((value & 2) !== 0) this.#flashPatch = (value & 1) !== 0;
        return;
    }
    const index = (address - register.fpComparators) / 4;
    if (index >= 0 && index < comparators) this.#breakpoints[index] = value;
    else this.#scratch.set(address, value);
  }

  #debug(control: number): void {
    this.#control = control & 0x2f;
    if ((control & debugEnable) === 0) {
      this.#halted = false;
      return;
    }
    if ((control & halt) !== 0) {
      if (!this.#halted) this.#stop(faultStatus.halted);
      return;
    }
    this.#halted = false;
    this.#lockedUp = false;
    this.notInterpreted = undefined;
    if ((control & singleStep) === 0) return;
    this.#step();
    this.#stop(faultStatus.halted);
  }

  /** DCRSR: 0 to 15 the core's registers, 16 xPSR, 17 and 18 the stack pointers, the rest is only kept. */
  #moveRegister(index: number, write: boolean): void {
    const { state } = this;
    if (write) {
      if (index < 16) state.r[index] = index === 15 ? this.#dcrdr & ~1 : this.#dcrdr;
      else if (index === 16)
        [state.n, state.z, state.c, state.v] = [31, 30, 29, 28].map(
          (bit) => ((this.#dcrdr >>> bit) & 1) === 1,
        );
      else if (index === 17) state.r[13] = this.#dcrdr;
      else this.#others.set(index, this.#dcrdr);
      return;
    }
    const flags = [state.n, state.z, state.c, state.v].reduce(
      (sum, bit, i) => sum + (bit ? 2 ** (31 - i) : 0),
      0,
    );
    if (index < 16) this.#dcrdr = state.r[index];
    else if (index === 16) this.#dcrdr = flags + 0x01000000;
    else if (index === 17) this.#dcrdr = state.r[13];
    else this.#dcrdr = this.#others.get(index) ?? 0;
  }
}

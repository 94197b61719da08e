import type { Bus, Width } from './bus.ts';

/** Registers and flags of a Cortex-M core, as far as code of debuggers needs them. */
export interface ThumbState {
  /** r0 to r12, sp, lr, pc (the address of the next instruction). */
  r: Uint32Array;
  n: boolean;
  z: boolean;
  c: boolean;
  v: boolean;
}

/** `breakpoint`: a BKPT, which stays the next instruction. */
export type Stepped = 'done' | 'breakpoint' | 'waiting';

export class UnknownInstruction extends Error {
  constructor(opcode: number, address: number) {
    super(`instruction 0x${opcode.toString(16)} at 0x${address.toString(16)} is not interpreted`);
    this.name = 'UnknownInstruction';
  }
}

/**
 * Run one instruction: all of Thumb's 16-bit instructions of ARMv6-M with CBZ and CBNZ, BL and the wide branch (ARMv7-M
 * Architecture Reference Manual, A5 and A7). Enough for the small programs that OpenOCD puts into RAM. Throws BusFault
 * and UnknownInstruction, before anything has changed but the program counter.
 */
export function step(s: ThumbState, bus: Bus): Stepped {
  const at = s.r[15];
  const op = bus.read(at, 2);
  s.r[15] = at + 2;
  switch (op >>> 12) {
    case 0x0:
    case 0x1:
      return op >>> 11 === 3 ? addSubtract(s, op) : shiftImmediate(s, op);
    case 0x2:
    case 0x3:
      return immediate(s, op);
    case 0x4:
      if (op >>> 10 === 0x10) return dataProcessing(s, op);
      if (op >>> 10 === 0x11) return highRegisters(s, op);
      s.r[(op >>> 8) & 7] = bus.read(((at + 4) & ~3) + (op & 0xff) * 4, 4);
      return 'done';
    case 0x5:
      return registerOffset(s, bus, op);
    case 0x6:
    case 0x7:
    case 0x8:
      return immediateOffset(s, bus, op);
    case 0x9:
      return transfer(s, bus, (op & 0x800) !== 0, (op >>> 8) & 7, s.r[13] + (op & 0xff) * 4, 4);
    case 0xa:
      s.r[(op >>> 8) & 7] = ((op & 0x800) !== 0 ? s.r[13] : (at + 4) & ~3) + (op & 0xff) * 4;
      return 'done';
    case 0xb:
      return miscellaneous(s, bus, op, at);
    case 0xc:
      return multiple(s, bus, op);
    case 0xd:
      if (((op >>> 8) & 15) >= 14) throw new UnknownInstruction(op, at);
      if (condition(s, (op >>> 8) & 15)) s.r[15] = at + 4 + ((op << 24) >> 23);
      return 'done';
    case 0xe:
      if ((op & 0x800) !== 0) throw new UnknownInstruction(op, at);
      s.r[15] = at + 4 + ((op << 21) >> 20);
      return 'done';
    default:
      return wideBranch(s, op, bus.read(at + 2, 2), at);
  }
}

function setNz(s: ThumbState, value: number): void {
  s.n = value >>> 31 === 1;
  s.z = value >>> 0 === 0;
}

/** a + b + carry with all flags; a subtraction adds the complement. */
function add(s: ThumbState, a: number, b: number, carry: boolean): number {
  const sum = (a >>> 0) + (b >>> 0) + (carry ? 1 : 0);
  const result = sum >>> 0;
  s.c = sum > 0xffffffff;
  s.v = ((a ^ result) & (b ^ result)) >>> 31 === 1;
  setNz(s, result);
  return result;
}

const subtract = (s: ThumbState, a: number, b: number) => add(s, a, ~b, true);

/** kind 0: left, 1: right, 2: arithmetic right, 3: rotate right; by 0 to 255. */
function shift(s: ThumbState, kind: number, value: number, by: number): number {
  let result = value >>> 0;
  if (by > 0) {
    const bit = (position: number) => ((value >>> position) & 1) === 1;
    if (kind === 0) {
      s.c = by <= 32 && bit(by === 32 ? 0 : 32 - by);
      result = by < 32 ? value << by : 0;
    } else if (kind === 1) {
      s.c = by <= 32 && bit(by - 1);
      result = by < 32 ? value >>> by : 0;
    } else if (kind === 2) {
      s.c = bit(Math.min(by, 32) - 1);
      result = (value | 0) >> Math.min(by, 31);
    } else {
      const turn = by & 31;
      result = turn === 0 ? value : (value >>> turn) | (value << (32 - turn));
      s.c = result >>> 31 === 1;
    }
  }
  setNz(s, result);
  return result;
}

function shiftImmediate(s: ThumbState, op: number): Stepped {
  const kind = (op >>> 11) & 3;
  const amount = (op >>> 6) & 31;
  s.r[op & 7] = shift(s, kind, s.r[(op >>> 3) & 7], amount === 0 && kind > 0 ? 32 : amount);
  return 'done';
}

function addSubtract(s: ThumbState, op: number): Stepped {
  const field = (op >>> 6) & 7;
  const b = (op & 0x400) !== 0 ? field : s.r[field];
  const a = s.r[(op >>> 3) & 7];
  s.r[op & 7] = (op & 0x200) !== 0 ? subtract(s, a, b) : add(s, a, b, false);
  return 'done';
}

function immediate(s: ThumbState, op: number): Stepped {
  const d = (op >>> 8) & 7;
  const value = op & 0xff;
  switch ((op >>> 11) & 3) {
    case 0:
      s.r[d] = value;
      setNz(s, value);
      break;
    case 1:
      subtract(s, s.r[d], value);
      break;
    case 2:
      s.r[d] = add(s, s.r[d], value, false);
      break;
    default:
      s.r[d] = subtract(s, s.r[d], value);
  }
  return 'done';
}

function dataProcessing(s: ThumbState, op: number): Stepped {
  const d = op & 7;
  const a = s.r[d];
  const b = s.r[(op >>> 3) & 7];
  const logical = (value: number) => {
    setNz(s, value);
    s.r[d] = value;
  };
  switch ((op >>> 6) & 15) {
    case 0:
      logical(a & b);
      break;
    case 1:
      logical(a ^ b);
      break;
    case 2:
      s.r[d] = shift(s, 0, a, b & 0xff);
      break;
    case 3:
      s.r[d] = shift(s, 1, a, b & 0xff);
      break;
    case 4:
      s.r[d] = shift(s, 2, a, b & 0xff);
      break;
    case 5:
      s.r[d] = add(s, a, b, s.c);
      break;
    case 6:
      s.r[d] = add(s, a, ~b, s.c);
      break;
    case 7:
      s.r[d] = shift(s, 3, a, b & 0xff);
      break;
    case 8:
      setNz(s, a & b);
      break;
    case 9:
      s.r[d] = subtract(s, 0, b);
      break;
    case 10:
      subtract(s, a, b);
      break;
    case 11:
      add(s, a, b, false);
      break;
    case 12:
      logical(a | b);
      break;
    case 13:
      logical(Math.imul(a, b));
      break;
    case 14:
      logical(a & ~b);
      break;
    default:
      logical(~b);
  }
  return 'done';
}

function highRegisters(s: ThumbState, op: number): Stepped {
  const d = (op & 7) | ((op >>> 4) & 8);
  const m = (op >>> 3) & 15;
  const value = (index: number) => (index === 15 ? s.r[15] + 2 : s.r[index]) >>> 0;
  const write = (result: number) => (s.r[d] = d === 15 ? result & ~1 : result);
  switch ((op >>> 8) & 3) {
    case 0:
      write(value(d) + value(m));
      break;
    case 1:
      subtract(s, value(d), value(m));
      break;
    case 2:
      write(value(m));
      break;
    default: {
      const target = value(m);
      if ((op & 0x80) !== 0) s.r[14] = s.r[15] | 1;
      s.r[15] = target & ~1;
    }
  }
  return 'done';
}

function transfer(
  s: ThumbState,
  bus: Bus,
  load: boolean,
  register: number,
  address: number,
  width: Width,
): Stepped {
  if (load) s.r[register] = bus.read(address >>> 0, width);
  else
    bus.write(
      address >>> 0,
      width,
      width === 4 ? s.r[register] : s.r[register] & (width === 2 ? 0xffff : 0xff),
    );
  return 'done';
}

function registerOffset(s: ThumbState, bus: Bus, op: number): Stepped {
  const address = s.r[(op >>> 3) & 7] + s.r[(op >>> 6) & 7];
  const kind = (op >>> 9) & 7;
  const widths: readonly Width[] = [4, 2, 1, 1, 4, 2, 1, 2];
  transfer(s, bus, kind >= 3, op & 7, address, widths[kind]);
  if (kind === 3) s.r[op & 7] = (s.r[op & 7] << 24) >> 24;
  if (kind === 7) s.r[op & 7] = (s.r[op & 7] << 16) >> 16;
  return 'done';
}

function immediateOffset(s: ThumbState, bus: Bus, op: number): Stepped {
  const width = ({ 6: 4, 7: 1, 8: 2 } as const)[op >>> 12] ?? 4;
  const address = s.r[(op >>> 3) & 7] + ((op >>> 6) & 31) * width;
  return transfer(s, bus, (op & 0x800) !== 0, op & 7, address, width);
}

function miscellaneous(s: ThumbState, bus: Bus, op: number, at: number): Stepped {
  const low = op & 7;
  const b = s.r[(op >>> 3) & 7];
  if ((op & 0xff00) === 0xb000) {
    const offset = (op & 0x7f) * 4;
    s.r[13] += (op & 0x80) !== 0 ? -offset : offset;
  } else if ((op & 0xf500) === 0xb100) {
    const zero = s.r[low] === 0;
    const offset = ((op >>> 3) & 0x1f) * 2 + ((op & 0x200) !== 0 ? 64 : 0);
    if (zero !== ((op & 0x800) !== 0)) s.r[15] = at + 4 + offset;
  } else if ((op & 0xfe00) === 0xb400) {
    const list = registerList(op & 0xff, (op & 0x100) !== 0 ? 14 : undefined);
    const start = s.r[13] - 4 * list.length;
    list.forEach((register, i) => bus.write((start + 4 * i) >>> 0, 4, s.r[register]));
    s.r[13] = start;
  } else if ((op & 0xfe00) === 0xbc00) {
    const list = registerList(op & 0xff, (op & 0x100) !== 0 ? 15 : undefined);
    const start = s.r[13];
    list.forEach(
      (register, i) => (s.r[register] = bus.read((start + 4 * i) >>> 0, 4) & (register === 15 ? ~1 : ~0)),
    );
    s.r[13] = start + 4 * list.length;
  } else if ((op & 0xff00) === 0xb200) {
    const extended = [(b << 16) >> 16, (b << 24) >> 24, b & 0xffff, b & 0xff];
    s.r[low] = extended[(op >>> 6) & 3];
  } else if ((op & 0xffc0) === 0xba00) {
    s.r[low] = (b >>> 24) | ((b >>> 8) & 0xff00) | ((b << 8) & 0xff0000) | (b << 24);
  } else if ((op & 0xff00) === 0xbe00) {
    s.r[15] = at;
    return 'breakpoint';
  } else if ((op & 0xff0f) === 0xbf00) {
    // NOP, YIELD; WFE and WFI would sleep.
    if (op === 0xbf20 || op === 0xbf30) return 'waiting';
  } else if ((op & 0xffe0) !== 0xb660) {
    throw new UnknownInstruction(op, at);
  }
  return 'done';
}

function registerList(bits: number, extra?: number): number[] {
  const list = [0, 1, 2, 3, 4, 5, 6, 7].filter((register) => ((bits >>> register) & 1) === 1);
  return extra === undefined ? list : [...list, extra];
}

function multiple(s: ThumbState, bus: Bus, op: number): Stepped {
  const base = (op >>> 8) & 7;
  const start = s.r[base];
  const list = registerList(op & 0xff);
  const load = (op & 0x800) !== 0;
  list.forEach((register, i) => transfer(s, bus, load, register, start + 4 * i, 4));
  if (!load || !list.includes(base)) s.r[base] = start + 4 * list.length;
  return 'done';
}

function condition(s: ThumbState, code: number): boolean {
  const tests = [s.z, s.c, s.n, s.v, s.c && !s.z, s.n === s.v, !s.z && s.n === s.v];
  return tests[code >>> 1] === ((code & 1) === 0);
}

function wideBranch(s: ThumbState, first: number, second: number, at: number): Stepped {
  const link = (second & 0xd000) === 0xd000;
  if ((first & 0xf800) !== 0xf000 || (!link && (second & 0xd000) !== 0x9000)) {
    throw new UnknownInstruction(first * 65536 + second, at);
  }
  const sign = (first >>> 10) & 1;
  const i1 = ((second >>> 13) & 1) ^ sign ^ 1;
  const i2 = ((second >>> 11) & 1) ^ sign ^ 1;
  const high = (sign << 24) | (i1 << 23) | (i2 << 22) | ((first & 0x3ff) << 12);
  const offset = ((high | ((second & 0x7ff) << 1)) << 7) >> 7;
  if (link) s.r[14] = (at + 4) | 1;
  s.r[15] = at + 4 + offset;
  return 'done';
}

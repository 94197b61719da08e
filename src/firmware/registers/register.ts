/** A part of a register's bits. */
export interface RegisterField {
  name: string;
  /** Its lowest bit. */
  bit: number;
  /** Bits. */
  width: number;
  /** What values mean that have a name. */
  values: Readonly<Record<number, string>>;
}

export interface Register {
  name: string;
  address: number;
  description: string;
  /** None: the register is one number. */
  fields: readonly RegisterField[];
}

/** A peripheral, with those of its registers that can be read without changing anything. */
export interface Peripheral {
  name: string;
  base: number;
  description: string;
  /** A part of the processor, not of the chip around it: the emulated Cortex-M4 has it too. */
  ofProcessor: boolean;
  registers: readonly Register[];
}

/** One register of a table: its offset, what it says, and its fields. */
export type RegisterLine = readonly [name: string, offset: number, description: string, ...RegisterField[]];

export function peripheral(
  name: string,
  base: number,
  description: string,
  lines: readonly RegisterLine[],
  { ofProcessor = false } = {},
): Peripheral {
  const registers = lines.map(([register, offset, about, ...fields]): Register => ({
    name: register,
    address: base + offset,
    description: about,
    fields,
  }));
  return { name, base, description, ofProcessor, registers };
}

/** A field of several bits; `values`: what they mean, from 0 on, or by number. */
export function bits(
  name: string,
  bit: number,
  width: number,
  values: readonly string[] | Readonly<Record<number, string>> = {},
): RegisterField {
  return { name, bit, width, values: { ...values } };
}

/** A field of one bit. */
export function flag(name: string, bit: number, off = 'no', on = 'yes'): RegisterField {
  return bits(name, bit, 1, [off, on]);
}

/** Bits that are each of one name: `NAME0` at `first`, and so on. */
export function flags(
  name: string,
  first: number,
  count: number,
  off?: string,
  on?: string,
): RegisterField[] {
  return Array.from({ length: count }, (_, i) => flag(`${name}${i}`, first + i, off, on));
}

/** An event: set by the peripheral, cleared by software. */
export function event(name: string, offset: number, description: string): RegisterLine {
  return [`EVENTS_${name}`, offset, description, flag('EVENT', 0, 'not since it was cleared', 'happened')];
}

/** The interrupts that are on; names by their bit. Where a peripheral has both registers they read the same. */
export function interrupts(
  register: 'INTEN' | 'INTENSET',
  names: Readonly<Record<string, number>>,
): RegisterLine {
  const fields = Object.entries(names).map(([name, bit]) => flag(name, bit, 'off', 'on'));
  return [register, register === 'INTEN' ? 0x300 : 0x304, 'Interrupts that are on', ...fields];
}

/** The value of a field of a register. */
export function fieldValue({ bit, width }: RegisterField, value: number): number {
  // Shifted without a sign; 2 ** 32 has no mask as a number of 32 bits.
  return (value >>> bit) % 2 ** width;
}

/** `3 (14 bits)`; the number alone where it has no name. */
export function fieldText(field: RegisterField, value: number): string {
  const own = fieldValue(field, value);
  const meaning = field.values[own];
  return meaning === undefined ? String(own) : `${own} (${meaning})`;
}

/** `0x0000000a`. */
export function hexText(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

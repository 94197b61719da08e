/** Widths of an access, in bytes. */
export type Width = 1 | 2 | 4;

/** An access that the chip answers with a bus fault. */
export class BusFault extends Error {
  readonly address: number;
  constructor(what: string, address: number) {
    super(`${what} at 0x${address.toString(16)}`);
    this.name = 'BusFault';
    this.address = address;
  }
}

/** What core and debug port see of the chip. Addresses and values are unsigned 32-bit; accesses may fault. */
export interface Bus {
  read(address: number, width: Width): number;
  write(address: number, width: Width, value: number): void;
}

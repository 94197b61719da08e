import { describeError } from '../../common/errors.ts';
import type { Peripheral, Register } from '../../firmware/registers/register.ts';
import { factsOf, readMemory, type Target } from './target.ts';

/** A register as it was read. */
export interface RegisterValue {
  register: Register;
  /** undefined: there is none here, or it could not be read. */
  value: number | undefined;
  /** Not what it was when it was last read at an earlier stop. */
  changed: boolean;
  error: string;
}

/** Reads registers, and remembers what they were at the stops before. */
export class RegisterValues {
  /** By address. */
  #now = new Map<number, number>();
  #before = new Map<number, number>();

  /** The firmware has stopped anew: what was read until now is of before. */
  nextStop(): void {
    this.#before = new Map([...this.#before, ...this.#now]);
    this.#now = new Map();
  }

  /** Another session. */
  forget(): void {
    this.#before.clear();
    this.#now.clear();
  }

  /** @param target undefined: nothing can be read now */
  async read({ registers, ofProcessor }: Peripheral, target: Target | undefined): Promise<RegisterValue[]> {
    // The emulator has other things at the addresses of the chip's peripherals.
    const readable = target !== undefined && (ofProcessor || factsOf(target).runsOn === 'board');
    const found: RegisterValue[] = [];
    for (const register of registers) {
      found.push(
        readable
          ? await this.#readOne(register, target)
          : { register, value: undefined, changed: false, error: '' },
      );
    }
    return found;
  }

  async #readOne(register: Register, target: Target): Promise<RegisterValue> {
    const { address } = register;
    try {
      // A word at a time: peripherals answer words, and between registers there may be nothing.
      const value = (await readMemory(target, address, 4)).getUint32(0, true);
      this.#now.set(address, value);
      const before = this.#before.get(address);
      return { register, value, changed: before !== undefined && before !== value, error: '' };
    } catch (error) {
      return { register, value: undefined, changed: false, error: describeError(error) };
    }
  }
}

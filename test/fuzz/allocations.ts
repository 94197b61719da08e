import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

/** Code asked for more memory than its input can need. */
export class AllocationError extends Error {}

/** What the code under test has asked for since `reset`, bytes. */
export interface Allocations {
  largest: number;
  total: number;
  reset(most: number): void;
}

const arrays = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
] as const;

/**
 * Watch every typed array, buffer and inflated piece that JavaScript of this process asks for, and throw an AllocationError before
 * one of more than `most` bytes is made. What the collector does later does not matter, so that the figures are the same in each
 * run. Plain arrays and strings are not seen: the heap's own limit is for them.
 */
export function watchAllocations(): Allocations {
  let limit = Infinity;
  const seen: Allocations = {
    largest: 0,
    total: 0,
    reset(most) {
      limit = most;
      seen.largest = seen.total = 0;
    },
  };
  const note = (bytes: number): void => {
    if (bytes > limit) throw new AllocationError(`asked for ${bytes} bytes, ${limit} are enough`);
    seen.largest = Math.max(seen.largest, bytes);
    seen.total += bytes;
  };
  const scope = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  for (const name of arrays) {
    const width = (scope[name] as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    const watched: (typeof scope)[string] = new Proxy(scope[name], {
      construct(target, args: unknown[], newTarget) {
        note(lengthOf(args[0]) * width);
        return Reflect.construct(target, args, newTarget === watched ? target : newTarget) as object;
      },
    });
    scope[name] = watched;
  }
  const bufferMakers = Buffer as unknown as Record<string, (...args: unknown[]) => Buffer>;
  for (const name of ['alloc', 'allocUnsafe', 'from']) {
    const make = bufferMakers[name];
    bufferMakers[name] = (...args) => (note(lengthOf(args[0])), make(...args));
  }
  const inflaters = zlib as unknown as Record<string, (...args: unknown[]) => Buffer>;
  for (const name of ['inflateSync', 'inflateRawSync']) {
    const make = inflaters[name];
    inflaters[name] = (...args) => {
      const made = make(...args);
      note(made.length);
      return made;
    };
  }
  syncBuiltinESMExports();
  return seen;
}

/** Elements that a constructor makes of its first argument; none where it is a view. */
function lengthOf(argument: unknown): number {
  if (typeof argument === 'number') return argument;
  if (argument instanceof ArrayBuffer || argument instanceof SharedArrayBuffer) return 0;
  return (argument as { length?: number } | undefined)?.length ?? 0;
}

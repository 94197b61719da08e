import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Network } from '../../../src/model/network.ts';

export interface PeerNetwork {
  version: string;
  /** What PyTorch says of its build: BLAS, compiler, instruction sets. */
  configuration: string;
  /** Layouts and settings that are measured; the best counts. */
  names: string[];
}

/**
 * glibc gives large blocks back to the system with every step and gets them again page by page, which takes PyTorch up to
 * half of its time. Its users tune that away (its performance guide names other allocators); here glibc keeps them.
 */
const allocator = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 28),
};

/** PyTorch in a process of its own. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  }

  static start(): Peer {
    const child = spawn(
      process.env.ECG_PYTHON ?? '/usr/bin/python3',
      [path.join(import.meta.dirname, 'peer.py')],
      {
        env: { ...process.env, ...allocator },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    return new Peer(child, createInterface({ input: child.stdout }));
  }

  use(network: Network, records: number, windows: number, threads: number): Promise<PeerNetwork> {
    return this.#ask({ network: { ...specOf(network), records, windows, threads } });
  }

  async step(name: string): Promise<number> {
    return (await this.#ask<{ milliseconds: number }>({ step: name })).milliseconds;
  }

  close(): void {
    this.#child.stdin?.end();
  }

  async #ask<T>(request: object): Promise<T> {
    this.#child.stdin?.write(JSON.stringify(request) + '\n');
    const { value } = await this.#lines.next();
    if (value === undefined)
      throw new Error('PyTorch is not there: apt-get install python3-torch, or it has failed (see above)');
    return JSON.parse(value) as T;
  }
}

/** A chain of convolutions with ReLU and pools, one recurrent layer, and a dense one. Kernels are [filters][inputs][taps]. */
function specOf(network: Network): object {
  const columns: [string, number, number][] = [];
  let recurrent: [string, number] | undefined;
  for (const { kind, shape, inputShapes, parameters } of network.layers) {
    if (kind === 'conv1d') columns.push([kind, shape.channels, parameters[0].shape[2]]);
    else if (kind.endsWith('-pool') && !kind.startsWith('global')) {
      columns.push([kind, Math.round(inputShapes[0].length / shape.length), 0]);
    } else if (kind === 'gru' || kind === 'lstm') recurrent = [kind, shape.channels];
  }
  return { columns, recurrent, classes: network.classes.length, window: network.input.window };
}

import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { BatchRecord } from '../../../src/engine/engine.ts';
import { convolutionPadding, type Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import { parameterName, type Network, type NetworkLayer, type Weights } from '../../../src/model/network.ts';

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

  /** Mean loss of the records and its gradients, in float64 by the formulas alone. The network is that of `use`. */
  async check(
    network: Network,
    weights: Weights,
    records: readonly Required<Pick<BatchRecord, 'signal' | 'label'>>[],
  ): Promise<{ loss: number; gradients: ReadonlyMap<string, Float64Array> }> {
    const shapes = network.layers.flatMap((layer) =>
      layer.parameters.map((spec) => [parameterName(layer, spec), spec.shape] as const),
    );
    const answer = await this.#ask<{ loss: number; gradients: Record<string, string> }>({
      check: {
        weights: Object.fromEntries(
          shapes.map(([name, shape]) => [name, { data: base64(weights.get(name)!), shape }]),
        ),
        signals: Buffer.concat(records.map(({ signal }) => bytes(signal))).toString('base64'),
        labels: records.map(({ label }) => label),
      },
    });
    const gradients = Object.entries(answer.gradients).map(([name, text]) => {
      const data = Uint8Array.from(Buffer.from(text, 'base64'));
      return [name, new Float64Array(data.buffer)] as const;
    });
    return { loss: answer.loss, gradients: new Map(gradients) };
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

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function base64(floats: Float32Array): string {
  return Buffer.from(bytes(floats)).toString('base64');
}

/** Layers as peer.py builds them. Kernels are [filters][inputs][taps]. */
function specOf(network: Network): object {
  const { window, hop } = network.input;
  return { layers: network.layers.map(layerOf), classes: network.classes.length, window, hop };
}

function layerOf(layer: NetworkLayer): object {
  const { kind, from, shape, inputShapes, parameters } = layer;
  const [input] = inputShapes;
  const options = layer.options as { activation?: string; epsilon?: number } | null;
  const convolution = kind === 'conv1d' ? (layer.options as Conv1dOptions) : undefined;
  const padding = convolution && convolutionPadding(convolution, input.length);
  return {
    kind,
    from,
    channels: input.channels,
    units: shape.channels,
    size: Math.floor(input.length / shape.length),
    kernel: convolution?.kernel,
    stride: convolution?.stride,
    padding: padding && [padding.before, padding.after],
    epsilon: options?.epsilon,
    activation: options?.activation ?? 'none',
    parameters: parameters.map((spec) => parameterName(layer, spec)),
  };
}

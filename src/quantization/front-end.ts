import type { FrontEndCoefficients } from './front-end-design.ts';
import { instantiateRuntime, WasmHeap, type RuntimeExports } from './load-runtime.ts';

/** ADC samples of one call into the runtime. */
const chunk = 4096;

/** The firmware's causal front end on the host, by the same C: ADC samples in, the network's int8 samples out. */
export class FrontEnd {
  readonly coefficients: FrontEndCoefficients;
  readonly #exports: RuntimeExports;
  readonly #descriptor: number;
  readonly #state: number;
  readonly #samples: number;
  readonly #out: number;

  private constructor(coefficients: FrontEndCoefficients, exports: RuntimeExports) {
    this.coefficients = coefficients;
    this.#exports = exports;
    const { taps, sections, decimation, fraction, multiplier, shift } = coefficients;
    const sectionCount = sections.length / 5;
    const heap = new WasmHeap(exports);
    this.#samples = heap.take(2 * chunk);
    this.#out = heap.take(chunk + 1);
    // ecg_frontend and ecg_frontend_state, word by word.
    this.#descriptor = heap.put(
      Int32Array.of(
        heap.put(taps),
        heap.put(sections),
        taps.length,
        decimation,
        sectionCount,
        fraction,
        multiplier,
        shift,
      ),
    );
    this.#state = heap.put(Int32Array.of(heap.take(2 * taps.length), heap.take(16 * sectionCount), 0, 0));
    this.reset();
  }

  static async create(coefficients: FrontEndCoefficients): Promise<FrontEnd> {
    return new FrontEnd(coefficients, await instantiateRuntime());
  }

  /** Forget all samples: at the start of a record. */
  reset(): void {
    this.#exports.ecg_host_frontend_reset(this.#descriptor, this.#state);
  }

  /** The outputs that these samples complete; the next call goes on where this one ended. */
  push(samples: Int16Array): Int8Array {
    const parts: Int8Array[] = [];
    for (let at = 0; at < samples.length; at += chunk) {
      const part = samples.subarray(at, at + chunk);
      const { buffer } = this.#exports.memory;
      new Int16Array(buffer, this.#samples, part.length).set(part);
      const count = this.#exports.ecg_host_frontend_push(
        this.#descriptor,
        this.#state,
        this.#samples,
        part.length,
        this.#out,
      );
      parts.push(new Int8Array(buffer, this.#out, count).slice());
    }
    const all = new Int8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

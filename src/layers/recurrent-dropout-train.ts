import type { Run } from '../engine/binding.ts';
import { LINE, type Address, type Kernels } from '../engine/kernels.ts';
import type { NetworkLayer } from '../model/network.ts';
import { Dropout } from './dropout-train.ts';
import type { RecurrentOptions } from './recurrent.ts';

/**
 * What the gates of a recurrent layer see of input and state, the same draws in every window of a record. Without dropout,
 * and in a prediction, the tensors themselves.
 */
export class RecurrentDropout {
  /** Behind `offset` in what the layer saves a window. */
  readonly savedBytes: number;
  readonly #input: Dropout | undefined;
  readonly #state: Dropout | undefined;
  readonly #statePlace: number;
  readonly #inputPlace: number;

  constructor(layer: NetworkLayer, offset: number) {
    const { units, dropout, recurrentDropout } = layer.options as RecurrentOptions;
    const { channels } = layer.inputShapes[0];
    if (dropout > 0) this.#input = new Dropout(layer.index, 0, dropout, channels, 1);
    if (recurrentDropout > 0) this.#state = new Dropout(layer.index, 1, recurrentDropout, units, 1);
    const stateBytes = this.#state ? units * LINE : 0;
    this.#statePlace = offset;
    this.#inputPlace = offset + stateBytes;
    this.savedBytes = stateBytes + (this.#input ? channels * LINE : 0);
  }

  /** Input of window n. */
  input(kernels: Kernels, run: Run, n: number): Address {
    const x = run.x + n * run.xStride;
    if (!this.#input || !run.draws) return x;
    const to = run.saved + n * run.savedStride + this.#inputPlace;
    this.#input.apply(kernels, to, x, run.draws, 0);
    return to;
  }

  /** State before window n, of which `h` is all. */
  state(kernels: Kernels, run: Run, n: number, h: Address): Address {
    if (!this.#state || !run.draws) return h;
    const to = run.saved + n * run.savedStride + this.#statePlace;
    this.#state.apply(kernels, to, h, run.draws, 0);
    return to;
  }

  /** State before window n as the forward pass left it, of which `h` is all. */
  keptState(run: Run, n: number, h: Address): Address {
    return this.#state && run.draws ? run.saved + n * run.savedStride + this.#statePlace : h;
  }

  /** Inputs of all windows and the bytes from one to the next. */
  inputs(run: Run): [Address, number] {
    return this.#input && run.draws ? [run.saved + this.#inputPlace, run.savedStride] : [run.x, run.xStride];
  }

  /** States before the second and later windows. */
  laterStates(run: Run): [Address, number] {
    if (!this.#state || !run.draws) return [run.y, run.yStride];
    return [run.saved + run.savedStride + this.#statePlace, run.savedStride];
  }

  inputBackward(kernels: Kernels, run: Run, dx: Address): void {
    if (this.#input && run.draws) this.#input.apply(kernels, dx, dx, run.draws, 0);
  }

  stateBackward(kernels: Kernels, run: Run, dh: Address): void {
    if (this.#state && run.draws) this.#state.apply(kernels, dh, dh, run.draws, 0);
  }
}

import type { LayerBinding, Run } from '../../engine/binding.ts';
import { LANES, LINE, type Kernels } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Linear } from '../linear-train.ts';
import { RecurrentDropout } from '../recurrent-dropout-train.ts';
import type { RecurrentOptions } from '../recurrent.ts';

/**
 * Saved a window, in rows of [units][16]: gates i, f, g, o, the cell, its tanh, and the gates' gradients; then what dropout
 * leaves of state and input. State: h, then the cell.
 */
export function lstmBinding(layer: NetworkLayer): LayerBinding {
  const { units } = layer.options as RecurrentOptions;
  const { channels } = layer.inputShapes[0];
  const input = Linear.matrix(4 * units, channels);
  const recurrent = Linear.matrix(4 * units, units);
  const size = units * LANES;
  const rows = (count: number) => count * units * LINE;
  const cellRow = rows(4);
  const tanhRow = rows(5);
  const gradientRows = rows(6);
  const dropout = new RecurrentDropout(layer, rows(10));

  /** h and cell before window n. */
  function before(run: Run, n: number): [h: number, cell: number] {
    if (n === 0) return [run.state, run.state + rows(1)];
    return [run.y + (n - 1) * run.yStride, run.saved + (n - 1) * run.savedStride + cellRow];
  }

  function forward(kernels: Kernels, run: Run): void {
    const [w, , u] = run.packed;
    for (let n = 0; n < run.windows; n++) {
      const gates = run.saved + n * run.savedStride;
      const reset = run.resetEvery > 0 && (run.firstWindow + n) % run.resetEvery === 0;
      if (reset) kernels.clear(run.state, 2 * size);
      const [h, cell] = before(run, reset ? 0 : n);
      input.forward(kernels, gates, dropout.input(kernels, run, n), w, run.weights[2]);
      recurrent.forward(kernels, gates, dropout.state(kernels, run, n, h), u, 0);
      const y = run.y + n * run.yStride;
      kernels.lstm_state(gates, gates + cellRow, gates + tanhRow, y, cell, h, run.counts, n, units);
    }
    if (run.stateAfter !== 0) {
      const [h, cell] = before(run, run.windows);
      kernels.copy(run.stateAfter, h, size);
      kernels.copy(run.stateAfter + rows(1), cell, size);
    }
  }

  function backward(kernels: Kernels, run: Run): void {
    const [, wBack, , uBack] = run.packed;
    const carry = run.scratch;
    const cellCarry = run.scratch + rows(1);
    kernels.clear(carry, 2 * size);
    for (let n = run.windows - 1; n >= 0; n--) {
      const gates = run.saved + n * run.savedStride;
      const dgates = gates + gradientRows;
      const [, cell] = before(run, n);
      const dy = run.dy + n * run.dyStride;
      kernels.lstm_backward(dgates, cellCarry, carry, dy, gates, gates + tanhRow, cell, units);
      recurrent.backward(kernels, carry, dgates, uBack);
      dropout.stateBackward(kernels, run, carry);
      if (run.dx === 0) continue;
      input.backward(kernels, run.dx + n * run.dxStride, dgates, wBack);
      dropout.inputBackward(kernels, run, run.dx + n * run.dxStride);
    }
    const [dKernel, dRecurrent, dBias] = run.gradients;
    if (dKernel === 0) return;
    const { savedStride: stride, windows } = run;
    const dgates = run.saved + gradientRows;
    for (let n = 0; n < windows; n++) input.biasGradient(kernels, dgates + n * stride, dBias);
    input.gradient(kernels, dKernel, dgates, stride, ...dropout.inputs(run), windows);
    // The state before the first window is zero and gives no gradient.
    recurrent.gradient(
      kernels,
      dRecurrent,
      dgates + stride,
      stride,
      ...dropout.laterStates(run),
      windows - 1,
    );
  }

  return {
    keepsInput: true,
    keepsOutput: true,
    savedBytes: rows(10) + dropout.savedBytes,
    savesAlways: true,
    stateBytes: rows(2),
    scratchBytes: rows(2),
    packed: [
      input.forwardForm(0),
      input.backwardForm(0),
      recurrent.forwardForm(1),
      recurrent.backwardForm(1),
    ],
    orders: [undefined, undefined, undefined],
    forward,
    backward,
  };
}

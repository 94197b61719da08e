import type { LayerBinding, Run } from '../../engine/binding.ts';
import { FLOAT, LANES, LINE, type Kernels } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Linear } from '../linear-train.ts';
import { RecurrentDropout } from '../recurrent-dropout-train.ts';
import type { RecurrentOptions } from '../recurrent.ts';

/**
 * Saved a window: gates z, r, n [3 units][16], the product r∘h [units][16], and the gates' gradients; then what dropout
 * leaves of state and input.
 */
export function gruBinding(layer: NetworkLayer): LayerBinding {
  const { units } = layer.options as RecurrentOptions;
  const channels = layer.inputShapes[0].channels;
  const input = Linear.matrix(3 * units, channels);
  const recurrent = Linear.matrix(2 * units, units);
  const candidate = Linear.matrix(units, units);
  const stateBytes = units * LINE;
  const rows = (gate: number) => gate * stateBytes;
  const product = rows(3);
  const gateGradients = rows(4);
  const candidateWeights = 2 * units * units * FLOAT;
  const dropout = new RecurrentDropout(layer, rows(7));

  /** State before window n: the output of the window before, or at the run's start and after a reset `run.state`. */
  function stateBefore(run: Run, n: number): number {
    return n === 0 ? run.state : run.y + (n - 1) * run.yStride;
  }

  function forward(kernels: Kernels, run: Run): void {
    const [w, , uGates, , uCandidate] = run.packed;
    for (let n = 0; n < run.windows; n++) {
      const gates = run.saved + n * run.savedStride;
      const reset = run.resetEvery > 0 && (run.firstWindow + n) % run.resetEvery === 0;
      if (reset) kernels.clear(run.state, units * LANES);
      const h = reset ? run.state : stateBefore(run, n);
      const seen = dropout.state(kernels, run, n, h);
      input.forward(kernels, gates, dropout.input(kernels, run, n), w, run.weights[2]);
      recurrent.forward(kernels, gates, seen, uGates, 0);
      kernels.gru_gates(gates, gates + product, seen, units);
      candidate.forward(kernels, gates + rows(2), gates + product, uCandidate, 0);
      kernels.gru_state(gates, run.y + n * run.yStride, h, run.counts, n, units);
    }
    if (run.stateAfter !== 0) {
      kernels.copy(run.stateAfter, run.y + (run.windows - 1) * run.yStride, units * LANES);
    }
  }

  function backward(kernels: Kernels, run: Run): void {
    const [, wBack, , uGatesBack, , uCandidateBack] = run.packed;
    const carry = run.scratch;
    const dproduct = run.scratch + stateBytes;
    kernels.clear(carry, units * LANES);
    for (let n = run.windows - 1; n >= 0; n--) {
      const gates = run.saved + n * run.savedStride;
      const dgates = gates + gateGradients;
      const h = stateBefore(run, n);
      kernels.gru_backward_candidate(dgates, carry, run.dy + n * run.dyStride, gates, h, units);
      candidate.backward(kernels, dproduct, dgates + rows(2), uCandidateBack);
      const seen = dropout.keptState(run, n, h);
      // What the gates saw of the state and the state itself are one unless dropout stands between them.
      const dseen = seen === h ? carry : run.scratch + 2 * stateBytes;
      if (dseen !== carry) kernels.clear(dseen, units * LANES);
      kernels.gru_backward_reset(dgates, dseen, dproduct, gates, seen, units);
      recurrent.backward(kernels, dseen, dgates, uGatesBack, true);
      if (dseen !== carry) {
        dropout.stateBackward(kernels, run, dseen);
        kernels.add(carry, carry, dseen, units * LANES);
      }
      if (run.dx === 0) continue;
      input.backward(kernels, run.dx + n * run.dxStride, dgates, wBack);
      dropout.inputBackward(kernels, run, run.dx + n * run.dxStride);
    }
    const [dKernel, dRecurrent, dBias] = run.gradients;
    if (dKernel === 0) return;
    const { saved, savedStride: stride, windows } = run;
    const dgates = saved + gateGradients;
    for (let n = 0; n < windows; n++) input.biasGradient(kernels, dgates + n * stride, dBias);
    input.gradient(kernels, dKernel, dgates, stride, ...dropout.inputs(run), windows);
    const dCandidate = dRecurrent + candidateWeights;
    candidate.gradient(kernels, dCandidate, dgates + rows(2), stride, saved + product, stride, windows);
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
    savedBytes: rows(7) + dropout.savedBytes,
    savesAlways: true,
    stateBytes,
    scratchBytes: 3 * stateBytes,
    packed: [
      input.forwardForm(0),
      input.backwardForm(0),
      recurrent.forwardForm(1),
      recurrent.backwardForm(1),
      candidate.forwardForm(1, 2 * units),
      candidate.backwardForm(1, 2 * units),
    ],
    orders: [undefined, undefined, undefined],
    forward,
    backward,
  };
}

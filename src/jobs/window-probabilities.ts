import { UserError } from '../common/errors.ts';
import { DeviceInput } from '../quantization/device-input.ts';
import { probabilities } from '../quantization/integer-network.ts';
import { IntegerRuntime } from '../quantization/runtime.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { openTrained } from '../training/weights-file.ts';
import { integerNetworkOf } from './evaluate.ts';
import { openedRecord, type RecordInputs } from './opened-records.ts';

/** What a run's integer network, as deployed, says after each window of a record. */
export interface WindowProbabilities {
  network: string;
  classes: string[];
  /** Seconds of a window, from one window's start to the next. */
  window: number;
  hop: number;
  /** s at which the first window begins. */
  start: number;
  /** [windows][classes]. */
  probabilities: Float32Array;
}

/** Throws a UserError where the run has no deployable network, or the record has gaps or no such lead. */
export async function windowProbabilities(
  inputs: RecordInputs & { run: string },
): Promise<WindowProbabilities> {
  const { view, opened } = await openedRecord(inputs);
  const { recording } = view;
  const trained = openTrained(inputs.run);
  const { network, origin } = trained;
  const { samplesPerFrame } = recording.leads[opened.lead];
  const rate = recording.rate * samplesPerFrame;
  const { start, end } = opened.excerpt ?? { start: 0, end: recording.frames / recording.rate };
  const samples = readMillivolts(recording, opened.lead, Math.round(start * rate), Math.round(end * rate));
  const missing = samples.findIndex((v) => !Number.isFinite(v));
  if (missing >= 0) {
    throw new UserError(`sample ${missing} is missing: a network cannot read over a gap`, {
      record: opened.name,
    });
  }
  const integer = integerNetworkOf(trained);
  const device = await DeviceInput.create(network, origin.scale);
  const windows = device.windows(samples, rate);
  const classes = network.classes.length;
  const result = new Float32Array(windows.length * classes);
  const runtime = await IntegerRuntime.create(integer);
  try {
    const { resetEvery } = network.target;
    windows.forEach((window, w) => {
      if (w === 0 || (resetEvery !== undefined && w % resetEvery === 0)) runtime.reset();
      result.set(probabilities(integer, runtime.runWindow(window).logits), w * classes);
    });
  } finally {
    runtime.close();
  }
  const { rate: modelRate, window, hop } = network.input;
  return {
    network: network.name,
    classes: [...network.classes],
    window: window / modelRate,
    hop: hop / modelRate,
    start,
    probabilities: result,
  };
}

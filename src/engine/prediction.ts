import { windowsWithin, type BatchRecord, type RecordGroup, type Slice } from './batch.ts';
import { FLOAT, LANES, type Address } from './kernels.ts';
import type { Plan } from './plan.ts';

export interface Prediction {
  /** [records][classes], by the network's readout. */
  probabilities: Float32Array;
  /** [records][classes], of each record's last window. */
  logits: Float32Array;
  /** [records][channels] of the engine's `features` layer at each record's last window; empty without one. */
  features: Float32Array;
  /** With `everyWindow`, one a record: [windows][classes]. */
  windows: readonly WindowPrediction[];
}

export interface WindowPrediction {
  logits: Float32Array;
  probabilities: Float32Array;
}

/** Predictions go through the memory in slices of at most so many bytes of items. */
const sliceBytes = 128e6;
const sliceWindows = 256;

/** Groups that are predicted together, and how many of their windows at a time. */
export interface PredictionChunk {
  groups: readonly RecordGroup[];
  windows: number;
}

/** Groups come longest first. */
export function predictionChunks(plan: Plan, groups: readonly RecordGroup[]): PredictionChunk[] {
  const most = Math.max(1, Math.floor(sliceBytes / plan.item.bytes));
  const chunks: PredictionChunk[] = [];
  for (let first = 0; first < groups.length; first += chunks.at(-1)!.groups.length) {
    const windows = Math.min(sliceWindows, groups[first].windows, most);
    const count = Math.max(1, Math.floor(most / windows));
    chunks.push({ groups: groups.slice(first, first + count), windows });
  }
  return chunks;
}

function featureChannels({ features, layers }: Plan): number {
  return features < 0 ? 0 : layers[features - 1].layer.shape.channels;
}

/** Gathers a prediction from the items of one slice after the other. */
export class PredictionReader {
  readonly result: Prediction;
  readonly #plan: Plan;
  readonly #readout: 'last-state' | 'mean';
  readonly #windows: WindowPrediction[] = [];
  /** [records][classes], over the windows so far. */
  readonly #sums: Float64Array;

  constructor(
    plan: Plan,
    readout: 'last-state' | 'mean',
    records: readonly BatchRecord[],
    groups: readonly RecordGroup[],
    everyWindow: boolean,
  ) {
    const { classes } = plan;
    this.#plan = plan;
    this.#readout = readout;
    this.#sums = new Float64Array(records.length * classes);
    this.result = {
      probabilities: new Float32Array(records.length * classes),
      logits: new Float32Array(records.length * classes),
      features: new Float32Array(records.length * featureChannels(plan)),
      windows: this.#windows,
    };
    if (!everyWindow) return;
    for (const group of groups) {
      group.records.forEach((index, lane) => {
        const size = group.counts[lane] * classes;
        this.#windows[index] = { logits: new Float32Array(size), probabilities: new Float32Array(size) };
      });
    }
  }

  read(slice: Slice, memory: WebAssembly.Memory, items: Address): void {
    const floats = new Float32Array(memory.buffer);
    let at = items / FLOAT;
    for (const group of slice.groups) {
      const end = slice.firstWindow + windowsWithin(slice, group);
      for (let window = slice.firstWindow; window < end; window++, at += this.#plan.item.bytes / FLOAT) {
        group.records.forEach((index, lane) => {
          if (window < group.counts[lane]) {
            this.#readLane(floats, at + lane, index, window, window === group.counts[lane] - 1);
          }
        });
      }
    }
  }

  #readFeatures(floats: Float32Array, at: number, record: number): void {
    const { features, item } = this.#plan;
    const channels = featureChannels(this.#plan);
    for (let c = 0; c < channels; c++) {
      const from = at + item.tensors[features].offset / FLOAT + c * LANES;
      this.result.features[record * channels + c] = floats[from];
    }
  }

  #readLane(floats: Float32Array, at: number, record: number, window: number, last: boolean): void {
    const { classes, item, layers } = this.#plan;
    const logits = at + item.tensors[layers.length].offset / FLOAT;
    const probabilities = at + item.probabilities / FLOAT;
    const every = this.#windows[record];
    if (last) this.#readFeatures(floats, at, record);
    for (let j = 0; j < classes; j++) {
      const logit = floats[logits + j * LANES];
      const probability = floats[probabilities + j * LANES];
      const i = record * classes + j;
      this.#sums[i] += probability;
      if (last) {
        this.result.logits[i] = logit;
        this.result.probabilities[i] = this.#readout === 'mean' ? this.#sums[i] / (window + 1) : probability;
      }
      if (every) {
        every.logits[window * classes + j] = logit;
        every.probabilities[window * classes + j] = probability;
      }
    }
  }
}

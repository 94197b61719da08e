import type { BatchRecord, Prediction } from '../engine/engine.ts';
import type { Network } from '../model/network.ts';
import { eachItem, type Ranking, type Stretch } from './stretch.ts';

/** Gathers a prediction from one stretch of windows after the other. */
export class PredictionGatherer {
  readonly result: Prediction;
  readonly #network: Network;
  readonly #channels: number;
  readonly #sums: Float64Array;

  /** @param channels of the layer whose values are given out; 0: none are */
  constructor(
    network: Network,
    records: readonly BatchRecord[],
    ranking: Ranking,
    everyWindow: boolean,
    channels: number,
  ) {
    const classes = network.classes.length;
    const size = records.length * classes;
    const windows: Prediction['windows'] = !everyWindow
      ? []
      : records.map((_record, index) => {
          const floats = ranking.counts[ranking.records.indexOf(index)] * classes;
          return { logits: new Float32Array(floats), probabilities: new Float32Array(floats) };
        });
    this.#network = network;
    this.#sums = new Float64Array(size);
    this.result = {
      probabilities: new Float32Array(size),
      logits: new Float32Array(size),
      features: new Float32Array(records.length * channels),
      windows,
    };
    this.#channels = channels;
  }

  /** logits, probabilities: [items][classes] of a stretch of some of the records; features: [items][channels] */
  take(
    { records, counts }: Ranking,
    stretch: Stretch,
    logits: Float32Array,
    probabilities: Float32Array,
    features: Float32Array,
  ): void {
    const classes = this.#network.classes.length;
    eachItem(stretch, (item, rank, window) => {
      const record = records[rank];
      const last = window === counts[rank] - 1;
      if (last) {
        const values = features.subarray(item * this.#channels, (item + 1) * this.#channels);
        this.result.features.set(values, record * this.#channels);
      }
      for (let j = 0; j < classes; j++) {
        const from = item * classes + j;
        const to = record * classes + j;
        this.#sums[to] += probabilities[from];
        if (last) {
          const mean = this.#network.readout === 'mean';
          this.result.logits[to] = logits[from];
          this.result.probabilities[to] = mean ? this.#sums[to] / (window + 1) : probabilities[from];
        }
        const every = this.result.windows[record];
        if (!every) continue;
        every.logits[window * classes + j] = logits[from];
        every.probabilities[window * classes + j] = probabilities[from];
      }
    });
  }
}

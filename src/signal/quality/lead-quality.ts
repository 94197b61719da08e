import { butterworthLowPass } from '../butterworth.ts';
import { CausalFilter } from '../filter.ts';
import { GapBridge } from '../gap-bridge.ts';
import { BeatNoiseMeter, type BeatFigures } from './beat-noise.ts';
import { MainsMeter, type MainsShares } from './mains.ts';
import { SpanCounter, type SpanFigures } from './spans.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Hz. */
const wanderEdge = 0.5;

/** What is measured of a lead. */
export interface QualityFigures extends SpanFigures, BeatFigures {
  /** s. */
  duration: number;
  /** Root mean square of the signal below 0.5 Hz about its mean, mV. */
  wander: number;
  mains: MainsShares;
}

export type LeadQuality = QualityFigures & Verdict;

/**
 * Measures the quality of one lead that comes in blocks of any size; what is measured does not depend on them. Time is linear in
 * the samples, and some 12 s of the signal are kept.
 */
export class LeadQualityMeter {
  readonly #rate: number;
  readonly #spans: SpanCounter;
  readonly #mains: MainsMeter;
  readonly #beats: BeatNoiseMeter;
  readonly #lowPass: CausalFilter;
  readonly #bridge: GapBridge;
  readonly #second: Float64Array;
  #filled = 0;
  #samples = 0;
  #wanderSum = 0;
  #wanderSquares = 0;

  /** @param rate Hz; throws as `QrsDetector` does */
  constructor(rate: number) {
    this.#rate = rate;
    this.#bridge = new GapBridge(rate);
    this.#beats = new BeatNoiseMeter(rate);
    this.#spans = new SpanCounter(rate);
    this.#mains = new MainsMeter(rate);
    this.#lowPass = new CausalFilter(butterworthLowPass(4, wanderEdge, rate));
    this.#second = new Float64Array(Math.round(rate));
  }

  /** The next samples, mV, NaN where missing. */
  push(samples: ArrayLike<number>): void {
    for (let i = 0; i < samples.length; i++) {
      this.#second[this.#filled++] = samples[i];
      if (this.#filled === this.#second.length) {
        this.#mains.second(this.#second);
        this.#measure(this.#second);
        this.#filled = 0;
      }
    }
  }

  /** Of the whole signal: nothing can be pushed after it. */
  end(): LeadQuality {
    this.#measure(this.#second.subarray(0, this.#filled));
    const mean = this.#wanderSum / Math.max(1, this.#samples);
    const figures: QualityFigures = {
      duration: this.#samples / this.#rate,
      ...this.#spans.figures(),
      wander: Math.sqrt(Math.max(0, this.#wanderSquares / Math.max(1, this.#samples) - mean * mean)),
      mains: this.#mains.shares(),
      ...this.#beats.end(),
    };
    return { ...figures, ...verdictOf(figures) };
  }

  #measure(samples: Float64Array): void {
    const bridged = samples.map((sample) => this.#bridge.next(sample));
    for (let i = 0; i < samples.length; i++) {
      this.#spans.next(samples[i]);
      const slow = this.#lowPass.next(bridged[i]);
      this.#wanderSum += slow;
      this.#wanderSquares += slow * slow;
    }
    this.#beats.second(samples, bridged);
    this.#samples += samples.length;
  }
}

/** Quality of a whole lead: mV, NaN where missing; `rate` in Hz. Throws as `QrsDetector` does. */
export function leadQuality(samples: ArrayLike<number>, rate: number): LeadQuality {
  const meter = new LeadQualityMeter(rate);
  meter.push(samples);
  return meter.end();
}

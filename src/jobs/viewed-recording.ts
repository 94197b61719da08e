import { millivoltsPerUnit } from '../recording/millivolts.ts';
import { leadLength, type LeadInfo, type Recording } from '../recording/recording.ts';

export interface ViewedLead {
  name: string;
  /** `mV`, or what a lead that is no voltage has. */
  units: string;
  /** Units that are drawn as high as a millivolt; 1 of a lead in mV. */
  unitsPerMillivolt: number;
}

/** Samples that a pair of an envelope stands for. */
export const envelopeBucket = 256;
/** Seconds that say how high a lead without volts is drawn. */
const scaleSeconds = 60;

/**
 * A recording as a viewer draws it: all leads at the rate of the fastest, in millivolts, others in what is drawn as high as one.
 * Nothing is read but what is asked for.
 */
export class ViewedRecording {
  readonly recording: Recording;
  /** Hz. */
  readonly rate: number;
  readonly sampleCount: number;
  readonly leads: readonly ViewedLead[];
  readonly #samplesPerFrame: number;

  constructor(recording: Recording) {
    this.recording = recording;
    this.#samplesPerFrame = Math.max(...recording.leads.map(({ samplesPerFrame }) => samplesPerFrame));
    this.rate = recording.rate * this.#samplesPerFrame;
    this.sampleCount = recording.frames * this.#samplesPerFrame;
    this.leads = recording.leads.map((lead, i) => this.#describe(lead, i));
  }

  /** Samples `start` up to `end` of each lead, as drawn; a slower lead's samples are repeated. */
  samples(start: number, end: number): Float32Array[] {
    return this.leads.map((_, lead) => this.#read(lead, start, end));
  }

  /** Smallest and largest of the samples of each bucket of `envelopeBucket` samples: [lead][2 × buckets], NaN where none. */
  envelope(start: number, end: number): Float32Array[] {
    const from = start * envelopeBucket;
    const to = Math.min(this.sampleCount, end * envelopeBucket);
    return this.leads.map((_, lead) => {
      const samples = this.#read(lead, from, to);
      const pairs = new Float32Array(2 * Math.ceil(samples.length / envelopeBucket)).fill(NaN);
      for (let i = 0; i < samples.length; i++) {
        const at = 2 * Math.floor(i / envelopeBucket);
        const value = samples[i];
        // A comparison with NaN is false, on either side.
        if (!(value >= pairs[at]) && !Number.isNaN(value)) pairs[at] = value;
        if (!(value <= pairs[at + 1]) && !Number.isNaN(value)) pairs[at + 1] = value;
      }
      return pairs;
    });
  }

  #read(lead: number, start: number, end: number): Float32Array {
    const info = this.recording.leads[lead];
    const repeat = this.#samplesPerFrame / info.samplesPerFrame;
    const first = Math.floor(start / repeat);
    const last = Math.min(leadLength(this.recording, lead), Math.ceil(end / repeat));
    const values = this.recording.read(lead, first, last);
    const scale = millivoltsPerUnit(info) ?? 1 / this.leads[lead].unitsPerMillivolt;
    const drawn = new Float32Array(end - start);
    for (let i = 0; i < drawn.length; i++)
      drawn[i] = values[Math.floor((start + i) / repeat) - first] * scale;
    return drawn;
  }

  #describe(lead: LeadInfo, index: number): ViewedLead {
    if (millivoltsPerUnit(lead) !== undefined) return { name: lead.name, units: 'mV', unitsPerMillivolt: 1 };
    return { name: lead.name, units: lead.units, unitsPerMillivolt: this.#height(index) / 2 || 1 };
  }

  /** What a lead spans at the start of the recording, as a number that is easily read: 1, 2 or 5 times a power of ten. */
  #height(lead: number): number {
    const { recording } = this;
    const end = Math.min(leadLength(recording, lead), Math.ceil(scaleSeconds * this.rate));
    let [low, high] = [Infinity, -Infinity];
    for (const value of recording.read(lead, 0, end)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high > low)) return 0;
    const power = 10 ** Math.floor(Math.log10(high - low));
    return power * ([1, 2, 5].find((step) => step * power >= high - low) ?? 10);
  }
}

import type { WaveformAsked, WaveformOpened } from '../../src/protocol/webview.ts';
import type { MessageChannel } from '../../src/protocol/message-channel.ts';
import { blockSamples, LeadSignal } from './lead-signal.ts';

type Channel = Pick<MessageChannel<object, WaveformAsked, object, object>, 'ask'>;

/** Buckets of the envelope that are asked for at a time: about a million samples of each lead are read for them. */
const chunk = 4096;

/** Gets what is looked at: first the samples that are seen, and beside them the envelope of the whole record. */
export class RecordLoader {
  readonly signals: readonly LeadSignal[];
  readonly #channel: Channel;
  readonly #record: WaveformOpened;
  readonly #arrived: () => void;
  readonly #asked = new Set<number>();

  /** @param arrived something that can be drawn has come */
  constructor(channel: Channel, record: WaveformOpened, arrived: () => void) {
    this.#channel = channel;
    this.#record = record;
    this.#arrived = arrived;
    this.signals = record.leads.map(() => new LeadSignal(record.sampleCount, record.envelopeBucket));
  }

  /** The envelope, piece by piece; other questions come in between. */
  async loadEnvelope(): Promise<void> {
    const buckets = Math.ceil(this.#record.sampleCount / this.#record.envelopeBucket);
    for (let start = 0; start < buckets; start += chunk) {
      const parts = await this.#channel.ask('envelope', { start, count: chunk });
      for (const [i, signal] of this.signals.entries()) signal.putEnvelope(start, parts[i]);
      this.#arrived();
    }
  }

  /** Samples `from` up to `to` are looked at, so many in a column: what is not here of them is asked for, once. */
  async want(from: number, to: number, samplesPerPixel: number): Promise<void> {
    const [first] = this.signals;
    if (!first.needsSamples(samplesPerPixel)) return;
    const last = Math.ceil(Math.min(to, first.length) / blockSamples);
    const missing: number[] = [];
    for (let block = Math.max(0, Math.floor(from / blockSamples)); block < last; block++) {
      if (!first.has(block) && !this.#asked.has(block)) missing.push(block);
    }
    await Promise.all(missing.map((block) => this.#load(block)));
  }

  async #load(block: number): Promise<void> {
    this.#asked.add(block);
    try {
      const parts = await this.#channel.ask('samples', { start: block * blockSamples, count: blockSamples });
      for (const [i, signal] of this.signals.entries()) signal.putBlock(block, parts[i]);
      this.#arrived();
    } finally {
      this.#asked.delete(block);
    }
  }
}

import type { DatasetRecord } from '../dataset/dataset.ts';

const bytesEach = 6;

/**
 * The records that weights were trained on, as the first 48 bits of their content hashes. It travels with the weights,
 * so that a teacher that saw test records, or an evaluation on training records, is noticed whatever the files are
 * called.
 */
export class TrainedOn {
  readonly #hashes: ReadonlySet<string>;

  private constructor(hashes: ReadonlySet<string>) {
    this.#hashes = hashes;
  }

  static of(records: readonly DatasetRecord[]): TrainedOn {
    return new TrainedOn(new Set(records.map((r) => r.contentHash.slice(0, 2 * bytesEach))));
  }

  static decode(text: string): TrainedOn {
    const bytes = Buffer.from(text, 'base64');
    const hashes = new Set<string>();
    for (let at = 0; at + bytesEach <= bytes.length; at += bytesEach)
      hashes.add(bytes.toString('hex', at, at + bytesEach));
    return new TrainedOn(hashes);
  }

  encode(): string {
    return Buffer.from([...this.#hashes].sort().join(''), 'hex').toString('base64');
  }

  has(record: DatasetRecord): boolean {
    return this.#hashes.has(record.contentHash.slice(0, 2 * bytesEach));
  }

  get size(): number {
    return this.#hashes.size;
  }
}

/** Steps of a tenth of a decibel. */
const stepsPerBel = 100;
/** What has no power at all is so far down, bel. */
const lowest = -20;

/** The middle of any number of powers, in bounded memory: they are counted by their level. */
export class Levels {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(power: number): void {
    const level = Math.round(stepsPerBel * Math.max(lowest, Math.log10(power)));
    this.#counts.set(level, (this.#counts.get(level) ?? 0) + 1);
    this.#total++;
  }

  /** To a tenth of a decibel; undefined of none. */
  median(): number | undefined {
    let before = 0;
    for (const [level, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      before += count;
      if (2 * before >= this.#total) return 10 ** (level / stepsPerBel);
    }
    return undefined;
  }

  /** Share of the powers that are above one, 0…1; 0 of none. */
  shareAbove(power: number): number {
    let above = 0;
    for (const [level, count] of this.#counts) if (10 ** (level / stepsPerBel) > power) above += count;
    return this.#total > 0 ? above / this.#total : 0;
  }
}

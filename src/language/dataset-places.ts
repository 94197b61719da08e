import * as fs from 'node:fs/promises';

/** How long an answer is taken for true: a folder that is moved back is noticed with the next look. */
const trustedMilliseconds = 1000;

/** Whether recordings are where dataset files say. Looked up without blocking; the last answer is kept. */
export class DatasetPlaces {
  readonly #known = new Map<string, { exists: boolean; at: number }>();

  /** The last answer, if there was one. */
  known(location: string): boolean | undefined {
    return this.#known.get(location)?.exists;
  }

  async look(location: string): Promise<boolean> {
    const known = this.#known.get(location);
    if (known && performance.now() - known.at < trustedMilliseconds) return known.exists;
    const exists = await fs.stat(location).then(
      () => true,
      () => false,
    );
    this.#known.set(location, { exists, at: performance.now() });
    return exists;
  }
}

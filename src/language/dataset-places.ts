import * as fs from 'node:fs/promises';
import type { StudioFile } from './documents.ts';

/** How long an answer is taken for true: a folder that is moved back is noticed with the next look. */
const trustedMilliseconds = 1000;

/** Whether recordings are where dataset files say. Looked up without blocking; the last answer is kept. */
export class DatasetPlaces {
  readonly #known = new Map<string, { exists: boolean; at: number }>();

  /** The first source of a dataset file that was not where the file says, when it was looked for last. */
  knownMoved(file: StudioFile): number | undefined {
    return firstMoved(locationsOf(file).map((location) => this.#known.get(location)?.exists ?? true));
  }

  /** The same, looked for now. */
  async lookMoved(file: StudioFile): Promise<number | undefined> {
    return firstMoved(await Promise.all(locationsOf(file).map((location) => this.#look(location))));
  }

  async #look(location: string): Promise<boolean> {
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

function locationsOf(file: StudioFile): string[] {
  return file.kind === 'dataset' ? (file.spec?.sources.map(({ location }) => location) ?? []) : [];
}

function firstMoved(exist: readonly boolean[]): number | undefined {
  const index = exist.indexOf(false);
  return index < 0 ? undefined : index;
}

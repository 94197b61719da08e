import { RandomStream } from '../../src/common/random.ts';
import type { Facts } from '../../src/recording/facts.ts';
import { mutate } from './mutate.ts';
import { kinds, type Kind, type Seed } from './seed.ts';

/** Damaged files. */
export interface FuzzInput {
  kind: Kind;
  title: string;
  files: Record<string, Uint8Array>;
  name: string;
  facts: Facts;
  /** Bytes of all files. */
  size: number;
  /** Draws of the input's own, for whoever tries it. */
  random: RandomStream;
}

export function kindOf(index: number): Kind {
  return kinds[index % kinds.length];
}

/** Input number `index` of a seed: a function of these two and of the corpus alone. */
export function makeInput(corpus: readonly Seed[], seed: number, index: number): FuzzInput {
  const random = new RandomStream(seed, 'fuzz', index);
  const kind = kindOf(index);
  const candidates = corpus.filter((one) => one.kind === kind);
  const base = candidates[random.integer(candidates.length)];
  const files = { ...base.files };
  const twice = random.integer(6) === 0 ? 2 : 1;
  for (let i = 0; i < twice; i++) {
    const target = base.targets[random.integer(base.targets.length)];
    const damaged = mutate(files[target], someFile(corpus, candidates, random), random);
    files[target] = base.seal ? base.seal(damaged) : damaged;
  }
  if (random.integer(40) === 0) {
    const names = Object.keys(files).filter((name) => name !== base.name);
    if (names.length > 0) delete files[names[random.integer(names.length)]];
  }
  const facts = random.integer(5) === 0 ? {} : (base.facts ?? {});
  const size = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  return { kind, title: base.title, files, name: base.name, facts, size, random };
}

/** Mostly of the same kind, which damages more than it breaks. */
function someFile(corpus: readonly Seed[], same: readonly Seed[], random: RandomStream): Uint8Array {
  const from = random.integer(5) === 0 ? corpus : same;
  const { files } = from[random.integer(from.length)];
  const all = Object.values(files);
  return all[random.integer(all.length)];
}

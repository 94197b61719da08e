// Fuzz of the readers of recordings, annotations, archives and tables.
// node test/fuzz/run.ts [--seed N] [--count N] [--first INDEX] [--kind KIND] [--refusals]
// node test/fuzz/run.ts --seed N --only INDEX [--keep FOLDER]     one input again, with its stack; its files in FOLDER
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { addFigures, noFigures, runCampaign, type Figures, type Finding } from './campaign.ts';
import { corpus } from './corpus.ts';
import { makeInput } from './input.ts';
import { kinds, type Kind } from './seed.ts';
import { tryInput } from './try-input.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200000' },
    first: { type: 'string', default: '0' },
    kind: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'string' },
    refusals: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
if (values.kind !== undefined && !kinds.includes(values.kind as Kind)) {
  throw new Error(`there is no kind ${values.kind}; there are ${kinds.join(', ')}`);
}

async function replay(index: number): Promise<void> {
  const input = makeInput(corpus(), seed, index);
  console.log(`${input.kind}, ${input.title}, ${input.size} bytes, facts ${JSON.stringify(input.facts)}`);
  if (values.keep !== undefined) {
    for (const [name, bytes] of Object.entries(input.files)) {
      fs.mkdirSync(values.keep, { recursive: true });
      fs.writeFileSync(path.join(values.keep, name), bytes);
    }
  }
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-fuzz-'));
  const started = performance.now();
  try {
    const refusal = await tryInput(input, scratch);
    console.log(refusal ? `refused: ${refusal.describe()}` : 'accepted');
  } finally {
    console.log(`${(performance.now() - started).toFixed(1)} ms`);
    fs.rmSync(scratch, { recursive: true });
  }
}

async function campaign(): Promise<void> {
  const started = performance.now();
  const outcome = await runCampaign({
    seed,
    first: Number(values.first),
    count: Number(values.count),
    kind: values.kind as Kind | undefined,
    slow: 1000,
    hang: 20_000,
  });
  const all = noFigures();
  for (const [kind, figures] of Object.entries(outcome.byKind)) {
    console.log(line(kind, figures));
    addFigures(all, figures);
  }
  console.log(line('all', all));
  if (values.refusals) {
    const sorted = Object.entries(outcome.refusals).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [refusal, count] of sorted) console.log(`${String(count).padStart(7)} ${refusal}`);
  }
  for (const { what, indices } of grouped(outcome.findings)) {
    console.log(`${indices.length} times, seed ${seed} index ${indices.slice(0, 8).join(', ')}: ${what}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`seed ${seed}: ${outcome.findings.length} findings in ${all.tried} inputs, ${seconds} s`);
  process.exitCode = outcome.findings.length > 0 ? 1 : 0;
}

/** One of those that fail at the same place. */
function grouped(findings: readonly Finding[]): { what: string; indices: number[] }[] {
  const groups = new Map<string, { what: string; indices: number[] }>();
  for (const { index, kind, what } of findings) {
    const place = /at .*\/(src|node_modules)\/.*/.exec(what)?.[0] ?? what.replace(/\d+/g, '9').slice(0, 200);
    const group = groups.get(place) ?? { what: `${kind}: ${what}`, indices: [] };
    group.indices.push(index);
    groups.set(place, group);
  }
  return [...groups.values()];
}

function line(kind: string, { tried, accepted, refused, slowest, largest, most }: Figures): string {
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return (
    `${kind.padEnd(12)}${tried} tried, ${accepted} accepted, ${refused} refused; slowest ${slowest.value.toFixed(0)} ms ` +
    `(${slowest.index}), largest piece ${megabytes(largest.value)} (${largest.index}), in all ${megabytes(most.value)} (${most.index})`
  );
}

await (values.only === undefined ? campaign() : replay(Number(values.only)));

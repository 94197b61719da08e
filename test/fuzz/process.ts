// The process that tries inputs:  process.ts CAMPAIGN SCRATCH.  Started by campaign.ts.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { UserError } from '../../src/common/errors.ts';
import { watchAllocations, type Allocations } from './allocations.ts';
import {
  noFigures,
  type Campaign,
  type Extreme,
  type Finding,
  type Message,
  type Outcome,
} from './campaign.ts';
import { corpus } from './corpus.ts';
import { kindOf, makeInput, type FuzzInput } from './input.ts';
import type { Seed } from './seed.ts';
import { tryInput } from './try-input.ts';

/** Readers work in blocks of a megabyte, or hold a file a few times over. */
const [blockBytes, timesSize] = [8 * 1024 * 1024, 64];
/** Of all that an input asks for together. */
const timesBlocks = 64;
const handlesAllowed = 16;

async function main(campaign: Campaign, scratch: string): Promise<void> {
  const seeds = corpus();
  const allocations = watchAllocations();
  const outcome: Omit<Outcome, 'findings'> = { byKind: {}, refusals: {} };
  const place = fs.openSync(path.join(scratch, 'at'), 'r+');
  const handles = openHandles();
  for (let index = campaign.first; index < campaign.first + campaign.count; index++) {
    const kind = kindOf(index);
    if (campaign.kind !== undefined && kind !== campaign.kind) continue;
    fs.writeSync(place, String(index), 0);
    const found = await tryOne(seeds, campaign, index, scratch, allocations, outcome);
    if (found !== undefined) send({ finding: { index, kind, what: found } });
    if (index % 512 === 0) send({ outcome, done: false });
  }
  if (openHandles() - handles > handlesAllowed) {
    const finding: Finding = {
      index: -1,
      kind: 'all',
      what: `${openHandles() - handles} files were left open`,
    };
    send({ finding });
  }
  // What is not sent yet is lost with the channel.
  send({ outcome, done: true }, () => process.disconnect());
}

/** Returns what harm an input does. */
async function tryOne(
  seeds: readonly Seed[],
  campaign: Campaign,
  index: number,
  scratch: string,
  allocations: Allocations,
  { byKind, refusals }: Omit<Outcome, 'findings'>,
): Promise<string | undefined> {
  const { slow = Infinity } = campaign;
  const figures = (byKind[kindOf(index)] ??= noFigures());
  figures.tried++;
  let milliseconds = Infinity;
  // The machine has other things to do: what is slow is slow twice.
  for (let turn = 0; turn === 0 || (turn === 1 && milliseconds > slow); turn++) {
    const input = makeInput(seeds, campaign.seed, index);
    const most = blockBytes + timesSize * input.size;
    allocations.reset(most);
    const started = performance.now();
    let refusal: UserError | undefined;
    try {
      refusal = await tryInput(input, scratch);
    } catch (error) {
      return `${describeInput(input)}: ${(error as Error).stack ?? String(error)}`;
    } finally {
      milliseconds = Math.min(milliseconds, performance.now() - started);
    }
    const { largest, total } = allocations;
    if (total > timesBlocks * most) return `${describeInput(input)}: asked for ${total} bytes in all`;
    if (turn > 0) continue;
    figures[refusal ? 'refused' : 'accepted']++;
    if (refusal) count(refusals, `${input.kind}: ${template(refusal)}`);
    raise(figures.largest, largest, index);
    raise(figures.most, total, index);
  }
  raise(figures.slowest, milliseconds, index);
  return milliseconds > slow ? `took ${milliseconds.toFixed(0)} ms` : undefined;
}

function describeInput({ title, size }: FuzzInput): string {
  return `${title}, ${size} bytes`;
}

/** A message without names, numbers and quotes: of each refusal that can be read in the sources, one. */
function template(refusal: UserError): string {
  return refusal.message
    .replace(/`[^`]*`?/g, '`…`')
    .replace(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, '9')
    .replace(/[^\x20-\x7e…×µ“”’]+/g, '?')
    .slice(0, 100);
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function raise(extreme: Extreme, value: number, index: number): void {
  if (value > extreme.value) Object.assign(extreme, { value, index });
}

function openHandles(): number {
  return process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0;
}

function send(message: Message, sent?: () => void): void {
  process.send!(message, undefined, undefined, sent);
}

const [campaign, scratch] = process.argv.slice(2);
await main(JSON.parse(campaign) as Campaign, scratch);

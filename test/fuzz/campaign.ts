import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Kind } from './seed.ts';

export interface Campaign {
  seed: number;
  /** Inputs `first` up to `first + count`; of another kind than `kind` they are passed over. */
  first: number;
  count: number;
  kind?: Kind;
  /** An input that takes longer, twice, is a finding; ms. Undefined: none is. */
  slow?: number;
  /** A process that does not go on for so long is ended; ms. */
  hang: number;
}

/** An input that does harm, for `--seed … --only INDEX`. */
export interface Finding {
  index: number;
  kind: string;
  what: string;
}

export interface Figures {
  tried: number;
  accepted: number;
  refused: number;
  /** ms, and bytes in one piece and in all, with the input that took them. */
  slowest: Extreme;
  largest: Extreme;
  most: Extreme;
}

export interface Extreme {
  value: number;
  index: number;
}

export interface Outcome {
  byKind: Record<string, Figures>;
  findings: Finding[];
  /** Refusals without what is different in each, and how many there were. */
  refusals: Record<string, number>;
}

/** What the process that tries the inputs sends; figures are of all inputs since it began. */
export type Message = { finding: Finding } | { outcome: Omit<Outcome, 'findings'>; done: boolean };

const mostDeaths = 20;
/** MB of its heap: a file of some kilobytes needs none of it. */
const heap = 192;

/**
 * Try inputs in a process of its own, which is watched: where it dies or hangs, the input is a finding, and another process
 * goes on behind it.
 */
export async function runCampaign(campaign: Campaign): Promise<Outcome> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-fuzz-'));
  const all: Outcome = { byKind: {}, findings: [], refusals: {} };
  const end = campaign.first + campaign.count;
  try {
    let first = campaign.first;
    for (let deaths = 0; first < end && deaths < mostDeaths; deaths++) {
      const died = await runProcess({ ...campaign, first, count: end - first }, scratch, all);
      if (!died) break;
      all.findings.push(died);
      first = died.index + 1;
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  return all;
}

/** Returns where the process died. */
function runProcess(campaign: Campaign, scratch: string, all: Outcome): Promise<Finding | undefined> {
  const place = path.join(scratch, 'at');
  fs.writeFileSync(place, String(campaign.first));
  const child = fork(path.join(import.meta.dirname, 'process.ts'), [JSON.stringify(campaign), scratch], {
    execArgv: [`--max-old-space-size=${heap}`, '--no-warnings'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr!.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));
  let latest: Omit<Outcome, 'findings'> = { byKind: {}, refusals: {} };
  let done = false;
  child.on('message', (message: Message) => {
    if ('finding' in message) all.findings.push(message.finding);
    else ({ outcome: latest, done } = message);
  });
  const at = (): number => Number(fs.readFileSync(place, 'utf8'));
  let [seen, since, hung] = [at(), Date.now(), false];
  const watch = setInterval(() => {
    const now = at();
    if (now !== seen) [seen, since] = [now, Date.now()];
    else if (Date.now() - since > campaign.hang) {
      hung = true;
      child.kill('SIGKILL');
    }
  }, 250);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      add(all, latest);
      if (done) return resolve(undefined);
      const what = hung
        ? `did not come back within ${campaign.hang} ms`
        : `ended the process (${signal ?? code}): ${/(FATAL ERROR|Error):?.*/.exec(errors)?.[0] ?? errors.slice(0, 300)}`;
      resolve({ index: at(), kind: '', what });
    });
  });
}

function add(all: Outcome, { byKind, refusals }: Omit<Outcome, 'findings'>): void {
  for (const [kind, figures] of Object.entries(byKind))
    addFigures((all.byKind[kind] ??= noFigures()), figures);
  for (const [refusal, count] of Object.entries(refusals)) {
    all.refusals[refusal] = (all.refusals[refusal] ?? 0) + count;
  }
}

export function addFigures(to: Figures, more: Figures): void {
  to.tried += more.tried;
  to.accepted += more.accepted;
  to.refused += more.refused;
  for (const field of ['slowest', 'largest', 'most'] as const) {
    if (more[field].value > to[field].value) to[field] = more[field];
  }
}

export function noFigures(): Figures {
  const none = (): Extreme => ({ value: 0, index: -1 });
  return { tried: 0, accepted: 0, refused: 0, slowest: none(), largest: none(), most: none() };
}

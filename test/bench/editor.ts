// `npm run bench:editor`: what the extension costs in a real VS Code, beside the bars that it is meant to hold.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { editorMissing, repository } from '../editor/code-server.ts';
import { bundleForHost, runInHost } from '../editor/extension-host.ts';
import { cinc2017 } from '../require.ts';
import type { Figures } from './editor/measure.ts';

const rounds = 5;
const longestMs = 5 * 60_000;
/** ms, from the issue that set them. */
const bars: Record<string, number> = {
  activate: 50,
  'first tree with counts': 1000,
  'hints after a keystroke': 50,
  'longest block of the host': 50,
  'cancel to end': 1000,
};

const missing = editorMissing() ?? (fs.existsSync(cinc2017) ? undefined : `${cinc2017} is not there`);
if (missing) {
  console.log(`bench:editor needs a VS Code and the recordings: ${missing}`);
  process.exit(1);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-bench-'));
const workspace = path.join(folder, 'workspace');
fs.mkdirSync(workspace);
fs.copyFileSync(
  path.join(repository, 'media', 'zoo', 'slim.ecgmodel.yaml'),
  path.join(workspace, 'slim.ecgmodel.yaml'),
);
fs.writeFileSync(
  path.join(workspace, 'training2017.ecgdata.yaml'),
  `version: 1\nname: training2017\nsource: { format: cinc2017, path: ${JSON.stringify(cinc2017)} }\n`,
);
fs.writeFileSync(path.join(workspace, 'forty.ecgmodel.yaml'), fortyLayers());

function fortyLayers(): string {
  const layers: string[] = Array.from({ length: 37 }, (_, i) =>
    i === 0 ? 'conv1d: { filters: 16, kernel: 5, activation: relu }' : 'conv1d: { filters: 32, kernel: 5 }',
  );
  layers.push('global-average-pool: {}', 'gru: 64', 'dense: 4');
  return [
    'version: 1',
    'name: forty',
    'input: { rate: 122, window: 256, hop: 128 }',
    'classes: [N, A, O, "~"]',
    'layers:',
    ...layers.map((layer) => `  - ${layer}`),
    '',
  ].join('\n');
}

async function measure(bundle: string, part: string): Promise<Figures> {
  const results = path.join(folder, 'results.json');
  fs.rmSync(results, { force: true });
  const env = {
    ECG_HOST_WORKSPACE: workspace,
    ECG_BENCH_PART: part,
    ECG_BENCH_RESULTS: results,
    ECG_CACHE_DIR: path.join(folder, 'cache'),
  };
  const end = await runInHost({ bundle, workspace, env, longestMs });
  if (!fs.existsSync(results)) throw new Error(`the measurement did not end: ${end}`);
  return JSON.parse(fs.readFileSync(results, 'utf8')) as Figures;
}

function line(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  const spread =
    values.length > 1 ? `${at(0)} to ${at(1)}, 95 %: ${at(0.95)}, ${values.length} times` : 'once';
  const bar = bars[name];
  const held = bar === undefined ? '' : `  bar ${bar} ms${Number(at(0.5)) > bar ? ': MISSED' : ''}`;
  return `${name.padEnd(28)} ${at(0.5).padStart(8)} ms (${spread})${held}`;
}

try {
  const bundle = await bundleForHost('test/bench/editor/measure.ts', 'bench');
  const all: Figures = {};
  for (const part of [...Array.from({ length: rounds }, () => 'tree'), 'training', 'training']) {
    for (const [name, values] of Object.entries(await measure(bundle, part))) {
      (all[name] ??= []).push(...values);
    }
  }
  const [cpu] = os.cpus();
  console.log(
    `${cpu.model}, ${os.availableParallelism()} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, load ${os.loadavg()[0].toFixed(1)}; code-server 4.139.1 (VS Code 1.139.1), Node ${process.version}`,
  );
  for (const [name, values] of Object.entries(all)) console.log(line(name, values));
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

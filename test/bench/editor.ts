// `npm run bench:editor`: what the extension costs in a real VS Code, beside the bars that it is meant to hold.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { editorMissing, repository } from '../editor/code-server.ts';
import { bundleForHost, runInHost } from '../editor/extension-host.ts';
import { cinc2017 } from '../require.ts';
import { figureLine, figureNames, type Figures, type WindowResult } from './editor/figures.ts';
import { writeWorkspace } from './editor/workspace.ts';

type Part = 'tree' | 'later-tree' | 'training';

/** Windows of each part; each is a fresh server, browser, profile and workspace. `ECG_BENCH_ROUNDS=1`: a quick look. */
const asked = Number(process.env.ECG_BENCH_ROUNDS ?? 0);
const rounds = { tree: asked || 4, training: asked || 3 };
const longestMs = 4 * 60_000;

const built = path.join(repository, 'dist', 'extension.cjs');
const missing =
  editorMissing() ?? (fs.existsSync(built) ? undefined : `${built} is not there: npm run build`);
if (missing) {
  console.log(`bench:editor measures the built extension in a VS Code: ${missing}`);
  process.exit(1);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-bench-'));
const recordings = fs.existsSync(cinc2017) ? cinc2017 : undefined;
let windows = 0;

async function measure(bundle: string, part: Part): Promise<WindowResult> {
  const own = path.join(folder, `window-${++windows}`);
  const workspace = path.join(own, 'workspace');
  const results = path.join(own, 'results.json');
  writeWorkspace(workspace, recordings);
  const env = {
    ECG_HOST_WORKSPACE: workspace,
    ECG_BENCH_PART: part,
    ECG_BENCH_RESULTS: results,
    // Of all windows: recordings are filtered once, as on a user's machine.
    ECG_CACHE_DIR: path.join(folder, 'cache'),
  };
  const end = await runInHost({ bundle, workspace, env, longestMs });
  if (!fs.existsSync(results)) throw new Error(`the measurement did not end: ${end}`);
  return JSON.parse(fs.readFileSync(results, 'utf8')) as WindowResult;
}

function load(): string {
  return os.loadavg()[0].toFixed(1);
}

try {
  const [cpu] = os.cpus();
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`;
  console.log(`${cpu.model}, ${os.availableParallelism()} cores, ${memory}; load before ${load()}`);
  // Its own file: a bench that runs beside this one must not find another bundle in the middle of its rounds.
  const bundle = await bundleForHost('test/bench/editor/measure.ts', `bench/${process.pid}`);
  const parts: Part[] = [
    ...Array<Part>(recordings ? rounds.tree : 0).fill('tree'),
    ...Array<Part>(recordings ? rounds.tree : 0).fill('later-tree'),
    ...Array<Part>(rounds.training).fill('training'),
  ];
  const all: Figures = {};
  const notes = new Set<string>();
  if (!recordings) notes.add(`first tree skipped: ${cinc2017} is not there`);
  let versions: WindowResult['versions'] | undefined;
  try {
    for (const part of parts) {
      const result = await measure(bundle, part).catch((error: unknown) => String(error));
      // One window that is lost must not take the figures of the others along.
      if (typeof result === 'string') {
        console.log(`window ${windows} (${part}) gave no figures: ${result.slice(0, 2000)}`);
        continue;
      }
      versions = result.versions;
      for (const note of result.notes) notes.add(note);
      for (const name of figureNames) (all[name] ??= []).push(...(result.figures[name] ?? []));
    }
  } finally {
    fs.rmSync(path.dirname(bundle), { recursive: true, force: true });
  }
  if (versions) {
    const { vscode, node, extension } = versions;
    console.log(`VS Code ${vscode} (code-server), Node ${node} in its host, ECG Studio ${extension}`);
  }
  console.log(
    `${[...notes].join('; ')}; load after ${load()}; median, spread over ${windows} fresh windows:`,
  );
  for (const name of figureNames) {
    const values = all[name] ?? [];
    if (values.length > 0) console.log(figureLine(name, values));
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

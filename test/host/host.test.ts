import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import * as esbuild from 'esbuild';
import { CodeServer, editorMissing, newPage, openBrowser, repository } from '../editor/code-server.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { requirement } from '../require.ts';
import type { HostResult } from './index.ts';

const missing = editorMissing();
const needsEditor = requirement('vscode', missing ?? true);
/** The suite is expected to take less than two minutes; a hang must not hold everything up. */
const longestMs = 5 * 60_000;

const folder = temporaryFolder();

/** The suite as one file beside the extension, as VS Code wants it. */
async function bundle(): Promise<string> {
  const outfile = path.join(repository, 'out', 'host', 'index.cjs');
  await esbuild.build({
    entryPoints: [path.join(repository, 'test', 'host', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'warning',
  });
  return outfile;
}

function remote(port: number, file: string): string {
  return `vscode-remote://127.0.0.1:${port}${file}`;
}

/** Open the workspace with the extension under development and wait for the suite's end. */
async function runSuite(workspace: string, results: string): Promise<string> {
  const outfile = await bundle();
  const server = await CodeServer.start({
    testDriver: true,
    env: {
      ECG_HOST_RESULTS: results,
      ECG_HOST_WORKSPACE: workspace,
      ECG_CACHE_DIR: path.join(folder, 'cache'),
    },
  });
  const browser = await openBrowser();
  try {
    const page = await newPage(browser);
    const log: string[] = [];
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      log.push(args.map(String).join(' '));
    });
    let exit: (code: number) => void = () => {};
    const ended = new Promise<number>((resolve) => (exit = resolve));
    // Both must be there before the page is.
    await page.exposeFunction('codeAutomationExit', (code: number) => exit(code));
    const payload = [
      ['extensionDevelopmentPath', remote(server.port, repository)],
      ['extensionTestsPath', remote(server.port, outfile)],
      ['skipWelcome', 'true'],
    ];
    const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
    await page.goto(`${server.url}/?${query.toString()}`);
    const code = await Promise.race([
      ended,
      new Promise<string>((resolve) => setTimeout(() => resolve('timeout'), longestMs).unref()),
    ]);
    if (code === 'timeout') {
      await page.screenshot({ path: path.join(repository, 'out', 'host-timeout.png') });
    }
    return `${code}\n${log.slice(-60).join('\n')}`;
  } finally {
    await browser.close();
    await server.stop();
  }
}

describe('the extension in a real extension host', needsEditor, () => {
  const workspace = path.join(folder, "work space's");
  const results = path.join(folder, 'results.json');
  it('runs its suite to the end', needsEditor, async (t) => {
    fs.mkdirSync(workspace, { recursive: true });
    const end = await runSuite(workspace, results);
    assert.ok(fs.existsSync(results), `the suite did not end: ${end}`);
    const all = JSON.parse(fs.readFileSync(results, 'utf8')) as HostResult[];
    assert.ok(all.length > 0, 'the suite has tests');
    // What the extension logged says why; it is too long for a failure's message.
    if (all.some(({ error }) => error)) {
      fs.copyFileSync(`${results}.log`, path.join(repository, 'out', 'host.log'));
    }
    for (const { title, error } of all) {
      await t.test(title, () => {
        if (error) assert.fail(error);
      });
    }
  });
});

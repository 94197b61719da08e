import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { editorMissing, repository } from '../editor/code-server.ts';
import { bundleForHost, runInHost } from '../editor/extension-host.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { requirement } from '../require.ts';
import type { HostResult } from './index.ts';

const missing = editorMissing();
const needsEditor = requirement('vscode', missing ?? true);
/** The suite takes two minutes, on two busy cores five; a hang must not hold everything up. */
const longestMs = 8 * 60_000;

const folder = temporaryFolder();

/** Open the workspace with the extension under development and wait for the suite's end. */
async function runSuite(workspace: string, results: string): Promise<string> {
  const env = {
    ECG_HOST_RESULTS: results,
    ECG_HOST_WORKSPACE: workspace,
    ECG_CACHE_DIR: path.join(folder, 'cache'),
  };
  const bundle = await bundleForHost('test/host/index.ts', 'host');
  return runInHost({ bundle, workspace, env, longestMs });
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

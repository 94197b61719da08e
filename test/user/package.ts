import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { repository } from '../editor/code-server.ts';

/** The extension as it is given to users, made anew; gives its file. */
export function packaged(): string {
  const vsix = path.join(repository, 'out', 'user', 'ecg-studio.vsix');
  fs.mkdirSync(path.dirname(vsix), { recursive: true });
  const made = spawnSync(process.execPath, ['scripts/package.mjs', '--out', vsix], {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}` },
  });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  return vsix;
}

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CancelledError, MissingToolError, UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { enginesJob } from '../../../src/jobs/engines.ts';
import { installTensorFlowJob } from '../../../src/jobs/install-tensorflow.ts';
import { installedTensorFlow } from '../../fixtures/tensorflow.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const source = installedTensorFlow(path.join(folder, 'source'));
const bin = path.join(folder, 'bin');
/** Of each test its own: Node keeps what it has loaded by its path. */
let cache = '';
let tests = 0;
const before = { ...process.env };

/** An npm that is this script; `folder` is what follows --prefix, `copy` installs what loads. */
function npm(script: string): void {
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(
    path.join(bin, 'npm'),
    `#!${process.execPath}
const fs = require('fs');
const args = process.argv.slice(2);
const folder = args[args.indexOf('--prefix') + 1];
const copy = () => fs.cpSync(${JSON.stringify(path.join(source, 'node_modules'))}, folder + '/node_modules', { recursive: true });
${script}
`,
    { mode: 0o755 },
  );
  process.env.PATH = `${bin}${path.delimiter}${before.PATH}`;
}

function left(): string[] {
  return fs.existsSync(cache) ? fs.readdirSync(cache) : [];
}

beforeEach(() => {
  cache = path.join(folder, `cache-${++tests}`);
  process.env.ECG_CACHE_DIR = cache;
});
afterEach(() => {
  fs.rmSync(bin, { recursive: true, force: true });
  process.env = { ...before };
});

function fails(message: RegExp, advice: RegExp): Promise<void> {
  return assert.rejects(installTensorFlowJob(silentContext()), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.match(error.advice, advice);
    return true;
  });
}

describe('installing TensorFlow', () => {
  it('asks npm for the version that is known, shows what it says, and leaves one that is whole', async () => {
    npm(`copy(); console.log('args ' + args.join(' '));`);
    const lines: string[] = [];
    const context = { ...silentContext(), log: (line: string) => lines.push(line) };
    assert.deepEqual(await installTensorFlowJob(context), {
      folder: path.join(cache, 'tensorflow'),
      build: 'node 4.22.0',
    });
    assert.match(lines.join('\n'), /^args install --prefix \S+ .*@tensorflow\/tfjs-node@4\.22\.0$/m);
    assert.deepEqual(left(), ['tensorflow']);
    const tensorflow = (await enginesJob()).find(({ name }) => name === 'tensorflow');
    assert.equal(tensorflow?.ok, true);
    // Once more: nothing is asked of npm.
    npm('process.exit(1);');
    assert.equal((await installTensorFlowJob(silentContext())).build, 'node 4.22.0');
  });

  it('that fails says why, that training goes on, and leaves nothing', async () => {
    npm(`copy();
console.error('    throw er;\\n\\nError: getaddrinfo ENOTFOUND storage.googleapis.com\\n    at x\\nnpm error code 1');
process.exit(1);`);
    await fails(/could not be installed: getaddrinfo ENOTFOUND storage/, /goes on with the built-in/);
    assert.deepEqual(left(), []);
    npm(`console.error('npm error code ENOTFOUND\\nnpm error network request failed'); process.exit(1);`);
    await fails(/could not be installed: npm error network request failed/, /built-in/);
  });

  it('that npm takes for whole, but does not load, is not taken for whole', async () => {
    npm(
      `copy(); fs.writeFileSync(folder + '/node_modules/@tensorflow/tfjs-node/index.js', 'throw new Error("no libtensorflow")');`,
    );
    await fails(/was installed, but .*does not load: no libtensorflow/, /built-in/);
    assert.deepEqual(left(), []);
  });

  it('can be cancelled, and leaves nothing', async () => {
    npm(`copy(); console.log('downloading'); setInterval(() => {}, 1000);`);
    const context = silentContext();
    const log = (): void => context.cancellation.cancel();
    await assert.rejects(installTensorFlowJob({ ...context, log }), CancelledError);
    assert.deepEqual(left(), []);
  });

  it('needs npm, and says where it comes from', async () => {
    process.env.PATH = path.join(folder, 'empty');
    await assert.rejects(
      installTensorFlowJob(silentContext()),
      (error: unknown) => error instanceof MissingToolError && /nodejs\.org/.test(error.advice),
    );
  });

  it('never replaces what stands in a folder that the user named', async () => {
    npm('copy();');
    const named = path.join(folder, 'named');
    fs.mkdirSync(named);
    fs.writeFileSync(path.join(named, 'mine.txt'), '');
    process.env.ECG_TENSORFLOW = named;
    await fails(/has other things in it/, /Empty it/);
    assert.deepEqual(fs.readdirSync(named), ['mine.txt']);
  });
});

describe('the list of engines', () => {
  it('says which `auto` takes, and why TensorFlow is not there', async () => {
    const engines = await enginesJob();
    assert.deepEqual(
      engines.map(({ name }) => name),
      ['native', 'wasm', 'tensorflow'],
    );
    assert.equal(engines.filter(({ automatic }) => automatic).length, 1);
    const [native, wasm, tensorflow] = engines;
    assert.equal(native.automatic || wasm.automatic, true);
    assert.match(wasm.detail, /^(relaxed-simd|simd128)$/);
    assert.equal(tensorflow.ok, false);
    assert.match(tensorflow.detail, /TensorFlow is not installed\. Install it with `ecg engine install/);
  });
});

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { ecg } from './ecg.ts';

const folder = temporaryFolder();
// Without tools in PATH the firmware steps are skipped: they are tested elsewhere.
const env = { PATH: path.join(folder, 'empty') };

/** All files below a folder. */
const filesBelow = (parent: string): string[] =>
  fs.existsSync(parent) ? fs.readdirSync(parent, { recursive: true, encoding: 'utf8' }) : [];

describe('a demo that is stopped', () => {
  it('says how to go on, and goes on with what is there', async () => {
    const runs = path.join(folder, 'runs');
    const json = path.join(folder, 'demo.json');
    const stopped = await ecg(['demo', '--synthetic', '--records', '60', '--epochs', '3', '--runs', runs], {
      env,
      onChild: (child) => {
        const timer = setInterval(() => {
          if (!filesBelow(runs).some((name) => name.endsWith('checkpoint.safetensors'))) return;
          clearInterval(timer); // A second Ctrl-C would stop it at once.
          child.kill('SIGINT');
        }, 20);
        child.on('close', () => clearInterval(timer));
      },
    });
    assert.equal(stopped.code, 130);
    const resume = /Go on with: ecg demo --resume "(.*)"/.exec(stopped.stderr)?.[1];
    assert.ok(resume, stopped.stderr);
    const before = fs.readdirSync(resume).filter((name) => !name.endsWith('.json'));
    const { code, stderr } = await ecg(['demo', '--resume', resume, '--json', json], { env });
    assert.equal(code, 3, stderr);
    const { columns, runs: made } = JSON.parse(fs.readFileSync(json, 'utf8')) as {
      columns: unknown[];
      runs: object;
    };
    assert.equal(columns.length, 4);
    assert.ok(
      before.every((name) => Object.values(made).includes(path.join(resume, name))),
      'the stopped run was used',
    );
  });
});

describe('ecg reproduce', () => {
  it('estimates its time before it starts, and can be stopped', async () => {
    const data = path.join(folder, 'data');
    assert.equal((await ecg(['synthesize', data, '--records', '40', '--seconds', '9'])).code, 0);
    const runs = path.join(folder, 'reproduce runs');
    const { code, stdout } = await ecg(['reproduce', '--data', data, '--runs', runs], {
      env,
      onChild: (child) =>
        child.stdout?.on('data', (text: Buffer) => text.includes('Estimated') && child.kill('SIGINT')),
    });
    assert.equal(code, 130);
    assert.match(stdout, /Estimated: .*the same command goes on/);
    const state = JSON.parse(fs.readFileSync(path.join(runs, 'reproduce', 'columns.json'), 'utf8')) as {
      inputs: { epochs: object };
    };
    assert.deepEqual(state.inputs.epochs, { baseline: 60, teacher: 40, slim: 60, distilled: 60 });
  });
});

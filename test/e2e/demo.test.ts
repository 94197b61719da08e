import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsQemu } from '../require.ts';
import { ecg } from './ecg.ts';

const folder = temporaryFolder();
const json = path.join(folder, 'demo.json');
const demo = [
  'demo',
  '--synthetic',
  '--records',
  '80',
  '--epochs',
  '6',
  '--runs',
  path.join(folder, 'runs'),
  '--json',
  json,
];

interface DemoJson {
  caution: string;
  dataset: { synthetic: boolean; records: number };
  columns: { title: string; evaluation: { size: { parameters: number } } }[];
  teacher: { source: string; epochs: number };
  verification?: { mismatches: number; windows: number };
  skipped?: string;
}

const result = (): DemoJson => JSON.parse(fs.readFileSync(json, 'utf8')) as DemoJson;

describe('ecg demo without recordings', () => {
  it(
    'says so first, does the whole job on synthetic ones, and reports it',
    { skip: needsQemu.skip || needsArmGcc.skip },
    async () => {
      const { code, stdout, stderr } = await ecg(demo);
      assert.equal(code, 0, stderr);
      assert.match(stdout.split('\n')[0], /^Data: 80 synthetic recordings/);
      assert.match(stdout, /demo, not a reproduction/);
      assert.match(stdout, /Not a medical device/);
      const { columns, teacher, verification, dataset } = result();
      assert.equal(dataset.synthetic, true);
      assert.deepEqual(
        columns.map((c) => [c.title, c.evaluation.size.parameters]),
        [
          ['baseline', 194_596],
          ['baseline quantised', 194_596],
          ['slim', 138_244],
          ['slim distilled + quantised', 138_244],
        ],
      );
      assert.deepEqual([teacher.source, teacher.epochs], ['trained here', 6]);
      assert.equal(verification?.mismatches, 0);
      assert.ok((verification?.windows ?? 0) >= 20);
      const report = path.join(folder, 'runs', fs.readdirSync(path.join(folder, 'runs'))[0], 'report.md');
      assert.match(fs.readFileSync(report, 'utf8'), /slim distilled \+ quantised/);
    },
  );

  it('without the firmware tools still trains and evaluates, and ends with exit code 3', async () => {
    const { code, stdout } = await ecg(demo, { env: { PATH: path.join(folder, 'empty') } });
    assert.equal(code, 3);
    assert.match(stdout, /firmware steps skipped: \S+ missing\n$/);
    assert.equal(result().columns.length, 4);
    assert.equal(result().verification, undefined);
  });
});

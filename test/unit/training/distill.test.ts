import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { evaluateJob } from '../../../src/jobs/evaluate.ts';
import { trainJob } from '../../../src/jobs/train.ts';
import { openTrained } from '../../../src/training/weights-file.ts';
import { challengeFiles, manyLabels, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const data = path.join(folder, 'data');
writeFiles(data, challengeFiles(manyLabels(40, ['a', 'b'])));

function model(name: string, input: string, extra = ''): string {
  const file = path.join(folder, `${name}.ecgmodel.yaml`);
  fs.writeFileSync(
    file,
    `version: 1\nname: ${name}\ninput: ${input}\nclasses: [a, b]\nlayers:
  - conv1d: { filters: 6, kernel: 5, activation: relu }
  - max-pool: 2
  - global-average-pool
  - gru: 6
  - dense: 2
training: { epochs: 8, batch: 16, optimizer: { adam: 0.02 } }\n${extra}`,
  );
  return file;
}

const runs = path.join(folder, 'runs');
const base = { data, runs, seed: 1, threads: 2 };

describe('distillation', () => {
  it('brings what the teacher knows to a student of another rate and window, without hard labels', async () => {
    const teacher = await trainJob(
      { ...base, modelFile: model('teacher', '{ rate: 150, window: 128, hop: 64 }') },
      silentContext(),
    );
    const student = model('student', '{ rate: 100, window: 64, hop: 32 }');
    const { run, info } = await trainJob(
      { ...base, modelFile: student, teacher: teacher.run },
      silentContext(),
    );
    assert.equal(info.kind, 'distill');
    const evaluation = await evaluateJob(
      { model: run, data: undefined, split: 'test', integer: false },
      silentContext(),
    );
    assert.ok(evaluation.f1Mean > 0.8, `the student has F1 ${evaluation.f1Mean}`);
    assert.equal(evaluation.seenInTraining, 0);
  });

  it('regresses a piecewise linear student on a layer of the teacher, behind which stands its head', async () => {
    const teacher = await trainJob(
      { ...base, modelFile: model('wise', '{ rate: 100, window: 64, hop: 32 }') },
      silentContext(),
    );
    const student = path.join(folder, 'pieces.ecgmodel.yaml');
    const text = `version: 1\nname: pieces\ninput: { rate: 100, window: 128, hop: 64 }\nclasses: [a, b]\nlayers:
  - max-affine: { units: 6, pieces: 4 }
    name: features
  - dense: 2
    frozen: true
    initialise-from: teacher.dense-1
training: { epochs: 30, batch: 16, optimizer: { adam: 0.02 }, loss: { mse: teacher.gru-1, at: features } }\n`;
    fs.writeFileSync(student, text);
    const { run } = await trainJob({ ...base, modelFile: student, teacher: teacher.run }, silentContext());
    const weights = openTrained(run).weights;
    for (const name of ['dense-1/kernel', 'dense-1/bias']) {
      assert.deepEqual(weights.get(name), openTrained(teacher.run).weights.get(name));
    }
    const losses = fs
      .readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { loss: number }).loss);
    assert.ok(losses.at(-1)! < 0.5 * losses[0], `${losses[0]} to ${losses.at(-1)}`);

    await assert.rejects(trainJob({ ...base, modelFile: student }, silentContext()), /needs its teacher/);
    const wrong = (from: string, to: string): Promise<unknown> => {
      fs.writeFileSync(student, text.replace(from, to));
      return trainJob({ ...base, modelFile: student, teacher: teacher.run }, silentContext());
    };
    await assert.rejects(wrong('units: 6', 'units: 5'), /6 values, `features` of the student 5/);
    await assert.rejects(wrong('teacher.gru-1', 'teacher.gru-2'), /the teacher has no layer `gru-2`/);
    await assert.rejects(wrong('teacher.gru-1', 'teacher.max-pool-1'), /more than one position/);
    await assert.rejects(wrong('teacher.dense-1', 'teacher.dense-7'), /dense-7\/kernel does not exist/);
    await assert.rejects(wrong('at: features', 'at: nothing'), /there is no layer `nothing`/);
  });

  it('refuses a teacher that was trained on records of the validation or test split', async () => {
    const teacherData = path.join(folder, 'other.ecgdata.yaml');
    fs.writeFileSync(
      teacherData,
      'version: 1\nname: other\nsource: { format: cinc2017, path: data }\nsplit: { seed: 9, train: 0.8, validation: 0.1, test: 0.1 }\n',
    );
    const modelFile = model('leaky', '{ rate: 100, window: 64, hop: 32 }');
    const teacher = await trainJob({ ...base, data: teacherData, modelFile, epochs: 1 }, silentContext());
    await assert.rejects(
      trainJob({ ...base, modelFile, teacher: teacher.run, epochs: 1 }, silentContext()),
      /trained on \d+ of this dataset's validation and test records/,
    );
  });

  it('refuses a teacher of other classes', async () => {
    const modelFile = model('ab', '{ rate: 100, window: 64, hop: 32 }');
    const teacher = await trainJob({ ...base, modelFile, epochs: 1 }, silentContext());
    const other = path.join(folder, 'ba.ecgmodel.yaml');
    fs.writeFileSync(other, fs.readFileSync(modelFile, 'utf8').replace('[a, b]', '[b, a]'));
    await assert.rejects(
      trainJob({ ...base, modelFile: other, teacher: teacher.run }, silentContext()),
      /the teacher tells a, b apart, the student b, a/,
    );
  });
});

describe('an evaluation', () => {
  it('of training records says how many the weights have seen', async () => {
    const modelFile = model('seen', '{ rate: 100, window: 64, hop: 32 }');
    const { run } = await trainJob({ ...base, modelFile, epochs: 1 }, silentContext());
    const all = await evaluateJob({ model: run, data, split: undefined, integer: false }, silentContext());
    assert.equal(all.records, 80);
    assert.equal(all.seenInTraining, 64);
  });
});

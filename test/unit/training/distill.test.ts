import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { evaluateJob } from '../../../src/jobs/evaluate.ts';
import { trainJob } from '../../../src/jobs/train.ts';
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

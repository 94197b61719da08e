import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { installedTensorFlow } from '../fixtures/tensorflow.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsQemu } from '../require.ts';
import { ecg, root, type Outcome } from './ecg.ts';

const folder = temporaryFolder();
const data = path.join(folder, 'data');
const runs = path.join(folder, 'runs');
const slim = path.join(root, 'media', 'zoo', 'slim.ecgmodel.yaml');

function ok(outcome: Outcome): string {
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome.stdout;
}

async function json<T>(args: readonly string[]): Promise<T> {
  const file = path.join(folder, 'result.json');
  fs.rmSync(file, { force: true });
  ok(await ecg([...args, '--json', file]));
  return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
}

let run = '';
let distilled = '';

before(async () => {
  ok(await ecg(['synthesize', data, '--records', '80', '--seconds', '12']));
  ({ run } = await json<{ run: string }>(['train', slim, '--data', data, '--runs', runs, '--epochs', '10']));
});

describe('every command', () => {
  const commands = [
    ['import'],
    ['train'],
    ['distill'],
    ['quantize'],
    ['evaluate'],
    ['compare'],
    ['firmware', 'generate'],
    ['firmware', 'build'],
    ['firmware', 'emulate'],
    ['firmware', 'verify'],
    ['synthesize'],
    ['engine', 'list'],
    ['engine', 'install'],
    ['doctor'],
    ['demo'],
    ['reproduce'],
  ];
  for (const command of commands) {
    it(`ecg ${command.join(' ')} --help says how it is used`, async () => {
      const text = ok(await ecg([...command, '--help']));
      assert.match(text, new RegExp(`Usage: ecg ${command.join(' ')}`));
      assert.match(text, /--json <file>/);
    });
  }

  it('ecg without a command or with an unknown one or a bad option ends with exit code 2', async () => {
    for (const args of [
      ['frobnicate'],
      ['train', slim, '--epochs', 'many'],
      ['evaluate', run, '--split', 'exam'],
      ['train', slim, '--engine', 'gpu'],
    ]) {
      assert.equal((await ecg(args)).code, 2, args.join(' '));
    }
  });
});

describe('ecg import', () => {
  it('counts classes and splits and writes a dataset file that train reads', async () => {
    const result = await json<{
      records: number;
      synthetic: boolean;
      file: string;
      classes: Record<string, number>;
    }>(['import', data, '--out', folder]);
    assert.equal(result.records, 80);
    assert.equal(result.synthetic, true);
    assert.equal(
      Object.values(result.classes).reduce((a, b) => a + b, 0),
      80,
    );
    const evaluated = await json<{ records: number }>([
      'evaluate',
      run,
      '--data',
      result.file,
      '--split',
      'train',
    ]);
    assert.ok(evaluated.records > 50);
    assert.equal(
      (await ecg(['import', data, '--out', folder])).code,
      1,
      'a dataset file is never overwritten',
    );
  });
});

interface EvaluationJson {
  records: number;
  classes: string[];
  confusion: number[][];
  accuracy: number;
  perClass: Record<string, { sensitivity: number; precision: number; f1: number }>;
  f1Mean4: number;
  f1Mean3: number;
  ci95: Record<string, [number, number]>;
  seenInTraining: number;
}

describe('ecg evaluate', () => {
  it('keeps its contract: all records unless a split is named', async () => {
    const result = await json<EvaluationJson>(['evaluate', run, '--data', data]);
    assert.equal(result.records, 80);
    assert.deepEqual(result.classes, ['N', 'A', 'O', '~']);
    assert.equal(
      result.confusion.flat().reduce((a, b) => a + b, 0),
      80,
    );
    const counts = fs.readFileSync(path.join(data, 'REFERENCE.csv'), 'utf8').trim().split('\n');
    const ofN = counts.filter((line) => line.endsWith(',N')).length;
    assert.equal(
      result.confusion[0].reduce((a, b) => a + b, 0),
      ofN,
      'rows are the true classes',
    );
    const { sensitivity, f1 } = result.perClass.N;
    assert.equal(sensitivity, result.confusion[0][0] / ofN);
    const f1s = result.classes.map((c) => result.perClass[c].f1);
    assert.ok(Math.abs(result.f1Mean4 - f1s.reduce((a, b) => a + b, 0) / 4) < 1e-12);
    assert.ok(Math.abs(result.f1Mean3 - (f1s[0] + f1s[1] + f1s[2]) / 3) < 1e-12);
    assert.ok(
      f1 >= 0 && result.ci95.f1Mean4[0] <= result.f1Mean4 && result.f1Mean4 <= result.ci95.f1Mean4[1],
    );
    assert.ok(result.seenInTraining > 50);
  });

  it('of the test split has seen none of its records, and leaves a report in the run', async () => {
    const result = await json<EvaluationJson>(['evaluate', run, '--split', 'test']);
    assert.equal(result.seenInTraining, 0);
    assert.match(fs.readFileSync(path.join(run, 'report.md'), 'utf8'), /Not a medical device/);
    assert.equal(
      fs.readFileSync(path.join(run, 'predictions.csv'), 'utf8').trim().split('\n').length,
      result.records + 1,
    );
  });

  it('--integer runs the integer network, the same before and after `quantize`', async () => {
    const before = await json<EvaluationJson>(['evaluate', run, '--data', data, '--integer']);
    const { weightBytes } = await json<{ weightBytes: number }>(['quantize', run]);
    assert.ok(weightBytes > 138_000 && weightBytes < 140_000);
    const after = await json<EvaluationJson>(['evaluate', run, '--data', data, '--integer']);
    assert.deepEqual(after, before);
  });

  it('of a model file needs its weights beside it', async () => {
    const model = path.join(folder, 'mine.ecgmodel.yaml');
    fs.copyFileSync(slim, model);
    const without = await ecg(['evaluate', model, '--data', data]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /mine\.safetensors: the model has no weights beside it/);
    fs.copyFileSync(path.join(run, 'weights.safetensors'), path.join(folder, 'mine.safetensors'));
    const withWeights = await json<EvaluationJson>(['evaluate', model, '--data', data]);
    const ofRun = await json<EvaluationJson>(['evaluate', run, '--data', data]);
    assert.deepEqual(withWeights.confusion, ofRun.confusion);
  });

  it('stops at an unknown label and names the record', async () => {
    const other = path.join(folder, 'other labels');
    fs.cpSync(data, other, { recursive: true });
    const reference = path.join(other, 'REFERENCE.csv');
    fs.writeFileSync(reference, fs.readFileSync(reference, 'utf8').replace(/S00007,./, 'S00007,X'));
    const { code, stderr } = await ecg(['evaluate', run, '--data', other]);
    assert.equal(code, 1);
    assert.match(stderr, /record S00007: the label `X` is no class of the model/);
  });
});

describe('ecg distill, quantize and compare', () => {
  it('a student of a teacher is compared with another run on the same records', async () => {
    ({ run: distilled } = await json<{ run: string }>([
      'distill',
      slim,
      '--teacher',
      run,
      '--data',
      data,
      '--runs',
      runs,
      '--epochs',
      '1',
    ]));
    assert.match(path.basename(distilled), /slim-distilled$/);
    const result = await json<{
      records: number;
      pValue: number;
      f1MeanDifference: number;
      ci95: [number, number];
    }>(['compare', run, distilled, '--data', data]);
    assert.equal(result.records, 80);
    assert.ok(result.pValue > 0 && result.pValue <= 1);
    assert.ok(result.ci95[0] <= result.f1MeanDifference && result.f1MeanDifference <= result.ci95[1]);
  });
});

describe('ecg firmware', () => {
  it(
    'verify keeps its contract and finds no mismatch',
    { skip: needsQemu.skip || needsArmGcc.skip },
    async () => {
      const result = await json<{
        windows: number;
        valuesCompared: number;
        mismatches: number;
        distinctWindows: number;
        instructionsPerWindow: { mean: number; max: number };
        flashBytes: number;
        ramBytes: number;
        stackBytes: number;
        elfSha256: string;
      }>(['firmware', 'verify', run, '--records', '3']);
      assert.ok(result.windows > 3);
      assert.equal(
        result.valuesCompared,
        result.windows * 4676,
        'every value of the outputs of all ten blocks, of the logits and the state among them',
      );
      assert.equal(result.mismatches, 0);
      assert.ok(result.distinctWindows > result.windows / 2, 'equal logits would prove nothing');
      assert.ok(result.instructionsPerWindow.max >= result.instructionsPerWindow.mean);
      assert.ok(
        result.instructionsPerWindow.mean > 948_480 / 2,
        'not fewer instructions than a SMLAD kernel could do',
      );
      // The taps of the last convolution that only ever meet padding are left out.
      assert.ok(result.flashBytes > 138_244 - 16_384 && result.ramBytes > 128 && result.stackBytes > 0);
      assert.match(result.elfSha256, /^[0-9a-f]{64}$/);
    },
  );

  for (const target of ['', ', reset-every: 2']) {
    it(
      `emulate tells of each record what evaluate --integer says${target}`,
      { skip: needsQemu.skip || needsArmGcc.skip },
      async () => {
        const model = path.join(run, 'model.ecgmodel.yaml');
        const text = fs.readFileSync(model, 'utf8');
        assert.ok(text.includes('latency: 60 ms'));
        try {
          fs.writeFileSync(model, text.replace('latency: 60 ms', `latency: 60 ms${target}`));
          const emulate = ['firmware', 'emulate', run, '--records', '4'];
          const { records } = await json<{ records: { id: string; predicted: string }[] }>(emulate);
          const { predictions, classes } = await json<{
            classes: string[];
            predictions: { record: string; predicted: number }[];
          }>(['evaluate', run, '--integer']);
          assert.equal(records.length, 4);
          for (const { id, predicted } of records) {
            assert.equal(predicted, classes[predictions.find((p) => p.record === id)?.predicted ?? -1], id);
          }
        } finally {
          fs.writeFileSync(model, text);
        }
      },
    );
  }

  it('build without the compiler ends with exit code 3 and says what to install', async () => {
    const { code, stderr } = await ecg(['firmware', 'build', run], {
      env: { PATH: path.join(folder, 'empty') },
    });
    assert.equal(code, 3);
    assert.match(stderr, /was not found/);
    assert.match(stderr, /apt/);
  });

  it('build over the flash budget says by how much', needsArmGcc, async () => {
    const { code, stderr } = await ecg(['firmware', 'build', run, '--kernels', 'speed']);
    assert.equal(code, 1);
    assert.match(stderr, /needs 2\d\d\.\d kB of flash, the limit is 200\.0 kB/);
  });

  it('build for a budget has the fastest kernels that it has room for', needsArmGcc, async () => {
    const bytes: number[] = [];
    for (const kernels of ['balanced', 'budget']) {
      bytes.push(
        (await json<{ flashBytes: number }>(['firmware', 'build', run, '--kernels', kernels])).flashBytes,
      );
    }
    assert.ok(bytes[0] < bytes[1] && bytes[1] <= 200_000, bytes.join(', '));
  });

  it('of a network that cannot be deployed is refused before anything is built', async () => {
    const model = path.join(run, 'model.ecgmodel.yaml');
    const text = fs.readFileSync(model, 'utf8');
    try {
      fs.writeFileSync(model, text.replace('zero-phase: false', 'zero-phase: true'));
      const { code, stderr } = await ecg(['firmware', 'generate', run]);
      assert.equal(code, 1);
      assert.match(stderr, /looks into the future/);
    } finally {
      fs.writeFileSync(model, text);
    }
  });
});

describe('ecg engine', () => {
  it('lists the engines and which of them `auto` takes', async () => {
    const out = ok(await ecg(['engine', 'list'], { env: { ECG_TENSORFLOW: path.join(folder, 'none') } }));
    assert.match(out, /^[✔–] native .*\n✔ wasm +relaxed-simd.*\n– tensorflow .*TensorFlow is not installed/);
    assert.equal(out.match(/\(auto\)/g)?.length, 1);
  });

  it('installs nothing without a yes', async () => {
    const { code, stderr } = await ecg(['engine', 'install', 'tensorflow']);
    assert.equal(code, 1);
    assert.match(stderr, /some hundred MB[^]*add --yes/);
  });

  it('trains on TensorFlow where it is installed, and on the built-in engine where it is not', async () => {
    const model = path.join(folder, 'tiny.ecgmodel.yaml');
    fs.writeFileSync(
      model,
      `version: 1
name: tiny
input: { rate: 50, window: 64, hop: 64, filter: { band: [0.5, 20] } }
classes: [N, A, O, "~"]
layers: [{ conv1d: { filters: 2, kernel: 3 } }, global-average-pool, { gru: 3 }, { dense: 4 }]
training: { epochs: 1, batch: 32, optimizer: { adam: 0.01 } }
`,
    );
    const args = ['train', model, '--data', data, '--runs', runs, '--engine', 'tensorflow'];
    const engineOf = async (tensorFlow: string) => {
      const result = path.join(folder, 'engine.json');
      const env = { ECG_TENSORFLOW: tensorFlow };
      const { stderr } = await ecg([...args, '--json', result], { env });
      return { ...(JSON.parse(fs.readFileSync(result, 'utf8')) as { engine: string }), stderr };
    };
    const on = await engineOf(installedTensorFlow(path.join(folder, 'tensorflow')));
    assert.equal(on.engine, 'tensorflow node 4.22.0');
    const without = await engineOf(path.join(folder, 'none'));
    assert.match(without.engine, /^(native|wasm) /);
    assert.match(without.stderr, /TensorFlow is not installed[^]*Going on with the built-in engine/);
  });
});

describe('ecg doctor', () => {
  it('tells version and path of each tool', needsArmGcc, async () => {
    const { stdout } = await ecg(['doctor']);
    assert.match(stdout, /✔ ARM compiler +arm-none-eabi-gcc .*\d+\.\d+.*, \/\S*\/arm-none-eabi-gcc/);
  });

  it('says that a tool is too old, and which version is needed', async () => {
    const old = path.join(folder, 'old');
    fs.mkdirSync(old, { recursive: true });
    fs.writeFileSync(path.join(old, 'cmake'), '#!/bin/sh\necho cmake version 3.16.3\n', { mode: 0o755 });
    const { code, stdout } = await ecg(['doctor'], { env: { PATH: old } });
    assert.equal(code, 3);
    assert.match(stdout, /✘ CMake +cmake version 3\.16\.3, .*: 3\.20 or newer is needed\. Install it/);
  });

  it('lists what is there and what is missing with how to get it, and ends with 3 where a tool is missing', async () => {
    const missing = await ecg(['doctor'], { env: { PATH: path.join(folder, 'empty') } });
    assert.equal(missing.code, 3);
    for (const line of missing.stdout.trim().split('\n')) assert.match(line, /^[✔✘–] /, 'a line each');
    assert.match(missing.stdout, /✔ training engine +(native|wasm) \S+ (no-)?fma [0-9a-f]{12}/);
    assert.match(
      missing.stdout,
      /✘ ARM compiler +arm-none-eabi-gcc was not found\. Looked for in PATH .*Install it: sudo apt-get install/,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { requireCapability } from '../../../src/model/budget.ts';
import { modelFromText, parseModel } from '../../../src/model/parse.ts';
import { parseBytes, parseMilliseconds } from '../../../src/model/units.ts';

const head = 'version: 1\nname: probe\ninput: { rate: 100, window: 64, hop: 32 }\nclasses: [a, b]\n';
const small = `${head}layers:\n  - global-average-pool\n  - dense: 2\n`;

/** The first diagnostic of a text, which must have one, and the text that it underlines. */
function firstProblem(text: string): { message: string; advice: string; line: number; underlined: string } {
  const { diagnostics, network } = parseModel(text);
  assert.equal(network, undefined, 'a file with an error gives no network');
  const { message, advice, line, start, end } = diagnostics[0];
  return { message, advice, line, underlined: text.slice(start, end) };
}

describe('a model file', () => {
  it('gives a network with all defaults', () => {
    const { network, diagnostics } = parseModel(small);
    assert.deepEqual(diagnostics, []);
    assert.equal(network?.readout, 'last-state');
    assert.deepEqual(network?.quantization.weights, { integer: 2, fraction: 5 });
    assert.equal(network?.target.resetEvery, undefined);
  });

  it('names an unknown layer, its line, and the kinds that there are', () => {
    const problem = firstProblem(small.replace('dense', 'desne'));
    assert.match(problem.message, /no layer kind `desne`/);
    assert.match(problem.advice, /dense/);
    assert.equal(problem.line, 7);
    assert.equal(problem.underlined, 'desne');
  });

  it('underlines exactly the option that is not valid', () => {
    const problem = firstProblem(`${head}layers:\n  - conv1d: { filters: 0, kernel: 5 }\n  - dense: 2\n`);
    assert.match(problem.message, /filters/);
    assert.equal(problem.underlined, '0');
  });

  it('underlines a setting that does not exist', () => {
    const problem = firstProblem(small.replace('hop: 32', 'hop: 32, hopp: 3'));
    assert.equal(problem.underlined, 'hopp');
  });

  it('says what does not fit between two layers', () => {
    const problem = firstProblem(
      `${head}layers:\n  - conv1d: { filters: 4, kernel: 5 }\n  - gru: 8\n  - dense: 2\n`,
    );
    assert.match(problem.message, /length 64/);
    assert.equal(problem.line, 7);
  });

  it('must end in one value a class', () => {
    assert.match(firstProblem(small.replace('dense: 2', 'dense: 3')).message, /2 classes/);
  });

  const training = (settings: string): ReturnType<typeof firstProblem> =>
    firstProblem(`${small}training: { ${settings} }\n`);

  it('has one optimiser', () => {
    for (const optimizer of ['{ adam: 0.1, adamw: 0.1 }', '{ weight-decay: 0.1 }', '{}']) {
      const problem = training(`optimizer: ${optimizer}`);
      assert.match(problem.message, /one of `adam` and `adamw`/);
      assert.equal(problem.underlined, 'optimizer');
    }
  });

  it('weighs classes that there are', () => {
    const problem = training('class-weights: { a: 2, c: 1 }');
    assert.equal(problem.underlined, 'c');
    assert.match(problem.advice, /a, b/);
  });

  it('says of a schedule what its own form lacks, not what the other form would be', () => {
    const problem = training('schedule: { plateau: { patience: 0 } }');
    assert.match(problem.message, /patience/);
    assert.equal(problem.underlined, '0');
    assert.match(training('schedule: sine').message, /must be one of constant, cosine, plateau/);
  });

  it('has ranges of augmentation that rise', () => {
    const problem = training('augmentation: { noise: { records: em, snr: [20, 5] } }');
    assert.equal(problem.underlined, '[20, 5]');
    assert.match(problem.message, /must not be above/);
  });

  it('gives AdamW a weight decay of its own, and Adam none', () => {
    const spec = (optimizer: string): unknown => {
      const network = parseModel(`${small}training: { optimizer: ${optimizer} }\n`).network!;
      const { learningRate, weightDecay, decoupled } = network.training;
      return [learningRate, weightDecay, decoupled];
    };
    assert.deepEqual(spec('{ adam: 0.01 }'), [0.01, 0, false]);
    assert.deepEqual(spec('{ adam: 0.01, weight-decay: 0.1 }'), [0.01, 0.1, false]);
    assert.deepEqual(spec('{ adamw: 0.02 }'), [0.02, 0.01, true]);
    assert.deepEqual(spec('{ adamw: 0.02, weight-decay: 0.3 }'), [0.02, 0.3, true]);
  });

  it('is refused with anchors and aliases, which can make a small file huge', () => {
    const bomb = `${head}layers: &a [global-average-pool, dense: 2]\ndescription: *a\n`;
    assert.match(firstProblem(bomb).message, /aliases/);
  });

  it('is refused where it is longer than a model file can be', () => {
    assert.match(firstProblem('#'.repeat(1_000_001)).message, /longer than/);
  });

  it('refuses a hop longer than its window and a band above half the rate', () => {
    assert.match(firstProblem(small.replace('hop: 32', 'hop: 65')).message, /leaves out samples/);
    assert.match(
      firstProblem(small.replace('hop: 32', 'hop: 32, filter: { band: [0.5, 50] }')).message,
      /half the rate/,
    );
  });

  it('underlines a flash budget that the parameters alone exceed', () => {
    const { diagnostics } = parseModel(`${small}target: { board: nrf52832, flash: 3 B }\n`);
    assert.match(diagnostics[0].message, /4 B of flash \(a lower bound\), the budget is 3 B/);
  });

  it('reports file and line in the error that a command shows', () => {
    assert.throws(
      () => modelFromText(small.replace('dense', 'desne'), 'a b.ecgmodel.yaml'),
      (error) => error instanceof UserError && error.describe().startsWith('a b.ecgmodel.yaml:7:'),
    );
  });
});

describe('a residual block', () => {
  const residual = `${head}layers:
  - conv1d: { filters: 4, kernel: 5, activation: relu }
  - residual:
      layers:
        - conv1d: { filters: 8, kernel: 5, activation: relu }
        - conv1d: { filters: 8, kernel: 3 }
      shortcut: { conv1d: { filters: 8, kernel: 1 } }
      activation: relu
    name: block
  - global-average-pool
  - dense: 2
`;

  it('becomes its layers and an addition that reads both ways', () => {
    const { network } = parseModel(residual);
    const add = network?.layers.find((l) => l.kind === 'add');
    assert.deepEqual(add?.from, [2, 3]);
    assert.equal(add?.name, 'block');
    assert.deepEqual(network?.layers[3].from, [0], 'the shortcut reads what the block reads');
    assert.equal(network?.parameterCount, 4 * 5 + 4 + 4 * 8 * 5 + 8 + 8 * 8 * 3 + 8 + 4 * 8 + 8 + 2 * 8 + 2);
  });

  it('can be trained and deployed; what cannot is said before a job starts', () => {
    const need = (text: string, what: 'training' | 'deployment'): void =>
      requireCapability(modelFromText(text, 'r.ecgmodel.yaml'), 'r.ecgmodel.yaml', what);
    need(residual, 'training');
    need(residual, 'deployment');
    const leaky = residual.replace('activation: relu', 'activation: leaky-relu');
    need(leaky, 'training');
    need(leaky, 'deployment');
    const steep = residual.replace('activation: relu', 'activation: { leaky-relu: 0.3 }');
    need(steep, 'training');
    assert.throws(
      () => need(steep, 'deployment'),
      (error) =>
        error instanceof UserError &&
        /slope 0\.3 cannot be deployed/.test(error.message) &&
        error.place.layer === 'conv1d-1' &&
        error.advice === 'Write `activation: { leaky-relu: 0.25 }` and train again.',
    );
    const hard = residual.replace(
      '  - dense: 2',
      '  - gru: { units: 4, recurrent-activation: hard-sigmoid }\n  - dense: 2',
    );
    need(hard, 'deployment');
    assert.throws(() => need(hard, 'training'), /hard-sigmoid gates cannot be trained yet/);
  });

  it('with shapes that do not add up says so', () => {
    assert.match(
      firstProblem(residual.replace('      shortcut: { conv1d: { filters: 8, kernel: 1 } }\n', '')).message,
      /cannot add 8×64 and 4×64/,
    );
  });

  it('is refused when nested without end', () => {
    let layers = '[global-average-pool]';
    for (let i = 0; i < 20; i++) layers = `[residual: { layers: ${layers} }]`;
    assert.match(firstProblem(`${head}layers: ${layers}\n`).message, /nested deeper/);
  });
});

describe('sizes and times', () => {
  it('kB is 1000 bytes, KiB is 1024', () => {
    assert.equal(parseBytes('150 kB'), 150_000);
    assert.equal(parseBytes('16 KiB'), 16_384);
    assert.equal(parseBytes('16 kb'), undefined);
    assert.equal(parseMilliseconds('0.06 s'), 60);
  });
});

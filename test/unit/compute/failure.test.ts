import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError, MissingToolError, UserError } from '../../../src/common/errors.ts';
import { BudgetError } from '../../../src/model/budget.ts';
import { failureOf } from '../../../src/compute/failure.ts';
import { MissingFactError } from '../../../src/recording/facts.ts';

describe('a failure that crosses the border of the compute process', () => {
  it('keeps its kind, place and advice', () => {
    const { kind, message, advice, place } = failureOf(
      new UserError('is odd', { file: 'x', line: 3 }, 'Mend it.'),
    );
    assert.deepEqual([kind, message, advice, place], ['user', 'is odd', 'Mend it.', { file: 'x', line: 3 }]);
    assert.equal(failureOf(new CancelledError()).kind, 'cancelled');
    assert.equal(failureOf(new RangeError('oops')).kind, 'defect');
    assert.equal(failureOf(new MissingToolError('qemu', '')).tool, 'qemu');
    assert.equal(failureOf(new BudgetError('too large')).kind, 'over-budget');
  });

  it('that is a fact a file does not say names the fact, so that the user can be asked for it', () => {
    const failure = failureOf(new MissingFactError('units', '/x.csv', 'does not say its units'));
    assert.deepEqual(
      [failure.kind, failure.fact, failure.place],
      ['missing-fact', 'units', { file: '/x.csv' }],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeInLine, UserError } from '../../../src/common/errors.ts';

describe('an error in one line', () => {
  it('has what happened and what to do as sentences, and no break', () => {
    assert.equal(
      describeInLine(new UserError('the ports cannot be listed', {}, 'Install udev.')),
      'the ports cannot be listed. Install udev.',
    );
    assert.equal(describeInLine(new Error('one.\n  two\n\nthree')), 'one. two. three');
    assert.equal(describeInLine('plain'), 'plain');
  });
});

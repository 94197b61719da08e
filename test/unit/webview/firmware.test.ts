import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figureText, percentText, withChange } from '../../../webview/firmware/text.ts';

describe('figures of the firmware report', () => {
  it('tell a change with its sign in brackets, and nothing where nothing has changed or is there', () => {
    assert.equal(withChange(24_704, 128), '24,704 (+128)');
    assert.equal(withChange(24_704, -1280), '24,704 (−1,280)');
    assert.equal(withChange(0, -64), '0 (−64)');
    assert.equal(withChange(24_704, 0), '24,704');
    assert.equal(withChange(0), '');
    assert.equal(figureText(1044), '1,044');
  });

  it('never call little nothing', () => {
    assert.equal(percentText(1, 1000), 'below 1 %');
    assert.equal(percentText(0, 1000), '0 %');
    assert.equal(percentText(1190, 1000), '119 %');
  });
});

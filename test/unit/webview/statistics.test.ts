import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ShownStatistics } from '../../../src/protocol/webview.ts';
import { ticks } from '../../../webview/statistics/duration-plot.ts';
import { summary } from '../../../webview/statistics/charts.ts';

describe('a page of statistics', () => {
  it('puts few numbers below a histogram, the first at its start, none behind its end', () => {
    for (const intervals of [1, 2, 7, 8, 12, 24, 25]) {
      const at = ticks(intervals);
      assert.equal(at[0], 0);
      assert.ok(at.length >= 2 && at.length <= 8, `${at.length} of ${intervals}`);
      assert.ok(at.every((tick) => tick <= intervals));
      assert.equal(new Set(at.slice(1).map((tick, i) => tick - at[i])).size, 1, 'evenly');
    }
  });

  it('says in one line how much there is', () => {
    const text = (durations: Partial<ShownStatistics['durations']>, records = 7000): string =>
      summary({
        records,
        recordings: 7000,
        rates: [{ rate: 300, records: 7000 }],
        durations: { total: 227_160, shortest: 9, median: 30, longest: 61, ...durations },
      } as ShownStatistics);
    assert.equal(
      text({}),
      '7,000 records · 63 h 6 min in all · 9.0 to 61.0 s, half of them 30.0 s or less · 300 Hz',
    );
    assert.match(text({ shortest: 30, longest: 30 }), / · 30\.0 s each · 300 Hz$/);
    assert.match(text({}, 9000), /^9,000 records in 7,000 recordings · /);
  });
});

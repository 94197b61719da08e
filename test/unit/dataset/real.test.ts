import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { openDataset } from '../../../src/dataset/dataset.ts';
import { cinc2017, needsData } from '../../require.ts';

describe('the real training2017.zip', () => {
  it(
    'has 7000 records in four classes, two pairs of duplicates, and every record reads',
    needsData,
    async () => {
      const dataset = await openDataset(cinc2017, silentContext());
      assert.deepEqual(Object.fromEntries(dataset.classCounts()), { N: 4167, A: 622, O: 1982, '~': 229 });
      assert.deepEqual(dataset.duplicates, [
        ['A00227', 'A01176'],
        ['A02656', 'A03123'],
      ]);
      assert.equal(dataset.synthetic, false);
      let shortest = Infinity;
      let longest = 0;
      for (const record of dataset.records) {
        const { rate, samples } = dataset.read(record);
        assert.equal(rate, 300);
        shortest = Math.min(shortest, samples.length / rate);
        longest = Math.max(longest, samples.length / rate);
      }
      assert.ok(shortest > 8.9 && longest < 61.1, `9 to 61 s, not ${shortest} to ${longest}`);
      dataset.close();
    },
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DatasetStatistics, MeasuredRecording } from '../../../src/jobs/statistics.ts';
import { mostShown, shownStatistics } from '../../../src/vscode/panels/shown-statistics.ts';

function measured(record: string, concern: number): MeasuredRecording {
  return {
    ...{ record, label: 'N', split: 'train', rate: 300, duration: 30, samples: 9000, missing: 0 },
    ...{ clipped: 0, flat: 0, longestFlat: 0, beats: 30, heartRate: 60, height: 1, snr: 9, noisyBeats: 0 },
    ...{ wander: 0, mains: { at50: 0, at60: 0 }, verdict: 'fair', reasons: ['noise'], concern },
  };
}

function statistics(recordings: MeasuredRecording[]): DatasetStatistics {
  const { length } = recordings;
  return {
    ...{ name: 'x', synthetic: false, records: length, recordings: length, classes: [], rates: [] },
    durations: {
      ...{ total: 0, shortest: 0, median: 0, longest: 0 },
      histogram: { start: 0, width: 1, counts: [] },
    },
    verdicts: { good: 0, fair: length, poor: 0 },
    measured: recordings,
    unreadable: [{ record: 'gone', reason: 'cut off' }],
    duplicates: [['a', 'b']],
  };
}

describe('statistics as they are shown', () => {
  it('have no more rows than anybody reads, the worst of them, and say how many there are', () => {
    const many = Array.from({ length: mostShown + 100 }, (_, i) => measured(`r${i}`, 2 - i / 1000));
    const { toLookAt } = shownStatistics(statistics([...many, measured('fine', 0)]), undefined);
    assert.deepEqual([toLookAt.first.length, toLookAt.all], [mostShown, mostShown + 100]);
    assert.equal(toLookAt.first[0].record, 'r0');
  });

  it('have the class and split that a record has now, and whether it is excluded', () => {
    const list = {
      records: [{ id: 'a', label: 'A', sourceLabel: 'N', split: 'test' as const }],
      excluded: [
        { id: 'b', label: 'N' },
        { id: 'gone', label: 'N' },
      ],
    };
    const three = statistics([measured('a', 1), measured('b', 1), measured('c', 1)]);
    const { toLookAt, unreadable } = shownStatistics(three, list);
    assert.deepEqual(
      toLookAt.first.map(({ label, sourceLabel, split, excluded }) => [label, sourceLabel, split, excluded]),
      [
        ['A', 'N', 'test', false],
        ['N', undefined, 'train', true],
        ['N', undefined, 'train', false],
      ],
    );
    assert.equal(unreadable.first[0].excluded, true);
  });
});

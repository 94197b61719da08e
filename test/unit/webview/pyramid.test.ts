import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pyramid } from '../../../webview/waveform/pyramid.ts';

/** Repeatable noise with gaps. */
function signal(length: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length }, (_, i) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return i % 997 < 40 ? NaN : state / 2147483648 - 0.5;
  });
}

function extremes(samples: Float32Array, from: number, to: number): [number, number] {
  const values = [...samples.subarray(Math.max(0, from), to)].filter((v) => !Number.isNaN(v));
  return values.length > 0 ? [Math.min(...values), Math.max(...values)] : [NaN, NaN];
}

/** Samples that `range` may reach beyond what was asked: up to the end of a pair, of which two at least are asked for. */
function reach(span: number): number {
  let pair = 16;
  if (span < 2 * pair) return 0;
  while (2 * 4 * pair <= span) pair *= 4;
  return pair - 1;
}

describe('the pyramid of a lead', () => {
  const samples = signal(50_000);
  const pyramid = new Pyramid(samples);

  it('never misses an extreme, and never reports one from far away, at any scale', () => {
    for (const span of [1, 2, 7, 16, 31, 32, 100, 1000, 9999, 50_000]) {
      for (
        let start = 0;
        start + span <= samples.length;
        start += Math.max(1, Math.floor(samples.length / 61))
      ) {
        const [low, high] = pyramid.range(start, start + span);
        const [least, most] = extremes(samples, start, start + span);
        const [leastNear, mostNear] = extremes(samples, start - reach(span), start + span + reach(span));
        if (Number.isNaN(least)) {
          if (reach(span) === 0) assert.ok(Number.isNaN(low) && Number.isNaN(high));
          continue;
        }
        assert.ok(low <= least && high >= most, `missed in ${start}+${span}`);
        assert.ok(low >= leastNear && high <= mostNear, `from afar in ${start}+${span}`);
      }
    }
  });

  it('says NaN where there is no sample', () => {
    const [low, high] = new Pyramid(new Float32Array(4000).fill(NaN)).range(0, 4000);
    assert.ok(Number.isNaN(low) && Number.isNaN(high));
  });

  it('sees the very last samples, at any scale', () => {
    const peak = new Float32Array(samples.length);
    peak[peak.length - 1] = 9;
    const ending = new Pyramid(peak);
    for (let span = 1; span <= peak.length; span *= 2) {
      assert.deepEqual(ending.range(peak.length - span, peak.length), [span > 1 ? 0 : 9, 9], `last ${span}`);
    }
  });

  it('filled in part by part, every second one first, it is the same as made at once', () => {
    const parts = new Pyramid(new Float32Array(samples.length).fill(NaN));
    const size = 7777;
    assert.equal(Math.ceil(samples.length / size), 7);
    for (const k of [0, 2, 4, 6, 1, 3, 5]) {
      const part = samples.subarray(k * size, (k + 1) * size);
      parts.samples.set(part, k * size);
      parts.update(k * size, k * size + part.length);
    }
    for (const span of [10, 40, 300, 1000, 20_000]) {
      for (let start = 0; start + span <= samples.length; start += 107) {
        assert.deepEqual(parts.range(start, start + span), pyramid.range(start, start + span));
      }
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WaveformOpened } from '../../../src/protocol/webview.ts';
import { AnnotationMarks } from '../../../webview/waveform/annotation-marks.ts';
import { blockSamples, LeadSignal } from '../../../webview/waveform/lead-signal.ts';
import { PairPyramid, Pyramid } from '../../../webview/waveform/pyramid.ts';
import { RecordLoader } from '../../../webview/waveform/record-loader.ts';

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

  it('of pairs filled in part by part, every second one first, is the same as filled at once', () => {
    const pairs = Float32Array.from({ length: 2 * 500 }, (_, i) => samples[(i >> 1) * 100] + (i % 2));
    const whole = new PairPyramid(50_000, 100);
    whole.put(0, pairs);
    const parts = new PairPyramid(50_000, 100);
    for (const k of [0, 2, 4, 6, 1, 3, 5]) parts.put(k * 77, pairs.subarray(2 * k * 77, 2 * (k + 1) * 77));
    for (const span of [100, 400, 3000, 20_000]) {
      for (let start = 0; start + span <= 50_000; start += 107) {
        assert.deepEqual(parts.range(start, start + span), whole.range(start, start + span));
      }
    }
  });
});

describe('a lead of any length', () => {
  const bucket = 256;
  const samples = signal(3 * blockSamples + 1000);
  const envelope = new Float32Array(2 * Math.ceil(samples.length / bucket));
  for (let i = 0; 2 * i < envelope.length; i++) {
    [envelope[2 * i], envelope[2 * i + 1]] = extremes(samples, i * bucket, (i + 1) * bucket);
  }
  const block = (index: number): Float32Array =>
    samples.subarray(index * blockSamples, (index + 1) * blockSamples);

  it('is drawn from its envelope until its samples are here, and never misses an extreme', () => {
    const lead = new LeadSignal(samples.length, bucket);
    assert.ok(lead.range(0, 100).every(Number.isNaN), 'nothing is known yet');
    lead.putEnvelope(0, envelope);
    const covers = (start: number, end: number): void => {
      const [low, high] = lead.range(start, end);
      const [least, most] = extremes(samples, start, end);
      assert.ok(low <= least && high >= most, `${start}…${end}`);
    };
    covers(blockSamples - 50, blockSamples + 50);
    covers(0, samples.length);
    assert.equal(lead.at(5), undefined);
    lead.putBlock(0, block(0));
    covers(blockSamples - 50, blockSamples + 50);
    lead.putBlock(1, block(1));
    assert.deepEqual(
      lead.range(blockSamples - 10, blockSamples + 10),
      extremes(samples, blockSamples - 10, blockSamples + 10),
      'exact over the border of two blocks',
    );
    assert.equal(lead.at(blockSamples + 100), samples[blockSamples + 100]);
  });

  it('keeps the blocks that came last', () => {
    const lead = new LeadSignal(1000 * blockSamples, bucket);
    for (let i = 0; i < 100; i++) lead.putBlock(i, block(0));
    assert.deepEqual([lead.has(0), lead.has(99)], [false, true]);
  });
});

describe('a loader of a record', () => {
  it('asks for each block that is looked at once, and for none where the envelope is enough', async () => {
    const asked: number[] = [];
    const lead = { name: 'I', units: 'mV', unitsPerMillivolt: 1 };
    const record = {
      leads: [lead],
      sampleCount: 10 * blockSamples,
      envelopeBucket: 256,
    } as unknown as WaveformOpened;
    let arrived = 0;
    const channel = {
      ask: (_: string, { start, count }: { start: number; count: number }) => {
        asked.push(start / blockSamples);
        return Promise.resolve([new Float32Array(count)]);
      },
    };
    const loader = new RecordLoader(
      channel as unknown as ConstructorParameters<typeof RecordLoader>[0],
      record,
      () => arrived++,
    );
    await Promise.all([
      loader.want(blockSamples - 5, blockSamples + 5, 1),
      loader.want(blockSamples - 9, blockSamples + 9, 1),
    ]);
    assert.deepEqual(asked, [0, 1]);
    assert.equal(arrived, 2);
    await loader.want(0, blockSamples, 1);
    await loader.want(0, 10 * blockSamples, 600);
    assert.deepEqual(asked, [0, 1]);
    await loader.want(9.5 * blockSamples, 99 * blockSamples, 1);
    assert.deepEqual(asked, [0, 1, 9]);
  });
});

describe('annotations of a record', () => {
  const marks = new AnnotationMarks(
    [5, 1, 3, 2, 4].map((time) => ({ time, symbol: time === 3 ? 'V' : time === 5 ? '+' : 'N', text: '' })),
  );

  it('are found by time, the nearest within a fifth of a second', () => {
    assert.deepEqual([marks.from(0), marks.from(2.5), marks.from(3), marks.from(6)], [0, 2, 2, 5]);
    assert.deepEqual([marks.at(2.9)?.time, marks.at(3.15)?.time, marks.at(2.5)], [3, 3, undefined]);
  });

  it('that are no normal beats are gone to in both directions', () => {
    const visit = (from: number, direction: 1 | -1): number | undefined =>
      marks.nextUnusual(from, direction)?.time;
    assert.deepEqual([visit(0, 1), visit(3, 1), visit(5, 1)], [3, 5, undefined]);
    assert.deepEqual([visit(6, -1), visit(5, -1), visit(3, -1)], [5, 3, undefined]);
  });
});

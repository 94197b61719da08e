import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeText } from '../../../webview/waveform/paper.ts';
import { ViewRange } from '../../../webview/waveform/view-range.ts';
import { Windows } from '../../../webview/waveform/windows-strip.ts';

function view(): ViewRange {
  const made = new ViewRange({ start: 10, mmPerSecond: 25, mmPerMillivolt: 10 }, 60);
  made.width = 945;
  return made;
}

describe('the visible range of a waveform', () => {
  it('draws 25 mm/s at 96 pixels an inch', () => {
    assert.ok(Math.abs(view().pixelsPerSecond - (25 * 96) / 25.4) < 1e-9);
  });

  it('stays within the record', () => {
    const v = view();
    v.panTo(-5);
    assert.equal(v.state.start, 0);
    v.panTo(1000);
    assert.ok(Math.abs(v.end - 60) < 1e-9);
  });

  it('zooming keeps what is under the pointer where it is', () => {
    const v = view();
    const before = v.seconds(300);
    v.zoom(1.7, 300);
    assert.ok(Math.abs(v.seconds(300) - before) < 1e-9);
  });

  it('zooming far in and out and back stays within the record and the paper speeds', () => {
    const v = view();
    for (const factor of [1e3, 1e3, 1e-9, 7, 1e-2]) {
      v.zoom(factor, 900);
      assert.ok(v.state.start >= 0 && v.state.mmPerSecond > 0 && v.state.mmPerSecond <= 800);
      assert.ok(v.state.start + v.span <= 60 + 1e-9 || v.state.start === 0, JSON.stringify(v.state));
    }
  });

  it('pixels and seconds are each other’s inverse', () => {
    const v = view();
    assert.equal(v.x(v.state.start), 0);
    assert.ok(Math.abs(v.x(v.end) - v.width) < 1e-9);
    for (const x of [0, 17, 500]) assert.ok(Math.abs(v.x(v.seconds(x)) - x) < 1e-9);
  });

  it('never shows more than the whole record, and fits it exactly', () => {
    const v = view();
    v.zoom(1e-6);
    assert.ok(v.span <= Math.max(60, 945 / ((12.5 * 96) / 25.4)) + 1e-9);
    v.fit();
    assert.equal(v.state.start, 0);
    assert.ok(Math.abs(v.span - 60) < 1e-9);
  });

  it('a record shorter than the window starts at the left edge', () => {
    const v = new ViewRange({ start: 3, mmPerSecond: 25, mmPerMillivolt: 10 }, 2);
    v.width = 945;
    v.panTo(1);
    assert.equal(v.state.start, 0);
  });
});

describe('times', () => {
  it('read as seconds, minutes and hours', () => {
    assert.equal(timeText(12.34, 1), '12.3 s');
    assert.equal(timeText(65, 0), '1:05');
    assert.equal(timeText(65.25, 2), '1:05.25');
    assert.equal(timeText(119.96, 1), '2:00.0');
    assert.equal(timeText(59.97, 1), '1:00.0');
    assert.equal(timeText(3725, 0), '1:02:05');
  });
});

describe('windows of a network', () => {
  // Two classes, three windows of 2 s every 1 s.
  const windows = new Windows({
    network: 'n',
    classes: ['N', 'A'],
    window: 2,
    hop: 1,
    start: 0,
    probabilities: Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.2, 0.8),
  });

  it('each answer is shown from its window’s end to the next one’s', () => {
    assert.deepEqual(windows.covers(1), [1, 3]);
    assert.deepEqual(windows.shownAt(0), [0, 3]);
    assert.deepEqual(windows.shownAt(1), [3, 4]);
    assert.equal(windows.count, 3);
  });

  it('the window at a time is the latest that has ended', () => {
    assert.deepEqual(
      [0, 2.5, 3, 3.9, 4.1, 99].map((t) => windows.at(t)),
      [0, 0, 1, 1, 2, 2],
    );
  });

  it('the window at a time is the one whose answer is shown there, for any window and hop', () => {
    for (const [window, hop] of [
      [2, 1],
      [1.28, 0.64],
      [10, 10],
      [0.5, 2],
    ]) {
      const probabilities = new Float32Array(2 * 20);
      const many = new Windows({ network: 'n', classes: ['N', 'A'], window, hop, start: 0, probabilities });
      for (let w = 0; w < many.count; w++) {
        const [start, end] = many.shownAt(w);
        for (const part of [0.01, 0.5, 0.99]) assert.equal(many.at(start + part * (end - start)), w);
      }
    }
  });

  it('the winner is the most probable class', () => {
    assert.deepEqual(
      [0, 1, 2].map((w) => windows.winner(w)),
      [0, 1, 1],
    );
  });
});

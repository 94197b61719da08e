import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, beforeEach, describe, it } from 'node:test';
import { probabilities } from '../../../src/quantization/integer-network.ts';
import { samplingClock } from '../../../src/firmware/emit-board.ts';
import {
  decodeHello,
  decodeResult,
  decodeSamples,
  decodeStatus,
  encodeFrame,
  FrameReader,
  frameTypes,
  type Frame,
} from '../../../src/firmware/frames.ts';
import { FrontEnd } from '../../../src/quantization/front-end.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';
import { smallFrontEnd as frontEnd, smallInteger } from '../projects.ts';
import { compileBoard, ModelledBoard } from './board.ts';

const blockSamples = 64;

/** Something like an ECG in ADC counts. */
const ecg = (n: number): number =>
  Math.round(300 * Math.sin(n / 90) + (n % 400 < 12 ? 900 - 75 * (n % 400) : 0) + ((n * 7919) % 41));

const folder = temporaryFolder();
let file = '';
let board: ModelledBoard;
before(() => {
  file = compileBoard(smallInteger, frontEnd, path.join(folder, 'project'));
});
beforeEach(async () => {
  board = await ModelledBoard.create(file);
  board.chip.input = ecg;
});

/** Run so many blocks, the main loop after each. */
function run(blocks: number): void {
  for (let i = 0; i < blocks; i++) {
    board.chip.tick(blockSamples);
    board.poll();
  }
}

function frames(): Frame[] {
  const reader = new FrameReader();
  const all = reader.push(Uint8Array.from(board.chip.sent));
  assert.equal(reader.damaged, 0);
  return all;
}
const of = (type: number): Buffer[] =>
  frames()
    .filter((f) => f.type === type)
    .map(({ payload }) => payload);

/** What the host computes of the same ADC samples: logits of each window. */
async function expected(samples: Int16Array): Promise<Int16Array[]> {
  const filtered = (await FrontEnd.create(frontEnd)).push(samples);
  const { window, hop } = smallInteger;
  const runtime = await IntegerRuntime.create(smallInteger);
  const logits: Int16Array[] = [];
  for (let at = 0; at + window <= filtered.length; at += hop) {
    logits.push(runtime.runWindow(filtered.subarray(at, at + window)).logits);
  }
  return logits;
}

describe('the start of the application', () => {
  it('sets up clock, ADC, timer and PPI in the order that the chip asks for', () => {
    board.start();
    const { writes } = board.chip;
    const at = (name: string): number => {
      const index = writes.findIndex((write) => write.name === name);
      assert.ok(index >= 0, `${name} was never written`);
      return index;
    };
    const order = [
      'hfclkStart',
      'adcConfig',
      'saadcEnable',
      'calibrate',
      'timerCompare',
      'ppiEnable',
      'resultPointer',
      'saadcStart',
      'timerStart',
    ];
    assert.deepEqual(
      [...order].sort((a, b) => at(a) - at(b)),
      order,
    );
    assert.equal(board.chip.value('timerCompare'), samplingClock(frontEnd.adcRate).ticks);
    assert.equal(board.chip.value('timerShorts'), 1, 'the timer clears itself at its compare value');
    assert.equal(board.chip.value('resolution'), 3, '14 bits');
    assert.equal(board.chip.value('resultCount'), blockSamples);
    const channels = [0, 1].map((n) => [
      board.chip.read(0x4001f510 + 8 * n),
      board.chip.read(0x4001f514 + 8 * n),
    ]);
    assert.deepEqual(channels, [
      [0x40009140, 0x40007004], // TIMER1 COMPARE[0] to SAADC SAMPLE
      [0x40007104, 0x40007000], // SAADC END to SAADC START
    ]);
  });

  it('starts the watchdog configured, and only feeds one that runs already', async () => {
    board.start();
    const names = board.chip.writes.map(({ name }) => name).filter((name) => name.startsWith('wdt'));
    assert.deepEqual(names, ['wdtConfig', 'wdtReload', 'wdtEnable', 'wdtStart', 'wdtFeed']);
    assert.equal(board.chip.value('wdtReload'), 4 * 32768 - 1);
    const again = await ModelledBoard.create(file);
    again.chip.set('wdtRunning', 1);
    again.start();
    assert.deepEqual(
      again.chip.writes.map(({ name }) => name).filter((name) => name.startsWith('wdt')),
      ['wdtFeed'],
    );
  });

  it('says hello: what network, what rate exactly, and why it was reset', () => {
    board.chip.set('resetReason', 2);
    board.start();
    board.poll();
    const hello = decodeHello(of(frameTypes.hello)[0]);
    assert.ok(hello?.adcRate);
    assert.equal(hello.hash, smallInteger.hash);
    assert.equal(hello.adcRate, samplingClock(frontEnd.adcRate).rate);
    assert.ok(Math.abs(hello.adcRate / frontEnd.adcRate - 1) < 20e-6);
    assert.deepEqual(
      [hello.window, hello.hop, hello.classes, hello.decimation],
      [64, smallInteger.hop, 4, 4],
    );
    assert.equal(hello.resetCause, 2);
  });
});

describe('sampling', () => {
  it('goes through three buffers without losing or repeating a sample', () => {
    board.start();
    run(40);
    const { blocks } = board.chip;
    assert.equal(new Set(blocks).size, 3);
    for (const [i, address] of blocks.entries()) assert.equal(address, blocks[i % 3]);
    const sent = of(frameTypes.samples).map(decodeSamples);
    const samples = sent.flatMap(({ samples: part }) => [...part]);
    assert.deepEqual(
      samples,
      Array.from({ length: 40 * blockSamples }, (_, n) => ecg(n)),
    );
    let next = 0;
    for (const { index, samples: part } of sent) {
      assert.equal(index, next);
      next += part.length;
    }
  });

  it('loses nothing where the main loop is late by a block, and where both events of the SAADC wait', () => {
    board.start();
    for (let i = 0; i < 10; i++) {
      board.chip.tick(2 * blockSamples - 5);
      board.chip.tick(5, { hold: true });
      board.chip.serve();
      board.poll();
      board.poll();
    }
    assert.deepEqual(of(frameTypes.status), []);
    assert.equal(
      of(frameTypes.samples)
        .map(decodeSamples)
        .reduce((n, f) => n + f.samples.length, 0),
      20 * blockSamples,
    );
  });

  it('says how many blocks were lost where the main loop came too late', () => {
    board.start();
    board.chip.tick(6 * blockSamples);
    board.poll();
    board.poll();
    board.poll();
    const status = of(frameTypes.status).map(decodeStatus);
    assert.equal(status.at(-1)?.lostBlocks, 4);
    const kept = of(frameTypes.samples)
      .map(decodeSamples)
      .flatMap(({ samples }) => [...samples]);
    assert.deepEqual(
      kept,
      Array.from({ length: 2 * blockSamples }, (_, n) => ecg(4 * blockSamples + n)),
    );
  });

  it('wakes the main loop for a whole block only', () => {
    board.start();
    board.poll();
    board.chip.tick(blockSamples - 1);
    assert.equal(board.pending, false);
    board.chip.tick(1);
    assert.equal(board.pending, true);
    board.poll();
    assert.equal(board.pending, false);
  });
});

describe('the results of the application', () => {
  it('are those of the host, bit for bit, from the ADC', async () => {
    board.start();
    run(60);
    const results = of(frameTypes.result).map(decodeResult);
    const wanted = await expected(Int16Array.from({ length: 60 * blockSamples }, (_, n) => ecg(n)));
    assert.ok(wanted.length >= 10);
    assert.deepEqual(
      results.map(({ logits }) => logits),
      wanted,
    );
    for (const [i, result] of results.entries()) {
      assert.equal(result.window, i);
      assert.equal(result.lastSample, smallInteger.window + i * smallInteger.hop - 1);
      const exact = probabilities(smallInteger, result.logits);
      for (const [c, p] of exact.entries()) assert.ok(Math.abs(p - result.probabilities[c]) < 1 / 2000);
      assert.equal(result.classIndex, result.logits.indexOf(Math.max(...result.logits)));
    }
    assert.ok(new Set(results.map(({ logits }) => logits.join())).size > 5, 'windows differ');
  });

  it('are the same of samples that a host replays, and the ADC is not listened to meanwhile', async () => {
    board.start();
    run(3);
    const samples = Int16Array.from({ length: 2000 }, (_, n) => ecg(3 * n + 50));
    const before = frames().length;
    const say = (type: number, payload: Uint8Array = new Uint8Array()): void => {
      for (const byte of encodeFrame(type, 0, payload)) board.chip.receive(byte);
      board.poll();
    };
    say(frameTypes.start);
    for (let at = 0; at < samples.length; at += 90) {
      board.chip.tick(7);
      say(frameTypes.replay, new Uint8Array(samples.slice(at, at + 90).buffer));
    }
    const after = frames().slice(before);
    const results = after
      .filter(({ type }) => type === frameTypes.result)
      .map(({ payload }) => decodeResult(payload));
    assert.deepEqual(
      results.map(({ logits }) => logits),
      await expected(samples),
    );
    const taken = after
      .filter(({ type }) => type === frameTypes.taken)
      .map(({ payload }) => payload.readUInt32LE(0));
    assert.equal(taken.at(-1), samples.length);
    say(frameTypes.live);
    const live = frames().length;
    run(2);
    assert.ok(
      frames()
        .slice(live)
        .some(({ type }) => type === frameTypes.samples),
      'the ADC is listened to again',
    );
  });
});

describe('the serial line', () => {
  it('counts damaged frames, finds the next one, and survives a framing error', () => {
    board.start();
    const ask = encodeFrame(frameTypes.ask, 0, new Uint8Array());
    const damaged = Buffer.from(encodeFrame(frameTypes.replay, 0, Buffer.alloc(20, 1)));
    damaged[12] ^= 1;
    for (const byte of [0xec, ...damaged, 0xec, 0x67, 0xff, 0xff, 0xff, 0xff, ...ask])
      board.chip.receive(byte);
    board.chip.disturb();
    assert.equal(board.chip.value('errorSource'), 0);
    for (const byte of ask) board.chip.receive(byte);
    board.poll();
    assert.ok(decodeStatus(of(frameTypes.status).at(-1)!).damagedFrames >= 2);
    assert.equal(of(frameTypes.hello).length, 3, 'at the start, and twice as asked');
  });

  it('drops whole frames where it cannot keep up, never parts, and a receiver can count them', () => {
    board.start();
    // Nothing is sent meanwhile: the ring fills.
    const poll = board.chip.transmit.bind(board.chip);
    board.chip.transmit = () => {};
    run(20);
    board.chip.transmit = poll;
    board.chip.transmit();
    run(4);
    const all = frames();
    const gaps = all.slice(1).map(({ sequence }, i) => (sequence - all[i].sequence - 1) & 0xff);
    assert.ok(gaps.some((gap) => gap > 0));
    assert.ok(all.length >= 4);
  });
});

describe('RTT', () => {
  it('has a control block that a probe finds by its name, and the same frames in its ring', () => {
    board.start();
    board.poll();
    const { memory } = board;
    const at = memory.indexOf('SEGGER RTT\0\0\0\0\0\0', 0, 'latin1');
    assert.ok(at > 0);
    assert.equal(memory.indexOf('SEGGER RTT', at + 1, 'latin1'), -1, 'there is one');
    assert.equal(memory.readInt32LE(at + 16), 1);
    const [ring, size, write] = [28, 32, 36].map((offset) => memory.readUInt32LE(at + offset));
    assert.equal(size, 1024);
    assert.deepEqual([...memory.subarray(ring, ring + write)], board.chip.sent);
  });
});

describe('the watchdog', () => {
  it('is fed once a round of the main loop, never by an interrupt', () => {
    board.start();
    const { feeds } = board.chip;
    board.chip.tick(3 * blockSamples);
    assert.equal(board.chip.feeds, feeds);
    board.poll();
    assert.equal(board.chip.feeds, feeds + 1);
  });
});

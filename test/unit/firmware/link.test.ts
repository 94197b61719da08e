import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeFrame, frameTypes, frameVersion, largestPayload } from '../../../src/firmware/frames.ts';
import { AnswerReader, filterRequests, LinkError, windowRequest } from '../../../src/firmware/link.ts';

const shape = { blocks: 2, logits: 3, states: 2 };
const hash = 'ab'.repeat(32);

interface Sent {
  type: number;
  payload: Buffer;
}

function hello({ version = frameVersion, blocks = 2, classes = 3 } = {}): Sent {
  const payload = Buffer.alloc(60);
  payload[0] = version;
  payload[1] = classes;
  payload.writeUInt16LE(blocks, 2);
  payload.writeUInt32LE(64_000_000, 20);
  payload.write(hash, 28, 'hex');
  return { type: frameTypes.hello, payload };
}

/** A payload of little-endian words, each with its bytes, and of bytes behind them. */
function frame(
  type: number,
  words: readonly (readonly [bytes: 2 | 4, value: number])[],
  bytes: number[],
): Sent {
  const head = Buffer.alloc(words.reduce((sum, [size]) => sum + size, 0));
  words.reduce((at, [size, value]) => head.writeUIntLE(value, at, size), 0);
  return { type, payload: Buffer.concat([head, Uint8Array.from(bytes)]) };
}

/** What a device answers to a window: outputs of 3 bytes in two frames, and of 1 byte. */
function windowAnswer(index: number): Sent[] {
  const output = (block: number, at: number, bytes: number[]) =>
    frame(frameTypes.output, [[2, block], [2, 0], [4, at]], bytes); // prettier-ignore
  return [
    output(0, 0, [1, 2]),
    output(0, 2, [3]),
    output(1, 0, [255]),
    frame(frameTypes.state, [[4, index], [4, 0]], [1, 0, 255, 255]), // prettier-ignore
    frame(frameTypes.cost, [[4, index], [4, 1000], [4, 96], [2, 0], [2, 0], [4, 700], [4, 300]], []), // prettier-ignore
    frame(frameTypes.logits, [[4, index]], [5, 0, 0xfe, 0xff, 0, 0x80]),
  ];
}

/** The frames as a device sends them, numbered; those of `lost` did not arrive. */
function line(sent: readonly Sent[], lost: readonly number[] = []): Buffer {
  const frames = sent.map(({ type, payload }, i) => encodeFrame(type, 250 + i, payload));
  return Buffer.concat(frames.filter((_, i) => !lost.includes(i)));
}

function read(bytes: Buffer, { outputs = true } = {}) {
  const reader = new AnswerReader(shape);
  reader.restart(outputs);
  return reader.push(bytes);
}

describe('answers of a device', () => {
  it('are taken whole, however the bytes come', () => {
    const bytes = line([hello(), ...windowAnswer(0), ...windowAnswer(1)]);
    const reader = new AnswerReader(shape);
    reader.restart(true);
    const answers = [...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['hello', 'window', 'window'],
    );
    const [greeting, window] = answers;
    assert.ok(greeting.kind === 'hello' && window.kind === 'window');
    assert.equal(greeting.hello.hash, hash);
    assert.deepEqual(window.window, {
      ticks: 1000,
      stackBytes: 96,
      logits: Int16Array.of(5, -2, -32768),
      state: Int16Array.of(1, -1),
      blocks: [
        { cost: 700, output: Buffer.of(1, 2, 3) },
        { cost: 300, output: Buffer.of(255) },
      ],
    });
  });

  it('before the greeting, and frames of the application between them, are left out', () => {
    const samples = frame(frameTypes.samples, [[4, 0]], [1, 0]);
    const noise = Buffer.of(0xec, 0x67, 9, 9, 255, 255, 1, 2);
    const sent = [...windowAnswer(7), hello(), samples, ...windowAnswer(0), samples];
    assert.deepEqual(
      read(Buffer.concat([noise, line(sent)])).map(({ kind }) => kind),
      ['hello', 'window'],
    );
  });

  it('that lack a part are refused, whichever part it is', () => {
    const whole = [hello(), ...windowAnswer(0), ...windowAnswer(1)];
    for (let gone = 1; gone < whole.length - 1; gone++) {
      assert.throws(() => read(line(whole, [gone])), LinkError, `without frame ${gone}`);
    }
    // A device that never sent it.
    for (const gone of [1, 4, 5]) {
      const parts = windowAnswer(0).filter((_, i) => i !== gone - 1);
      assert.throws(() => read(line([hello(), ...parts])), /a part of it is missing/);
    }
    assert.throws(() => read(line([hello(), ...windowAnswer(0)]), { outputs: false }), LinkError);
    assert.throws(() => read(line([hello(), ...windowAnswer(0), ...windowAnswer(0)])), LinkError);
  });

  it('that are damaged are refused, wherever they are', () => {
    const bytes = line([hello(), ...windowAnswer(0)]);
    for (let at = line([hello()]).length; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= 0x10;
      let answers: ReturnType<typeof read> = [];
      try {
        answers = read(damaged);
      } catch (error) {
        assert.ok(error instanceof LinkError);
      }
      assert.ok(!answers.some(({ kind }) => kind === 'window'), `byte ${at}`);
    }
  });

  it('of another version, another network, or that refuse say so', () => {
    assert.throws(() => read(line([hello({ version: 1 })])), /speaks version 1 of the link/);
    assert.throws(() => read(line([hello({ blocks: 5 })])), /its network has 5 layers and 3 classes/);
    const refused = (type: number) => frame(frameTypes.refused, [], [type]);
    assert.throws(() => read(line([hello(), refused(frameTypes.filter)])), /has no front end/);
    assert.throws(() => read(line([hello(), refused(frameTypes.window)])), /windows of another size/);
  });
});

describe('requests to a device', () => {
  it('cut windows and ADC samples into frames that it has room for', () => {
    const request = windowRequest(new Int8Array(500), true);
    const lengths: number[] = [];
    for (let at = 0; at < request.length; at += lengths[lengths.length - 1] + 10) {
      lengths.push(request.readUInt16LE(at + 4));
    }
    assert.ok(lengths.every((length) => length <= largestPayload));
    assert.equal(lengths.reduce((sum, length) => sum + length - 4, 0), 500); // prettier-ignore
    const requests = filterRequests(new Int16Array(200));
    assert.deepEqual(
      requests.map((bytes) => (bytes.length - 10) / 2),
      [96, 96, 8],
    );
  });
});

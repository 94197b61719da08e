import type { DeviceBlock } from './device.ts';
import {
  decodeHello,
  encodeFrame,
  FrameReader,
  frameTypes,
  largestPayload,
  type Frame,
  type HelloFrame,
} from './frames.ts';

/** The host's end of the link, `link/link.h`: what it asks a device, and what the answers are. */

/** The device's answers are not what was expected; the message says in which way. */
export class LinkError extends Error {}

/** What the answers must have. */
export interface LinkShape {
  blocks: number;
  logits: number;
  /** int16 values of the recurrent state. */
  states: number;
}

const windowHead = 4;
const samplesAFrame = largestPayload - windowHead;
const adcSamplesAFrame = largestPayload / 2;

/** Frames that ask for one window. `outputs`: with every block's output. */
export function windowRequest(window: Int8Array, outputs: boolean): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < window.length; at += samplesAFrame) {
    const part = window.subarray(at, at + samplesAFrame);
    const payload = Buffer.alloc(windowHead + part.length);
    payload[0] = outputs ? 1 : 0;
    payload.writeUInt16LE(at, 2);
    payload.set(new Uint8Array(part.buffer, part.byteOffset, part.length), windowHead);
    frames.push(encodeFrame(frameTypes.window, frames.length, payload));
  }
  return Buffer.concat(frames);
}

/** Frames that ask for the front end's output of ADC samples; each is answered. */
export function filterRequests(samples: Int16Array): Buffer[] {
  return Array.from({ length: Math.ceil(samples.length / adcSamplesAFrame) }, (_, i) => {
    const part = samples.subarray(i * adcSamplesAFrame, (i + 1) * adcSamplesAFrame);
    const payload = Buffer.alloc(2 * part.length);
    part.forEach((sample, n) => payload.writeInt16LE(sample, 2 * n));
    return encodeFrame(frameTypes.filter, i, payload);
  });
}

export function startRequest(): Buffer {
  return encodeFrame(frameTypes.start, 0, new Uint8Array());
}

export interface WindowAnswer {
  logits: Int16Array;
  state: Int16Array;
  ticks: number;
  stackBytes: number;
  /** Costs in ticks; empty where outputs were not asked for. */
  blocks: DeviceBlock[];
}

export type Answer =
  | { kind: 'hello'; hello: HelloFrame }
  | { kind: 'window'; window: WindowAnswer }
  | { kind: 'filtered'; outputs: Int8Array; mostTicks: number };

/** Takes bytes as they come and gives whole answers. What comes before the first HELLO is of another conversation. */
export class AnswerReader {
  readonly #frames = new FrameReader();
  readonly #shape: LinkShape;
  #outputs = false;
  #greeted = false;
  #damagedBefore = 0;
  #sequence = 0;
  #window!: PartialWindow;
  #windows = 0;

  constructor(shape: LinkShape) {
    this.#shape = shape;
    this.#begin();
  }

  /** Whether the windows asked for from here on have outputs; a conversation begins anew. */
  restart(outputs: boolean): void {
    this.#outputs = outputs;
    this.#greeted = false;
  }

  /** Throws a LinkError where an answer is damaged, not whole, or not one to what was asked. */
  push(bytes: Uint8Array): Answer[] {
    const answers: Answer[] = [];
    for (const frame of this.#frames.push(bytes)) {
      const answer = this.#take(frame);
      if (answer) answers.push(answer);
    }
    if (this.#greeted && this.#frames.damaged > this.#damagedBefore) throw new LinkError('it is damaged');
    return answers;
  }

  #take({ type, payload, sequence }: Frame): Answer | undefined {
    // From the greeting on the device sends nothing that it would rather drop than wait.
    const lost = (sequence - this.#sequence - 1) & 0xff;
    this.#sequence = sequence;
    if (this.#greeted && lost > 0) throw new LinkError(`${lost} frames of it were lost`);
    if (type === frameTypes.hello) return this.#hello(payload);
    if (!this.#greeted) return undefined;
    switch (type) {
      case frameTypes.output:
        this.#output(payload);
        return undefined;
      case frameTypes.state:
        this.#window.state = append(this.#window.state, payload.readUInt32LE(4), payload.subarray(8));
        return undefined;
      case frameTypes.cost:
        this.#cost(payload);
        return undefined;
      case frameTypes.logits:
        return this.#logits(payload);
      case frameTypes.filtered:
        return {
          kind: 'filtered',
          outputs: Int8Array.from(payload.subarray(4), (value) => (value << 24) >> 24),
          mostTicks: payload.readUInt32LE(0),
        };
      case frameTypes.refused:
        throw new LinkError(
          payload[0] === frameTypes.filter
            ? 'the firmware has no front end'
            : 'the firmware takes windows of another size',
        );
      default:
        // Samples, results and status of the application.
        return undefined;
    }
  }

  #hello(payload: Buffer): Answer {
    const hello = decodeHello(payload);
    if (!hello) throw new LinkError(`it speaks version ${payload[0]} of the link`);
    const { blocks, logits } = this.#shape;
    if (hello.blocks !== blocks || hello.classes !== logits) {
      throw new LinkError(`its network has ${hello.blocks} layers and ${hello.classes} classes`);
    }
    if (!this.#greeted) this.#damagedBefore = this.#frames.damaged;
    this.#greeted = true;
    this.#windows = 0;
    this.#begin();
    return { kind: 'hello', hello };
  }

  #begin(): void {
    this.#window = {
      outputs: Array.from({ length: this.#shape.blocks }, () => empty),
      ticks: [],
      state: empty,
      cost: undefined,
    };
  }

  #output(payload: Buffer): void {
    const block = payload.readUInt16LE(0);
    const { outputs } = this.#window;
    if (block >= outputs.length) throw new LinkError(`it has an output of layer ${block}`);
    outputs[block] = append(outputs[block], payload.readUInt32LE(4), payload.subarray(8));
  }

  #cost(payload: Buffer): void {
    const { ticks } = this.#window;
    if (payload.readUInt16LE(12) !== ticks.length) throw new LinkError('a part of it is missing');
    for (let at = 16; at + 4 <= payload.length; at += 4) ticks.push(payload.readUInt32LE(at));
    this.#window.cost = { ticks: payload.readUInt32LE(4), stackBytes: payload.readUInt32LE(8) };
  }

  #logits(payload: Buffer): Answer {
    const { state, cost, ticks, outputs } = this.#window;
    const { states, logits, blocks } = this.#shape;
    const whole =
      cost !== undefined &&
      state.length === 2 * states &&
      payload.length === 4 + 2 * logits &&
      payload.readUInt32LE(0) === this.#windows &&
      ticks.length === (this.#outputs ? blocks : 0) &&
      (!this.#outputs || outputs.every((output) => output.length > 0));
    if (!whole) throw new LinkError('a part of it is missing');
    this.#windows++;
    this.#begin();
    return {
      kind: 'window',
      window: {
        ...cost,
        logits: int16(payload.subarray(4)),
        state: int16(state),
        blocks: this.#outputs ? outputs.map((output, i) => ({ cost: ticks[i], output })) : [],
      },
    };
  }
}

interface PartialWindow {
  outputs: Buffer[];
  ticks: number[];
  state: Buffer;
  cost: { ticks: number; stackBytes: number } | undefined;
}

const empty = Buffer.alloc(0);

function append(before: Buffer, at: number, bytes: Buffer): Buffer {
  if (at !== before.length) throw new LinkError('a part of it is missing');
  return Buffer.concat([before, bytes]);
}

function int16(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
}

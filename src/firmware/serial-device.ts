import type { Duplex } from 'node:stream';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import type { Device, DeviceFilter, DeviceWindow } from './device.ts';
import { encodeFrame, frameTypes, largestFrame } from './frames.ts';
import {
  AnswerReader,
  filterRequests,
  LinkError,
  startRequest,
  windowRequest,
  type Answer,
  type LinkShape,
} from './link.ts';
import { openSerialPort } from './serial-port.ts';

/** A record is begun again where the line damages or loses something, so many times at most. */
const mostAttempts = 3;

/** The device answers within this, milliseconds; any bytes that come count. */
export interface SerialTimeouts {
  hello: number;
  silence: number;
}
const usualTimeouts: SerialTimeouts = { hello: 1500, silence: 10_000 };

/** START behind so many zeros that a frame which was cut on its way ends with them. */
const greeting = Buffer.concat([Buffer.alloc(largestFrame), startRequest()]);

/** The line gave nothing for too long. */
class SilenceError extends Error {}

/** A board that runs the application, behind a serial port. Costs are CPU cycles, measured by its own counter. */
export class SerialDevice implements Device {
  readonly unit = 'cycles';
  readonly name: string;
  hash = '';
  ticksPerSecond = 0;
  readonly #port: Duplex;
  readonly #reader: AnswerReader;
  readonly #timeouts: SerialTimeouts;
  /** Answers that nobody has asked for yet, and who waits for the next one. */
  #answers: Answer[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};
  #heard = 0;

  private constructor(port: Duplex, name: string, shape: LinkShape, timeouts: SerialTimeouts) {
    this.#port = port;
    this.name = name;
    this.#reader = new AnswerReader(shape);
    this.#timeouts = timeouts;
    port.on('data', (bytes: Buffer) => this.#take(bytes));
    for (const event of ['error', 'close'] as const) {
      port.on(event, () => this.#fail(new UserError(`${name} was unplugged or its port was closed`)));
    }
  }

  /** Open a serial port and greet the board behind it. Throws a UserError where either does not answer. */
  static async open(
    path: string,
    baud: number,
    shape: LinkShape,
    context: JobContext,
  ): Promise<SerialDevice> {
    const port = await openSerialPort(path, baud);
    return await SerialDevice.over(port, `the board at ${path}`, shape, context);
  }

  /** The same over any stream of bytes, which it takes over. */
  static async over(
    port: Duplex,
    name: string,
    shape: LinkShape,
    context: JobContext,
    timeouts = usualTimeouts,
  ): Promise<SerialDevice> {
    const device = new SerialDevice(port, name, shape, timeouts);
    try {
      await device.#greet(false, context);
    } catch (error) {
      port.destroy();
      throw error;
    }
    return device;
  }

  async runWindows(
    records: readonly (readonly Int8Array[])[],
    outputs: boolean,
    onWindow: (window: DeviceWindow, record: number, index: number) => void,
    context: JobContext,
  ): Promise<void> {
    const total = records.reduce((sum, record) => sum + record.length, 0);
    let done = 0;
    for (const [record, windows] of records.entries()) {
      let given = 0;
      await this.#attempt(outputs, context, async () => {
        // The windows before have run, and were given, in the attempt before: they only bring the state back.
        for (const [index, samples] of windows.entries()) {
          const answer = await this.#ask(windowRequest(samples, outputs), 'window', context);
          if (index < given) continue;
          given++;
          const { ticks, ...window } = answer.window;
          onWindow({ ...window, cost: ticks }, record, index);
          context.progress({ stage: 'running on the board', done: ++done, total, unit: 'windows' });
        }
      });
    }
  }

  async filter(records: readonly Int16Array[], context: JobContext): Promise<DeviceFilter> {
    const total = records.reduce((sum, { length }) => sum + length, 0);
    let before = 0;
    let costPerOutput = 0;
    const outputs: Int8Array[] = [];
    for (const record of records) {
      const requests = filterRequests(record);
      const parts = await this.#attempt(false, context, async () => {
        const answers: number[] = [];
        for (const [i, request] of requests.entries()) {
          const answer = await this.#ask(request, 'filtered', context);
          answers.push(...answer.outputs);
          costPerOutput = Math.max(costPerOutput, answer.mostTicks);
          const done = before + Math.round((record.length * (i + 1)) / requests.length);
          context.progress({ stage: 'filtering on the board', done, total, unit: 'samples' });
        }
        return answers;
      });
      before += record.length;
      outputs.push(Int8Array.from(parts));
    }
    return { outputs, costPerOutput };
  }

  /** Let the board listen to its ADC again and close the port. */
  async close(): Promise<void> {
    if (this.#port.destroyed) return;
    this.#port.removeAllListeners('close');
    await new Promise<void>((resolve) => {
      this.#port.end(encodeFrame(frameTypes.live, 0, new Uint8Array()), () => resolve());
    });
    this.#port.destroy();
  }

  /** Clear the board's state, then do `work`; both again where the line fails. */
  async #attempt<T>(outputs: boolean, context: JobContext, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#greet(outputs, context);
        return await work();
      } catch (error) {
        if (!(error instanceof LinkError || error instanceof SilenceError)) throw error;
        context.log(`${this.name}: ${error.message}, attempt ${attempt} of ${mostAttempts}`);
        if (attempt < mostAttempts) continue;
        throw new UserError(
          `the line to ${this.name} is not good: ${error.message}`,
          {},
          'Use a shorter cable or a lower `uart.baud` in the board file, and flash again.',
        );
      }
    }
  }

  /** START, until HELLO comes: the board may be starting, or in the middle of something. */
  async #greet(outputs: boolean, context: JobContext): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#answers = [];
      this.#failure = this.#failure instanceof UserError ? this.#failure : undefined;
      this.#reader.restart(outputs);
      try {
        const { hello } = await this.#ask(greeting, 'hello', context, this.#timeouts.hello);
        this.hash = hello.hash;
        this.ticksPerSecond = hello.ticksPerSecond;
        return;
      } catch (error) {
        if (!(error instanceof SilenceError || error instanceof LinkError)) throw error;
        if (attempt < mostAttempts) continue;
        throw new UserError(
          error instanceof LinkError
            ? `${this.name} does not run this network's firmware: ${error.message}`
            : `${this.name} does not answer`,
          {},
          'Flash the application (`ecg firmware flash RUN`), and compare pins and baud rate of the board file with the board.',
        );
      }
    }
  }

  async #ask<K extends Answer['kind']>(
    request: Uint8Array,
    kind: K,
    context: JobContext,
    timeoutMs = this.#timeouts.silence,
  ): Promise<Extract<Answer, { kind: K }>> {
    this.#port.write(request);
    for (let heard = -1; ;) {
      if (this.#failure) throw this.#failure;
      context.cancellation.throwIfRequested();
      const answer = this.#answers.shift();
      if (answer?.kind === kind) return answer as Extract<Answer, { kind: K }>;
      if (answer) continue;
      // Of an ADC there is always something to hear, but no greeting.
      if (heard === this.#heard || (kind === 'hello' && heard >= 0))
        throw new SilenceError(`no answer for ${timeoutMs / 1000} s`);
      heard = this.#heard;
      await this.#nextAnswer(timeoutMs, context);
    }
  }

  /** Until an answer or a failure is there, the job is cancelled, or the time is over. */
  #nextAnswer(timeoutMs: number, context: JobContext): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, timeoutMs);
      const watch = setInterval(() => {
        if (context.cancellation.requested) done();
      }, 100);
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        clearInterval(watch);
        resolve();
      }
    });
  }

  #take(bytes: Buffer): void {
    this.#heard += bytes.length;
    try {
      const answers = this.#reader.push(bytes);
      this.#answers.push(...answers);
      if (answers.length > 0) this.#wake();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}

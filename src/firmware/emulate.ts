import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import type { Device, DeviceFilter, DeviceWindow } from './device.ts';
import { encodeFrame } from './frames.ts';
import { imageNetwork, type ImageNetwork } from './image.ts';
import { AnswerReader, filterRequests, LinkError, startRequest, windowRequest, type Answer } from './link.ts';
import { runTool, type ToolRun } from './run-tool.ts';

/** A window takes well under a second; a run in which none ends for this long hangs. */
const longestWindowMs = 60_000;

/** One instruction in 64 ns (-icount shift=6), one tick of the timer in 40 ns. */
const instructionsPerTick = 40 / 64;

function instructionsOf(ticks: number): number {
  return Math.round(ticks * instructionsPerTick);
}

/** Frames that only the emulator knows, `emulator/main.c`: stores that the memory guards must turn into faults. */
export const guardProbes = { storeToFlash: 0xf0, storePastRam: 0xf1 } as const;

/** The emulated Cortex-M4F: QEMU's mps2-an386 under the nRF52832's memory limits. */
export class EmulatedDevice implements Device {
  readonly name = 'the emulator';
  readonly unit = 'instructions';
  readonly hash: string;
  readonly #elf: string;
  readonly #network: ImageNetwork;
  readonly #timeoutMs: number;

  /** `timeoutMs`: for tests of a hang. Throws a UserError where the file is no image of the firmware. */
  constructor(elf: string, timeoutMs = longestWindowMs) {
    this.#elf = elf;
    this.#network = imageNetwork(elf);
    this.#timeoutMs = timeoutMs;
    this.hash = this.#network.hash;
  }

  async runWindows(
    records: readonly (readonly Int8Array[])[],
    outputs: boolean,
    onWindow: (window: DeviceWindow, record: number, index: number) => void,
    context: JobContext,
  ): Promise<void> {
    const { samples } = this.#network;
    const total = records.reduce((sum, record) => sum + record.length, 0);
    const wrong = records.flat().find((window) => window.length !== samples);
    if (wrong) throw new Error(`a window has ${samples} samples, not ${wrong.length}`);
    let done = 0;
    let record = -1;
    let index = 0;
    const take = (answer: Answer): void => {
      if (answer.kind === 'hello') {
        record++;
        index = 0;
      } else if (answer.kind === 'window') {
        const { ticks, stackBytes, logits, state, blocks } = answer.window;
        const cost = instructionsOf(ticks);
        const costs = blocks.map((block) => ({ ...block, cost: instructionsOf(block.cost) }));
        onWindow({ logits, state, cost, stackBytes, blocks: costs }, record, index++);
        context.progress({ stage: 'running in the emulator', done: ++done, total, unit: 'windows' });
      }
    };
    await this.#serve(emulatedWindows(records, outputs), outputs, take, context);
    if (done !== total) this.#fail(`it has ${done} windows of ${total}`);
  }

  async filter(records: readonly Int16Array[], context: JobContext): Promise<DeviceFilter> {
    const parts: Int8Array[][] = [];
    let mostTicks = 0;
    const take = (answer: Answer): void => {
      if (answer.kind === 'hello') parts.push([]);
      if (answer.kind !== 'filtered') return;
      parts.at(-1)?.push(answer.outputs);
      mostTicks = Math.max(mostTicks, answer.mostTicks);
      context.progress({
        stage: 'filtering in the emulator',
        done: parts.length,
        total: records.length,
        unit: 'records',
      });
    };
    const requests = records.flatMap((record) => [startRequest(), ...filterRequests(record)]);
    await this.#serve(Buffer.concat(requests), false, take, context);
    return {
      outputs: parts.map((record) => Int8Array.from(record.flatMap((part) => [...part]))),
      costPerOutput: instructionsOf(mostTicks),
    };
  }

  /** Make the firmware store where it must not; throws the UserError that its fault becomes. */
  async probeGuards(probe: keyof typeof guardProbes, context: JobContext): Promise<void> {
    const request = encodeFrame(guardProbes[probe], 0, new Uint8Array());
    await this.#serve(request, false, () => {}, context);
  }

  /** Let the firmware read `requests` to their end, and take its answers while it writes them. */
  async #serve(
    requests: Uint8Array,
    outputs: boolean,
    take: (answer: Answer) => void,
    context: JobContext,
  ): Promise<void> {
    // A folder of its own: the firmware reads and writes files by fixed names.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-emulate-'));
    const answers = new GrowingFile(path.join(folder, emulatorFiles.answers));
    try {
      fs.copyFileSync(this.#elf, path.join(folder, 'image.elf'));
      fs.writeFileSync(path.join(folder, emulatorFiles.requests), requests);
      const reader = new AnswerReader(this.#network);
      reader.restart(outputs);
      let failure: Error | undefined;
      const takeAll = (): void => {
        if (failure) return;
        try {
          for (const bytes of answers.read()) reader.push(bytes).forEach(take);
        } catch (error) {
          failure = error instanceof Error ? error : new Error(String(error));
        }
      };
      const ended = await runTool(
        'qemu-system-arm',
        qemuArguments('image.elf'),
        {
          cwd: folder,
          timeoutMs: this.#timeoutMs,
          activity: () => {
            takeAll();
            return answers.size;
          },
        },
        context,
      );
      failOnBadRun(ended, this.#timeoutMs);
      takeAll();
      if (failure instanceof LinkError) this.#fail(failure.message);
      if (failure) throw failure;
    } finally {
      answers.close();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  #fail(why: string): never {
    throw new UserError(
      `the emulator's answer is not usable: ${why}`,
      { file: this.#elf },
      'Generate and build the firmware again; if it happens again, free disk space for temporary files.',
    );
  }
}

/** In the emulator's working folder. */
export const emulatorFiles = { requests: 'requests.bin', answers: 'answers.bin' } as const;

/** The emulator's requests for these records; each starts with a cleared state. */
export function emulatedWindows(records: readonly (readonly Int8Array[])[], outputs: boolean): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) => [startRequest(), ...record.map((window) => windowRequest(window, outputs))]),
  );
}

export interface EmulationResult {
  windows: DeviceWindow[];
  /** Deepest stack of any window, counted from the call of the network. */
  stackBytes: number;
}

/** Run windows in the emulator and keep what each gives. Throws as `EmulatedDevice` does. */
export async function emulate(
  elf: string,
  records: readonly (readonly Int8Array[])[],
  context: JobContext,
): Promise<EmulationResult> {
  const windows: DeviceWindow[] = [];
  await new EmulatedDevice(elf).runWindows(records, false, (window) => windows.push(window), context);
  const stackBytes = windows.reduce((most, window) => Math.max(most, window.stackBytes), 0);
  return { windows, stackBytes };
}

/** A file that another program is writing. */
class GrowingFile {
  readonly #file: string;
  #handle: number | undefined;
  size = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** What was written since the last time, in pieces. */
  *read(): Generator<Buffer> {
    if (this.#handle === undefined) {
      if (!fs.existsSync(this.#file)) return;
      this.#handle = fs.openSync(this.#file, 'r');
    }
    for (;;) {
      const piece = Buffer.alloc(1 << 16);
      const count = fs.readSync(this.#handle, piece, 0, piece.length, this.size);
      if (count === 0) return;
      this.size += count;
      yield piece.subarray(0, count);
    }
  }

  close(): void {
    if (this.#handle !== undefined) fs.closeSync(this.#handle);
  }
}

function qemuArguments(image: string): string[] {
  return [
    ...['-M', 'mps2-an386', '-nographic', '-monitor', 'none', '-serial', 'none'],
    ...['-semihosting-config', 'enable=on,target=native', '-icount', 'shift=6', '-kernel', image],
  ];
}

function failOnBadRun(run: ToolRun, timeoutMs: number): void {
  if (run.code === 0) return;
  const output = run.output.trim();
  const fault = /ecg-fault.*/.exec(output)?.[0];
  const link = /ecg-link (.*)/.exec(output)?.[1];
  if (fault) {
    throw new UserError(
      `the firmware faulted: ${describeFault(fault)}`,
      {},
      'It tried to write to flash or to reach past its 64 kB of RAM.',
    );
  }
  if (link)
    throw new UserError(`the firmware refused to run: ${link}`, {}, 'Generate and build the firmware again.');
  const last = output ? `: ${output.split('\n').slice(-5).join('\n')}` : '';
  if (run.timedOut)
    throw new UserError(`the emulator hangs: no window ended for ${timeoutMs / 1000} s${last}`);
  throw new UserError(`the emulator ended with ${run.signal ?? `code ${run.code}`}${last}`);
}

/** `cfsr=0x00000082 address=0x20010000 pc=0x...` in words (ARMv7-M Architecture Reference Manual, B3.2.15). */
function describeFault(line: string): string {
  const field = (name: string) => new RegExp(`${name}=(0x[0-9a-f]+)`).exec(line)?.[1];
  const status = Number(field('cfsr') ?? 0);
  const addressIsValid = (status & 0x80) !== 0;
  const at = `at instruction ${field('pc') ?? 'unknown'} (CFSR ${field('cfsr') ?? 'unknown'})`;
  return addressIsValid ? `forbidden access to ${field('address')} ${at}` : at;
}

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describeError, UserError } from '../common/errors.ts';
import { processEntry } from '../common/product.ts';

/** A serial port as the operating system names it. */
export interface SerialPortInfo {
  /** `/dev/ttyACM0`, `COM3`. */
  path: string;
  /** Who made the adapter, as it says itself. */
  manufacturer: string | undefined;
  serialNumber: string | undefined;
}

/** Native code for every platform, so it is loaded where it is needed only. */
export async function serialBinding() {
  const { autoDetect } = await import('@serialport/bindings-cpp');
  return autoDetect();
}

/** All serial ports. Throws a UserError where the system's list cannot be had. */
export async function listSerialPorts(): Promise<SerialPortInfo[]> {
  try {
    const ports = await (await serialBinding()).list();
    return ports.map(({ path, manufacturer, serialNumber }) => ({ path, manufacturer, serialNumber }));
  } catch (error) {
    throw new UserError(
      `the serial ports cannot be listed: ${describeError(error)}`,
      {},
      'On Linux `udevadm` (package udev) lists them; a port can also be named without, such as /dev/ttyACM0.',
    );
  }
}

/**
 * Open a port, 8N1 without flow control. It is served by a process of its own (`serial-process.ts`): the native code reads in
 * the main thread of a process alone, and ends a process where it does so in another. Throws a UserError that says why the
 * port cannot be opened.
 */
export function openSerialPort(path: string, baudRate: number): Promise<Duplex> {
  const entry = processEntry('firmware', 'serial-process');
  const child = spawn(process.execPath, [entry, path, String(baudRate)], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.startsWith(portIsOpen)) resolve(new ServedPort(child));
    });
    child.once('error', (error) => reject(cannotOpen(path, error.message)));
    // After a resolve this is of no effect.
    child.once('close', () =>
      reject(cannotOpen(path, said.trim() || 'the process that serves it has ended')),
    );
  });
}

/** What the serving process writes to stderr when the port is open. */
export const portIsOpen = 'open\n';

/** A port behind the pipes of the process that serves it. Closed when that ends, finished when it has sent all. */
class ServedPort extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    this.#ended = once(child, 'close').then(() => this.destroy());
    child.stdout.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) child.stdout.pause();
    });
    // Its end says the same.
    child.stdin.on('error', () => {});
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end();
    void this.#ended.then(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}

function cannotOpen(path: string, why: string): UserError {
  const [what, advice] = /No such file|cannot find|not found/i.test(why)
    ? ['there is no such port', '`ecg firmware ports` lists the ports; is the board plugged in?']
    : /Permission denied|Access denied/i.test(why)
      ? [
          'it may not be opened',
          'On Linux the user must be in the group `dialout`: sudo usermod -aG dialout $USER, then log in again. On Windows another program may have it open.',
        ]
      : /busy|Cannot lock|Resource temporarily unavailable/i.test(why)
        ? ['another program has it open', 'Close the terminal or monitor that uses it.']
        : [why, 'Unplug the board, plug it in and try again.'];
  return new UserError(`the serial port cannot be opened: ${what}`, { file: path }, advice);
}

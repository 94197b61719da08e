import type { Duplex } from 'node:stream';
import { describeError, UserError } from '../common/errors.ts';

/** A serial port as the operating system names it. */
export interface SerialPortInfo {
  /** `/dev/ttyACM0`, `COM3`. */
  path: string;
  /** Who made the adapter, as it says itself. */
  manufacturer: string | undefined;
  serialNumber: string | undefined;
}

/** Native code for every platform, so it is loaded where it is needed only. */
async function binding() {
  const { autoDetect } = await import('@serialport/bindings-cpp');
  return autoDetect();
}

/** All serial ports. Throws a UserError where the system's list cannot be had. */
export async function listSerialPorts(): Promise<SerialPortInfo[]> {
  try {
    const ports = await (await binding()).list();
    return ports.map(({ path, manufacturer, serialNumber }) => ({ path, manufacturer, serialNumber }));
  } catch (error) {
    throw new UserError(
      `the serial ports cannot be listed: ${describeError(error)}`,
      {},
      'On Linux `udevadm` (package udev) lists them; a port can also be named without, such as /dev/ttyACM0.',
    );
  }
}

/** Open a port, 8N1 without flow control. Throws a UserError that says why it cannot be opened. */
export async function openSerialPort(path: string, baudRate: number): Promise<Duplex> {
  const { SerialPortStream } = await import('@serialport/stream');
  const port = new SerialPortStream({ binding: await binding(), path, baudRate, autoOpen: false });
  return await new Promise((resolve, reject) => {
    port.open((error) => {
      if (error) reject(cannotOpen(path, error.message));
      else resolve(port);
    });
  });
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

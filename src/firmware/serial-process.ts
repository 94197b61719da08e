// node serial-process.js PATH BAUD: the bytes of a serial port on standard input and output, until the input ends.
import { SerialPortStream } from '@serialport/stream';
import { portIsOpen, serialBinding } from './serial-port.ts';

/** What was written last may be on its way still when the input ends. */
const longestDrainMs = 2000;

const [path, baud] = process.argv.slice(2);
const binding = await serialBinding();
const port = new SerialPortStream({ binding, path, baudRate: Number(baud), autoOpen: false });

port.open((error) => {
  if (error) end(error);
  port.on('error', end);
  port.on('close', () => end());
  port.pipe(process.stdout);
  process.stdin.pipe(port, { end: false });
  process.stdin.once('end', () => {
    setTimeout(end, longestDrainMs);
    port.drain(() => port.close());
  });
  process.stderr.write(portIsOpen);
});

function end(error?: Error): never {
  if (error) process.stderr.write(error.message);
  process.exit(error ? 1 : 0);
}

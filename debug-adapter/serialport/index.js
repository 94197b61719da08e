// Stands in for npm's `serialport` beside the debug adapter. The adapter loads it at its start and uses it only where a
// launch configuration names a serial port, which ECG Studio's never do; so no native code has to be shipped for it.
exports.SerialPort = class {
  constructor() {
    throw new Error('ECG Studio ships the debug adapter without serial ports');
  }
};
exports.ReadlineParser = class {};

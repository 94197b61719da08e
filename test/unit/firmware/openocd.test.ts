import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openOcdArguments, parseOpenOcd, programCommands } from '../../../src/firmware/openocd.ts';
import { probeError } from '../../../src/firmware/probe-error.ts';

it('every command is one argument, in order, with the target script after the adapter', () => {
  const pieces = [
    { file: 'piece0.bin', address: 0, bytes: 16384 },
    { file: 'piece1.bin', address: 16384, bytes: 100 },
  ];
  const commands = programCommands({ pieces, part: 0x52832, eraseAll: false });
  const args = openOcdArguments(['adapter driver x; y $z'], commands);
  assert.ok(args.every((arg, i) => (i % 2 === 0) === (arg === '-c')));
  const given = args.filter((_, i) => i % 2 === 1);
  assert.deepEqual(given.slice(1, 3), ['adapter driver x; y $z', 'source [find target/nrf52.cfg]']);
  assert.ok(!given.includes('nrf52_recover'), 'nothing is erased that nobody asked for');
  const partAt = given.findIndex((command) => command.includes('shutdown error'));
  assert.ok(partAt > 0 && partAt < given.findIndex((command) => command.startsWith('flash write_image')));
  assert.ok(given.some((command) => command.startsWith('flash write_image erase piece1.bin 0x4000 bin')));
});

it('names of probes', () => {
  const nameOf = (output: string) => parseOpenOcd(output).probeName;
  assert.equal(nameOf('Info : STLINK V2J37S7 (API v2) VID:PID 0483:3748'), 'ST-Link V2J37S7');
  assert.equal(
    nameOf('Info : J-Link OB-SAM3U128-V2-NordicSemi compiled Mar 28 2018 00:00:00'),
    'J-Link OB-SAM3U128-V2-NordicSemi',
  );
  assert.equal(
    nameOf(
      'Info : CMSIS-DAP: SWD supported\nInfo : CMSIS-DAP: FW Version = 2.1.0\nInfo : CMSIS-DAP: Serial# = E66',
    ),
    'CMSIS-DAP, firmware 2.1.0, serial E66',
  );
  assert.equal(nameOf('Error: unable to find a matching CMSIS-DAP device'), undefined);
});

it('failures, each by what OpenOCD writes', () => {
  const failures = {
    "Error: Can't find target/nrf52.cfg": 'no-scripts',
    'Error: The specified debug interface was not found (jlink)': 'not-supported',
    'Error: libusb_open() failed with LIBUSB_ERROR_ACCESS\nError: open failed': 'no-access',
    'Error: could not claim interface: LIBUSB_ERROR_BUSY': 'busy',
    'Error: unable to find a matching CMSIS-DAP device': 'no-probe',
    'Error: No J-Link device found': 'no-probe',
    'Error: open failed': 'no-probe',
    'Error: cannot connect to stlink server, errno: Connection refused': 'no-probe',
    'Error: failed to receive USB CMD response': 'connection-lost',
    'Error: Error connecting DP: cannot read IDR': 'no-target',
    'Info : VTarget = 3.300 V\nError: Error connecting DP: cannot read IDR': 'no-target',
    'Info : VTarget = 0.020 V\nError: Error connecting DP: cannot read IDR': 'no-power',
  } as const;
  for (const [output, failure] of Object.entries(failures)) {
    const report = parseOpenOcd(output);
    assert.equal(report.failure, failure, output);
    const error = probeError(failure, 'J-Link', report);
    assert.ok(error.message && error.advice, output);
  }
  assert.equal(parseOpenOcd('Info : SWD DPIDR 0x2ba01477').failure, undefined);
});

it('lock state and part', () => {
  const locked = parseOpenOcd('ecg-control-port 0x02880000 0x00000000\n');
  assert.deepEqual([locked.locked, locked.part], [true, undefined]);
  const open = parseOpenOcd('ecg-control-port 0x02880000 0x00000001\necg-part 0x52832\n');
  assert.deepEqual([open.locked, open.part], [false, 0x52832]);
  const other = parseOpenOcd('ecg-control-port 0 0\n');
  assert.deepEqual([other.locked, other.part, other.controlPort], [undefined, undefined, 0]);
});

it('how far programming got', () => {
  const state = (output: string) => {
    const { programming, written, verified } = parseOpenOcd(output);
    return [programming, written, verified];
  };
  assert.deepEqual(state(''), ['not-started', 0, 0]);
  assert.deepEqual(state('ecg-programming\nError: failed'), ['started', 0, 0]);
  const written = 'ecg-programming\necg-written 16384\necg-written 100\n';
  assert.deepEqual(state(written), ['started', 16484, 0]);
  assert.deepEqual(state(`${written}ecg-programmed\necg-verified 16384\n`), ['programmed', 16484, 16384]);
  assert.deepEqual(state(`${written}ecg-programmed\n** Verified OK **`)[0], 'verified');
});

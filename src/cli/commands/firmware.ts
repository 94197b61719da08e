import * as path from 'node:path';
import { Option, type Command } from 'commander';
import { countText } from '../../common/count-text.ts';
import { UserError } from '../../common/errors.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { bytesText } from '../../model/units.ts';
import { kernelTargets, type KernelTarget } from '../../firmware/kernel-target.ts';
import { probeKinds, type Probe, type ProbeSelection } from '../../firmware/probes.ts';
import { flashJob, probesJob } from '../../jobs/flash.ts';
import type { SizeChange, SizeRow } from '../../firmware/size-report.ts';
import { differenceError } from '../../jobs/difference.ts';
import { buildJob, emulateJob, exportJob, generateJob, type FirmwareInputs } from '../../jobs/firmware.ts';
import {
  serialPortsJob,
  verifyBoardJob,
  verifyJob,
  type BoardVerification,
  type Verification,
} from '../../jobs/verify.ts';
import { boardVerificationLines, verificationLines } from '../../jobs/columns-report.ts';
import { print, wholeNumber, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

interface FirmwareOptions {
  debug?: boolean;
  board?: string;
  kernels: KernelTarget;
  records: number;
  port?: string;
  data?: string;
  json?: string;
  probe?: string;
  adapterCommand?: string[];
  eraseLocked?: boolean;
}

export function addFirmwareCommands(program: Command, terminal: Terminal): void {
  const firmware = program
    .command('firmware')
    .description('C firmware for the nRF52832: generate, build, emulate, verify, flash');

  withFirmware(
    withJson(
      firmware.command('generate <run>').description('Write the C project into the run: RUN/firmware'),
    ),
  ).action((run: string, options: FirmwareOptions) => {
    const { board, kernels } = options;
    const result = generateJob({ run, board, kernels }, terminal);
    print(`C project: ${result.folder}`);
    writeResult(options, result);
  });

  withFirmware(
    withJson(
      firmware
        .command('export <run> <folder>')
        .description('Write the network as a C library with CMake and Zephyr files into a new folder'),
    ),
  ).action((run: string, folder: string, options: FirmwareOptions) => {
    const { board, kernels } = options;
    const result = exportJob({ run, board, kernels, output: path.resolve(folder) }, terminal);
    print(`C library: ${result.folder}/README.md says how to use it`);
    writeResult(options, result);
  });

  withBuildOptions(firmware.command('build <run>').description('Generate and build the firmware')).action(
    async (run: string, options: FirmwareOptions) => {
      const result = await buildJob({ run, ...buildInputs(options) }, terminal);
      terminal.clear();
      print(
        `Network: ${bytesText(result.flashBytes)} of flash, ${bytesText(result.ramBytes)} of RAM (exact)`,
      );
      print(
        `Whole image: ${bytesText(result.imageFlashBytes)} of flash, ${bytesText(result.imageRamBytes)} of RAM (exact)`,
      );
      print(sizesTable(result.sizes));
      print(`Image for the emulator: ${result.elf}  sha256 ${result.elfSha256}`);
      if (result.application) print(`Application: ${result.application.hex}`);
      writeResult(options, result);
    },
  );

  withRecords(
    withBuildOptions(firmware.command('emulate <run>').description('Run records on the emulated Cortex-M4')),
    5,
  ).action(async (run: string, options: FirmwareOptions) => {
    const { data, records } = options;
    const result = await emulateJob({ run, data, records, ...buildInputs(options) }, terminal);
    terminal.clear();
    print(
      markdownTable([
        ['record', 'label', 'windows', 'device says'],
        ...result.records.map((r) => [r.id, r.label, String(r.windows), r.predicted]),
      ]),
    );
    writeResult(options, { records: result.records });
  });

  withRecords(
    withBuildOptions(
      firmware
        .command('verify <run>')
        .description(
          "Run real windows on the device and compare every layer's output, logits and state with the host",
        )
        .option(
          '--port <port>',
          'a board that was flashed with the application, by its serial port, instead of the emulator',
        ),
    ),
    20,
  ).action(async (run: string, options: FirmwareOptions) => {
    const { data, records, port } = options;
    const inputs = { run, data, records, ...buildInputs(options) };
    const result =
      port === undefined
        ? await verifyJob(inputs, terminal)
        : await verifyBoardJob({ ...inputs, port }, terminal);
    terminal.clear();
    writeResult(options, result);
    const lines = 'cyclesPerWindow' in result ? boardVerificationLines(result) : verificationLines(result);
    for (const line of lines) print(line);
    print(markdownTable(confusionRows(result)));
    const difference = differenceError(run, result);
    if (difference) throw difference;
  });

  withJson(firmware.command('ports').description('List serial ports, for --port')).action(
    async (options: FirmwareOptions) => {
      const ports = await serialPortsJob();
      for (const { path: name, manufacturer, serialNumber } of ports) {
        print([name, manufacturer, serialNumber].filter(Boolean).join('  '));
      }
      if (ports.length === 0) print('No serial port was found. Plug the board in.');
      writeResult(options, ports);
    },
  );

  withProbe(
    withJson(firmware.command('probes').description('Find debug probes and tell what is behind them')),
  ).action(async (options: FirmwareOptions) => {
    const probes = await probesJob({ probe: selectionOf(options) }, terminal);
    terminal.clear();
    if (probes.length > 0) print(probesTable(probes));
    else print('No probe was found. Plug it in and power the board; on Linux, udev rules may be needed.');
    writeResult(options, probes);
  });

  withProbe(
    withBuildOptions(
      firmware
        .command('flash <run>')
        .description('Build, program the nRF52832 behind a probe, verify, reset and run'),
    ),
  )
    .option('--erase-locked', 'erase a locked chip with everything on it, and unlock it')
    .action(async (run: string, options: FirmwareOptions) => {
      const { eraseLocked } = options;
      const inputs = {
        run,
        ...buildInputs(options),
        probe: selectionOf(options),
        eraseLocked,
      };
      const result = await flashJob(inputs, terminal);
      terminal.clear();
      if (result.unlocked) print('The chip was locked; it was erased and unlocked.');
      print(
        `${bytesText(result.bytes)} programmed and verified through ${result.probe.name}; the chip was reset and runs.`,
      );
      print(`${result.hex}  sha256 ${result.hexSha256}`);
      writeResult(options, result);
    });
}

/** Bytes by layer, exact, and in brackets how many more than in the build before. */
function sizesTable({ rows, flash, ram, changes }: SizeChange): string {
  const cell = (bytes: number, change = 0): string => {
    const text = countText(bytes);
    return change === 0 ? text : `${text} (${change > 0 ? '+' : ''}${countText(change)})`;
  };
  const row = (one: SizeRow): string[] => {
    const change = changes?.[one.what];
    return [
      one.what,
      cell(one.flash, change?.flash),
      ...[one.weights, one.tables, one.code].map((bytes) => cell(bytes)),
      cell(one.ram, change?.ram),
      cell(one.arena),
    ];
  };
  const sum = (key: 'weights' | 'tables' | 'code'): string =>
    cell(rows.reduce((total, one) => total + one[key], 0));
  return markdownTable([
    ['of', 'flash, B', 'weights, B', 'tables, B', 'code, B', 'RAM, B', 'works in, B'],
    ...rows.filter((one) => one.flash !== 0 || one.ram !== 0).map(row),
    ['all', cell(flash), sum('weights'), sum('tables'), sum('code'), cell(ram), ''],
  ]);
}

function probesTable(probes: readonly Probe[]): string {
  const rows = probes.map(({ selection, name, description }) => [selection.kind, name, description]);
  return markdownTable([['kind', 'probe', 'behind it'], ...rows]);
}

function withProbe(command: Command): Command {
  return command
    .option('--probe <kind>', `${probeKinds.join(', ')} or custom; default: the one that is found`)
    .option(
      '--adapter-command <command>',
      'OpenOCD command that sets up a custom adapter; may be given several times',
      (one: string, before: string[] = []) => [...before, one],
    );
}

function selectionOf({ probe, adapterCommand = [] }: FirmwareOptions): ProbeSelection | undefined {
  if (probe === 'custom' || (probe === undefined && adapterCommand.length > 0)) {
    if (adapterCommand.length > 0) return { kind: 'custom', commands: adapterCommand };
    throw new UserError('a custom probe needs OpenOCD commands', {}, 'Give them with --adapter-command.');
  }
  if (probe === undefined) return undefined;
  const kind = probeKinds.find((name) => name === probe);
  if (kind && adapterCommand.length === 0) return { kind };
  throw new UserError(
    kind ? '--adapter-command is for the probe custom' : `there is no kind of probe ${probe}`,
    {},
    `One of ${probeKinds.join(', ')}, custom.`,
  );
}

/** What the device says of the records, as its own confusion matrix. */
function confusionRows({ classes, confusion }: Verification | BoardVerification): string[][] {
  return [
    ['label \\ device says', ...classes],
    ...confusion.map((row, i) => [classes[i], ...row.map(String)]),
  ];
}

function withBuildOptions(command: Command): Command {
  return withFirmware(
    withJson(command.option('--debug', 'configuration for debugging (-Og -g3) instead of release')),
  );
}

/** What the generated project is made for. */
function withFirmware(command: Command): Command {
  return command
    .option('--board <file>', "board file, NAME.ecgboard.yaml (default: Nordic's nRF52 DK)")
    .addOption(
      new Option(
        '--kernels <target>',
        'what the kernels are chosen for; budget: the fastest that `target.flash` of the model file has room for',
      )
        .choices(kernelTargets)
        .default('balanced'),
    );
}

function withRecords(command: Command, standard: number): Command {
  return command
    .option('--records <n>', 'number of records, from the test split', wholeNumber(1), standard)
    .option('--data <dataset>', "dataset file, zip or folder; default: the run's own");
}

function buildInputs(options: FirmwareOptions): Pick<FirmwareInputs, 'configuration' | 'board' | 'kernels'> {
  const { debug, board, kernels } = options;
  return { configuration: debug ? 'debug' : 'release', board, kernels };
}

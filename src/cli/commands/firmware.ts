import type { Command } from 'commander';
import { UserError } from '../../common/errors.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { bytesText } from '../../model/units.ts';
import { buildJob, emulateJob, generateJob, verifyJob, type Configuration } from '../../jobs/firmware.ts';
import { verificationLines } from '../../jobs/columns-report.ts';
import { print, wholeNumber, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

interface FirmwareOptions {
  debug?: boolean;
  records: number;
  data?: string;
  json?: string;
}

export function addFirmwareCommands(program: Command, terminal: Terminal): void {
  const firmware = program
    .command('firmware')
    .description('C firmware for the nRF52832: generate, build, emulate, verify');

  withJson(
    firmware.command('generate <run>').description('Write the C project into the run: RUN/firmware'),
  ).action((run: string, options: FirmwareOptions) => {
    const result = generateJob({ run }, terminal);
    print(`C project: ${result.folder}`);
    writeResult(options, result);
  });

  withBuildOptions(firmware.command('build <run>').description('Generate and build the firmware')).action(
    async (run: string, options: FirmwareOptions) => {
      const result = await buildJob({ run, configuration: configurationOf(options) }, terminal);
      terminal.clear();
      print(
        `Network: ${bytesText(result.flashBytes)} of flash, ${bytesText(result.ramBytes)} of RAM (exact)`,
      );
      print(
        `Whole image: ${bytesText(result.imageFlashBytes)} of flash, ${bytesText(result.imageRamBytes)} of RAM (exact)`,
      );
      print(`${result.elf}  sha256 ${result.elfSha256}`);
      writeResult(options, result);
    },
  );

  withRecords(
    withBuildOptions(firmware.command('emulate <run>').description('Run records on the emulated Cortex-M4')),
    5,
  ).action(async (run: string, options: FirmwareOptions) => {
    const { data, records } = options;
    const result = await emulateJob(
      { run, data, records, configuration: configurationOf(options) },
      terminal,
    );
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
          'Run real windows on the emulated device and compare every logit and state with the host',
        ),
    ),
    20,
  ).action(async (run: string, options: FirmwareOptions) => {
    const { data, records } = options;
    const result = await verifyJob({ run, data, records, configuration: configurationOf(options) }, terminal);
    terminal.clear();
    writeResult(options, result);
    for (const line of verificationLines(result)) print(line);
    const differing = result.mismatches + result.frontEnd.mismatches;
    if (differing > 0) {
      const first = result.frontEnd.firstMismatch ?? result.firstMismatch;
      throw new UserError(
        `device and host differ in ${differing} values, first: ${JSON.stringify(first)}`,
        { file: run },
        'The firmware must not be used. Generate and build it anew; if it stays, report it with the run folder.',
      );
    }
  });
}

function withBuildOptions(command: Command): Command {
  return withJson(command.option('--debug', 'configuration for debugging (-Og -g3) instead of release'));
}

function withRecords(command: Command, standard: number): Command {
  return command
    .option('--records <n>', 'number of records, from the test split', wholeNumber(1), standard)
    .option('--data <dataset>', "dataset file, zip or folder; default: the run's own");
}

function configurationOf(options: FirmwareOptions): Configuration {
  return options.debug ? 'debug' : 'release';
}

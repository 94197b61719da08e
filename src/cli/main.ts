#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CancelledError, describeError, MissingToolError, UserError } from '../common/errors.ts';
import { notAMedicalDevice, productVersion } from '../common/product.ts';
import { addDemoCommands } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEngineCommands } from './commands/engine.ts';
import { addEvaluationCommands } from './commands/evaluate.ts';
import { addFirmwareCommands } from './commands/firmware.ts';
import { addImportCommands } from './commands/import.ts';
import { addRecordingCommands } from './commands/recordings.ts';
import { addStatisticsCommand } from './commands/statistics.ts';
import { addTrainingCommands } from './commands/train.ts';
import { exitCodes } from './exit-codes.ts';
import { Terminal } from './terminal.ts';

async function main(): Promise<number> {
  const terminal = new Terminal();
  const program = new Command('ecg')
    .description(`From ECG recordings to a verified network on a microcontroller.\n${notAMedicalDevice}`)
    .version(productVersion)
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', exitCodesHelp)
    .exitOverride();
  addImportCommands(program, terminal);
  addRecordingCommands(program, terminal);
  addStatisticsCommand(program, terminal);
  addTrainingCommands(program, terminal);
  addEvaluationCommands(program, terminal);
  addFirmwareCommands(program, terminal);
  addEngineCommands(program, terminal);
  addDoctorCommand(program, terminal);
  addDemoCommands(program, terminal);
  try {
    await program.parseAsync(process.argv);
    terminal.clear();
    return process.exitCode === undefined ? exitCodes.done : Number(process.exitCode);
  } catch (error) {
    terminal.clear();
    return report(error);
  }
}

const exitCodesHelp = `
Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.usage} wrong usage, ${exitCodes.missingTool} a tool is missing, ${exitCodes.cancelled} cancelled.`;

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof CancelledError) {
    process.stderr.write(`ecg: ${error.message}\n`);
    return exitCodes.cancelled;
  }
  if (error instanceof UserError) {
    process.stderr.write(`ecg: ${describeError(error)}\n`);
    return error instanceof MissingToolError ? exitCodes.missingTool : exitCodes.failed;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `ecg: an error in ECG Studio itself (version ${productVersion}, Node ${process.version}):\n${stack}\n`,
  );
  return exitCodes.failed;
}

// `ecg … | head` closes the pipe early: nothing is wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});
process.exitCode = await main();

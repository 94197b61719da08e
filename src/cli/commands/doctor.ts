import type { Command } from 'commander';
import { doctorJob } from '../../jobs/doctor.ts';
import { print, withJson, writeResult } from '../options.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  withJson(program.command('doctor').description('What is installed, what is missing, and what for')).action(
    async (options: { json?: string }) => {
      const checks = await doctorJob();
      terminal.clear();
      for (const { ok, optional, name, detail, neededFor } of checks) {
        print(
          `${ok ? '✔' : optional ? '–' : '✘'} ${name.padEnd(16)} ${detail}${ok ? '' : `  (for: ${neededFor})`}`,
        );
      }
      writeResult(options, { checks });
      if (checks.some((c) => !c.ok && !c.optional)) process.exitCode = exitCodes.missingTool;
    },
  );
}

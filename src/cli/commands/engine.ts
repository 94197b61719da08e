import { createInterface } from 'node:readline/promises';
import { Argument, type Command } from 'commander';
import { CancelledError, UserError } from '../../common/errors.ts';
import { enginesJob } from '../../jobs/engines.ts';
import { installTensorFlowJob } from '../../jobs/install-tensorflow.ts';
import { installQuestion } from '../../tensorflow/package.ts';
import { print, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export function addEngineCommands(program: Command, terminal: Terminal): void {
  const engine = program
    .command('engine')
    .description('What trains: which engines there are, and TensorFlow');
  withJson(engine.command('list').description('The engines that can be chosen, or why one cannot')).action(
    async (options: { json?: string }) => {
      const engines = await enginesJob();
      for (const { name, ok, detail, automatic } of engines) {
        print(`${ok ? '✔' : '–'} ${name.padEnd(10)} ${detail}${automatic ? '  (auto)' : ''}`);
      }
      writeResult(options, { engines });
    },
  );
  withJson(
    engine
      .command('install')
      .description('Install TensorFlow for `--engine tensorflow`; asks first, since it is large')
      .addArgument(new Argument('<engine>', 'what to install').choices(['tensorflow']))
      .option('--yes', 'do not ask'),
  ).action(async (_engine: string, options: { yes?: boolean; json?: string }) => {
    if (!options.yes) await ask(installQuestion);
    const result = await installTensorFlowJob(terminal);
    terminal.clear();
    print(`TensorFlow (${result.build}) is in ${result.folder}: train with --engine tensorflow.`);
    writeResult(options, result);
  });
}

/** Throws a CancelledError where the answer is not yes. */
async function ask(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UserError(question, {}, 'Nobody can be asked here: add --yes.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CancelledError('nothing was installed');
}

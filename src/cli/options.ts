import * as path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { writeJsonAtomic } from '../common/files.ts';
import { engineChoices, type EngineChoice } from '../engine/choice.ts';
import { splitNames, type SplitName } from '../dataset/spec.ts';

/** Parser of a whole number option of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number from ${least} is needed`);
    return value;
  };
}

/** Parser of an option that is a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('a number above 0 is needed');
  return value;
}

/** Parser of a lead: its number from 0, or its name. */
export function leadName(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

export function splitName(text: string): SplitName {
  const name = splitNames.find((s) => s === text);
  if (!name) throw new InvalidArgumentError(`one of ${splitNames.join(', ')} is needed`);
  return name;
}

export function withJson(command: Command): Command {
  return command.option('--json <file>', 'write the result as JSON');
}

export function withThreads(command: Command): Command {
  return command.option(
    '--threads <n>',
    'threads of the training engine (default: all cores, at most 8)',
    wholeNumber(1),
  );
}

export function withEngine(command: Command): Command {
  return command.option(
    '--engine <name>',
    'auto, native, wasm, tensorflow, or an instruction set (default: ECG_ENGINE, else auto)',
    engineName,
  );
}

function engineName(text: string): EngineChoice {
  const name = engineChoices.find((choice) => choice === text);
  if (!name) throw new InvalidArgumentError(`one of ${engineChoices.join(', ')} is needed`);
  return name;
}

/** Write the result where `--json` says; the folder is made. */
export function writeResult(options: { json?: string }, result: unknown): void {
  if (options.json !== undefined) writeJsonAtomic(path.resolve(options.json), result);
}

/** Results go to stdout, all else to stderr. */
export function print(text: string): void {
  process.stdout.write(text + '\n');
}

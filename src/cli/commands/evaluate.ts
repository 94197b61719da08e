import type { Command } from 'commander';
import { notAMedicalDevice } from '../../common/product.ts';
import type { SplitName } from '../../dataset/spec.ts';
import type { EngineChoice } from '../../engine/choice.ts';
import { figure } from '../../evaluation/tables.ts';
import { compareJob } from '../../jobs/compare.ts';
import { evaluateJob } from '../../jobs/evaluate.ts';
import { evaluationReport, keepReport } from '../../jobs/kept-report.ts';
import { RunFolder } from '../../training/run-folder.ts';
import { print, splitName, withEngine, withJson, withThreads, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

interface EvaluateOptions {
  data?: string;
  split?: SplitName;
  integer?: boolean;
  board?: string;
  threads?: number;
  engine?: EngineChoice;
  json?: string;
}

export function addEvaluationCommands(program: Command, terminal: Terminal): void {
  withEvaluationOptions(
    program
      .command('evaluate <model-or-run>')
      .description('Confusion matrix, sensitivity and F1 on labelled records, with 95 % intervals')
      .option('--integer', 'run the quantised network, as on the device')
      .option('--board <file>', 'with --integer: the board file whose ADC gives the samples'),
  ).action(async (model: string, options: EvaluateOptions) => {
    const { data, split, integer, board, threads, engine, json } = options;
    const evaluation = await evaluateJob(
      { model, data, split, integer: integer ?? false, board, threads, engine },
      terminal,
    );
    terminal.clear();
    print(evaluationReport(evaluation));
    writeResult({ json }, evaluation);
    if (RunFolder.isRun(model)) keepReport(model, evaluation);
  });

  withEvaluationOptions(
    program
      .command('compare <a> <b>')
      .description("Two models on the same records: McNemar's test and a paired interval of the difference")
      .option('--integer', 'run both as quantised networks'),
  ).action(async (a: string, b: string, { data, split, integer, threads, engine, json }: EvaluateOptions) => {
    const inputs = { data, split, integer: integer ?? false, threads, engine };
    const result = await compareJob({ ...inputs, model: a }, { ...inputs, model: b }, terminal);
    terminal.clear();
    const { f1MeanDifference: difference, ci95 } = result;
    print(`On the same ${result.records} records:`);
    print(`  a  ${a}: mean F1 ${figure(result.a.f1Mean)}, accuracy ${figure(result.a.accuracy)}`);
    print(`  b  ${b}: mean F1 ${figure(result.b.f1Mean)}, accuracy ${figure(result.b.accuracy)}`);
    print(
      `b - a: mean F1 ${difference.toFixed(3)} (95 % interval ${ci95[0].toFixed(3)} to ${ci95[1].toFixed(3)})`,
    );
    print(
      `Right only in a: ${result.onlyA}, only in b: ${result.onlyB}; McNemar p = ${result.pValue.toPrecision(2)}`,
    );
    print(notAMedicalDevice);
    writeResult({ json }, result);
  });
}

function withEvaluationOptions(command: Command): Command {
  command
    .option('--data <dataset>', "dataset file, zip or folder; default: the run's own")
    .option('--split <name>', 'only these records: train, validation or test; default: all', splitName);
  return withJson(withEngine(withThreads(command)));
}

import * as path from 'node:path';
import type { Command } from 'commander';
import { CancelledError } from '../../common/errors.ts';
import { writeFileAtomic, writeJsonAtomic } from '../../common/files.ts';
import { silentContext, type JobContext } from '../../common/job.ts';
import { durationText } from '../../common/time-left.ts';
import { openDataset } from '../../dataset/dataset.ts';
import type { EngineChoice } from '../../engine/choice.ts';
import { columnsInputs, columnsJob, zooEpochs, type ColumnsInputs } from '../../jobs/columns.ts';
import { columnsMarkdown } from '../../jobs/columns-report.ts';
import { findRecordings, syntheticRecordings } from '../../jobs/demo-data.ts';
import { estimateSeconds } from '../../jobs/estimate.ts';
import { timeStamp } from '../../training/run-folder.ts';
import { print, wholeNumber, withEngine, withJson, withThreads, writeResult } from '../options.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface DemoOptions {
  resume?: string;
  data?: string;
  synthetic?: boolean;
  records?: number;
  epochs?: number;
  runs: string;
  seed: number;
  threads?: number;
  engine?: EngineChoice;
  json?: string;
}

/** Epochs of the demo: as many as fit its quarter of an hour (real) or four minutes (synthetic) on two cores. */
const demoEpochs = {
  real: { baseline: 24, teacher: 3, slim: 40, distilled: 40 },
  synthetic: { baseline: 30, teacher: 12, slim: 40, distilled: 40 },
} as const;

export function addDemoCommands(program: Command, terminal: Terminal): void {
  withRunOptions(
    program
      .command('demo')
      .description('The main job in a quarter of an hour: train, distil, quantise, emulate, verify, report')
      .option('--synthetic', 'synthetic recordings, even where there are real ones')
      .option('--records <n>', 'number of synthetic recordings', wholeNumber(20))
      .option('--epochs <n>', 'of each network', wholeNumber(1))
      .option('--resume <folder>', 'go on with a demo that was stopped'),
  ).action(async (options: DemoOptions) => {
    const inputs = options.resume
      ? columnsInputs(path.resolve(options.resume), { threads: options.threads, engine: options.engine })
      : await newDemo(options, terminal);
    if (options.resume) await announce(inputs.data, terminal);
    try {
      await columns(inputs, ['ECG Studio demo', 'demo, not a reproduction'], options, terminal);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      throw new CancelledError(`${error.message}. Go on with: ecg demo --resume "${inputs.folder}"`);
    }
  });

  withRunOptions(
    program
      .command('reproduce')
      .description(
        "The slim paper's four columns, trained to convergence; takes hours, and goes on where it was stopped",
      ),
  ).action(async (options: DemoOptions) => {
    const data = await demoData(options, terminal);
    await announce(data, terminal);
    const folder = path.resolve(options.runs, 'reproduce');
    const epochs = zooEpochs();
    const seconds = await estimateSeconds(data, epochs, options, terminal);
    terminal.clear();
    print(
      `Estimated: ${durationText(seconds)} on this machine, less what ${folder} already has. Ctrl-C stops; the same command goes on.`,
    );
    await columns(
      {
        folder,
        data,
        seed: options.seed,
        epochs,
        threads: options.threads,
        engine: options.engine,
        shippedTeacher: false,
        verifyRecords: 20,
      },
      [
        'ECG Studio: reproduction of the slim paper',
        'reconstruction: channels, split and filter order are our choice where the paper does not say',
      ],
      options,
      terminal,
    );
  });
}

async function newDemo(options: DemoOptions, terminal: Terminal): Promise<ColumnsInputs> {
  const data = await demoData(options, terminal);
  const { synthetic } = await announce(data, terminal);
  const standard = synthetic ? demoEpochs.synthetic : demoEpochs.real;
  const { epochs: n, seed, threads, engine } = options;
  return {
    folder: path.resolve(options.runs, `${timeStamp(new Date())}-demo`),
    data,
    seed,
    epochs: n === undefined ? standard : { baseline: n, teacher: n, slim: n, distilled: n },
    threads,
    engine,
    shippedTeacher: true,
    verifyRecords: 20,
  };
}

function withRunOptions(command: Command): Command {
  command
    .option('--data <dataset>', 'dataset file, zip or folder (default: training2017.zip of ECG_DATA_DIR)')
    .option('--runs <folder>', 'where the runs and the report go', 'runs')
    .option('--seed <n>', 'of initial weights and order of records', wholeNumber(0), 1);
  return withJson(withEngine(withThreads(command)));
}

async function demoData(options: DemoOptions, terminal: Terminal): Promise<string> {
  if (options.data !== undefined) return path.resolve(options.data);
  const recordings = options.synthetic ? undefined : findRecordings();
  return recordings ?? (await syntheticRecordings(quiet(terminal), options.records));
}

/** Without progress: the line that says which data comes before all others. */
function quiet(terminal: Terminal): JobContext {
  return silentContext(terminal.cancellation);
}

/** The first line of all: which data, how many records. */
async function announce(data: string, terminal: Terminal): Promise<{ synthetic: boolean }> {
  const dataset = await openDataset(data, quiet(terminal));
  const { synthetic, records } = dataset;
  const counts = [...dataset.classCounts()].map(([name, n]) => `${name} ${n}`).join(', ');
  print(
    synthetic
      ? `Data: ${records.length} synthetic recordings (${counts}) in ${data}; set ECG_DATA_DIR for real ones.`
      : `Data: ${records.length} real recordings (${counts}) of ${data}`,
  );
  dataset.close();
  return { synthetic };
}

async function columns(
  inputs: ColumnsInputs,
  [title, caution]: [string, string],
  options: DemoOptions,
  terminal: Terminal,
): Promise<void> {
  const result = await columnsJob(inputs, terminal);
  terminal.clear();
  const report = columnsMarkdown(title, result, caution);
  writeFileAtomic(path.join(inputs.folder, 'report.md'), report);
  writeJsonAtomic(path.join(inputs.folder, 'report.json'), { caution, ...result });
  writeResult(options, { caution, ...result });
  print(`\n${report}`);
  print(`${durationText(result.seconds)}. Report: ${path.join(inputs.folder, 'report.md')}`);
  const { verification } = result;
  const mismatches = verification ? verification.mismatches + verification.frontEnd.mismatches : 0;
  if (result.verificationFailure !== undefined || mismatches > 0) process.exitCode = exitCodes.failed;
  if (result.skipped !== undefined) {
    print(`firmware steps skipped: ${result.skipped} missing`);
    process.exitCode = exitCodes.missingTool;
  }
}

import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../../common/errors.ts';
import { notAMedicalDevice } from '../../common/product.ts';
import { comparisonMarkdown } from '../../evaluation/comparison-report.ts';
import { reportFolder, type Arithmetic } from '../../jobs/kept-report.ts';
import { bytesText } from '../../model/units.ts';
import { runFiles } from '../../training/run-folder.ts';
import type { WholeRun } from '../../training/run-summary.ts';
import { boardFor } from '../chosen-board.ts';
import { commandIds } from '../ids.ts';
import { trainingThreads } from '../settings.ts';
import type { Studio } from '../studio.ts';
import { figureText } from '../views/format.ts';
import { call, offerNext, runJob, type StudioCommand } from './command.ts';
import { pickRun, runItem, trainedRuns } from './pick.ts';
import { requireRecordingsOf } from './recordings.ts';

export const quantize: StudioCommand = {
  id: commandIds.quantize,
  needsTrust: true,
  title: 'Quantising',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, trainedRuns);
    const result = await runJob(studio, {
      name: 'quantize',
      title: `Quantise ${run.info.name}`,
      inputs: { run: run.folder },
    });
    if (!result) return undefined;
    studio.runs.refresh();
    offerNext(
      `${result.network}: weights ${result.weights}, activations ${result.activations}; ${bytesText(result.weightBytes)} of constants, ${bytesText(result.memoryBytes)} of state and activations (exact).`,
      { 'Evaluate as on the Device': call(commandIds.evaluateInteger, run.folder) },
    );
    return result;
  },
};

export const evaluate: StudioCommand = {
  id: commandIds.evaluate,
  needsTrust: true,
  title: 'Evaluating',
  run: (studio, argument) => evaluateRun(studio, argument, 'float32'),
};

export const evaluateInteger: StudioCommand = {
  id: commandIds.evaluateInteger,
  needsTrust: true,
  title: 'Evaluating as on the device',
  run: (studio, argument) => evaluateRun(studio, argument, 'integer'),
};

async function evaluateRun(studio: Studio, argument: unknown, arithmetic: Arithmetic): Promise<unknown> {
  const run = await pickRun(studio, argument, trainedRuns);
  await requireRecordingsOf(run.folder);
  const result = await runJob(studio, {
    name: 'evaluate',
    title: `Evaluate ${run.info.name}`,
    inputs: {
      model: run.folder,
      data: undefined,
      split: 'test',
      integer: arithmetic === 'integer',
      board: arithmetic === 'integer' ? await boardFor(studio, run.folder) : undefined,
      threads: trainingThreads(),
    },
  });
  if (!result) return undefined;
  studio.runs.refresh();
  await studio.panels.evaluation.show(run.folder, arithmetic);
  offerNext(
    `${run.info.name}, ${arithmetic}: mean F1 ${figureText(result.f1Mean)}, accuracy ${figureText(result.accuracy)} on ${result.records} test records${result.dataset.synthetic ? ' (synthetic)' : ''}.`,
    {
      Emulate: call(commandIds.emulate, run.folder),
      'Open Report': call(commandIds.openReport, run.folder, arithmetic),
    },
  );
  return result;
}

export const compare: StudioCommand = {
  id: commandIds.compare,
  needsTrust: true,
  title: 'Comparing',
  async run(studio, argument) {
    const [a, b] = await pickTwo(studio, argument);
    for (const { folder } of [a, b]) await requireRecordingsOf(folder);
    const inputs = { data: undefined, split: 'test', integer: false, threads: trainingThreads() } as const;
    const result = await runJob(studio, {
      name: 'compare',
      title: `Compare ${a.info.name} and ${b.info.name}`,
      inputs: { a: { ...inputs, model: a.folder }, b: { ...inputs, model: b.folder } },
    });
    if (!result) return undefined;
    const text = comparisonMarkdown(path.basename(a.folder), path.basename(b.folder), result);
    const document = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content: `${text}\n${notAMedicalDevice}\n`,
    });
    await vscode.window.showTextDocument(document, { preview: true });
    return result;
  },
};

async function pickTwo(studio: Studio, argument: unknown): Promise<[WholeRun, WholeRun]> {
  const runs = (await studio.runs.whole()).filter((run) => run.info.status === 'done');
  if (runs.length < 2) {
    throw new UserError(
      `there ${runs.length === 1 ? 'is one trained run' : 'are no trained runs'}, a comparison needs two`,
      {},
      'Train another network, or distil one.',
    );
  }
  const first = await pickRun(studio, argument, { ...trainedRuns, placeholder: 'First run', always: true });
  const rest = runs.filter((run) => run.folder !== first.folder);
  const second =
    rest.length === 1
      ? rest[0]
      : (
          await vscode.window.showQuickPick(rest.map(runItem), {
            placeHolder: `Run to compare ${first.info.name} with`,
            matchOnDescription: true,
          })
        )?.run;
  if (!second) throw new CancelledError();
  return [first, second];
}

const evaluated = {
  placeholder: 'Run',
  also: (run: WholeRun) => run.evaluated !== undefined || run.evaluatedInteger !== undefined,
  none: 'no run has been evaluated',
  advice: 'Evaluate one first: `ECG: Evaluate`.',
};

function arithmeticOf(run: WholeRun, asked: unknown): Arithmetic {
  if (asked === 'integer' || asked === 'float32') return asked;
  return run.evaluated ? 'float32' : 'integer';
}

export const showEvaluation: StudioCommand = {
  id: commandIds.showEvaluation,
  needsTrust: false,
  title: 'Showing the confusion matrix',
  async run(studio, argument, arithmetic) {
    const run = await pickRun(studio, argument, evaluated);
    await studio.panels.evaluation.show(run.folder, arithmeticOf(run, arithmetic));
    return run.folder;
  },
};

export const openReport: StudioCommand = {
  id: commandIds.openReport,
  needsTrust: false,
  title: 'Opening the report',
  async run(studio, argument, arithmetic) {
    const run = await pickRun(studio, argument, evaluated);
    const file = path.join(reportFolder(run.folder, arithmeticOf(run, arithmetic)), runFiles.report);
    await fs.access(file).catch(() => {
      throw new UserError('the report is missing', { file }, 'Evaluate the run again.');
    });
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(file));
    return file;
  },
};

export const showCurves: StudioCommand = {
  id: commandIds.showCurves,
  needsTrust: false,
  title: 'Showing the training curves',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, {
      placeholder: 'Run',
      none: 'there is no run in this folder',
      advice: 'Train a network first: `ECG: Train`.',
    });
    await studio.panels.training.show(run.folder);
    return run.folder;
  },
};

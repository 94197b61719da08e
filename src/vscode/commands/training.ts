import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { CancelledError, UserError } from '../../common/errors.ts';
import { productRoot } from '../../common/product.ts';
import { commandIds } from '../ids.ts';
import { showsCurves, trainingThreads } from '../settings.ts';
import { openAt } from '../show-error.ts';
import type { Studio } from '../studio.ts';
import { figureText, progressText } from '../views/format.ts';
import { freeFile } from '../workspace-files.ts';
import { call, offerNext, runJob, type StudioCommand } from './command.ts';
import { pickFile, pickRun, requireFolder, runItem, saved } from './pick.ts';
import { requireRecordings, requireRecordingsOf } from './recordings.ts';

const zoo = path.join(productRoot, 'media', 'zoo');
const suffix = '.ecgmodel.yaml';

/** Copy a model file of the zoo into the workspace and open it. */
export const newModel: StudioCommand = {
  id: commandIds.newModel,
  needsTrust: true,
  title: 'Making a new model',
  async run(studio) {
    const folder = requireFolder().uri.fsPath;
    const names = (await fs.readdir(zoo)).filter((name) => name.endsWith(suffix));
    const items = await Promise.all(
      names.map(async (name) => {
        const summary = await studio.language.modelSummary(vscode.Uri.file(path.join(zoo, name)));
        return {
          label: name.slice(0, -suffix.length),
          description: `${countText(summary.parameters)} parameters · ${summary.layers} layers`,
          detail: await firstComment(path.join(zoo, name)),
          parameters: summary.parameters,
          name,
        };
      }),
    );
    items.sort((a, b) => a.parameters - b.parameters);
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: 'Model to start from' });
    if (!chosen) throw new CancelledError();
    const file = await freeFile(folder, chosen.label, suffix);
    // `wx`: never over a file that appeared in the meantime.
    await fs.writeFile(file, await fs.readFile(path.join(zoo, chosen.name)), { flag: 'wx' });
    studio.files.refresh('model');
    await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
    return file;
  },
};

async function firstComment(file: string): Promise<string> {
  const [line] = (await fs.readFile(file, 'utf8')).split('\n');
  return line.startsWith('#') ? line.slice(1).trim() : '';
}

export const train: StudioCommand = {
  id: commandIds.train,
  needsTrust: true,
  title: 'Training',
  async run(studio, argument) {
    const model = await pickFile(studio, 'model', argument);
    await requireSound(studio, model);
    const data = await pickFile(studio, 'dataset', argument);
    return start(studio, model, data, undefined);
  },
};

export const distill: StudioCommand = {
  id: commandIds.distill,
  needsTrust: true,
  title: 'Distilling',
  async run(studio, argument) {
    const model = await pickFile(studio, 'model', argument);
    await requireSound(studio, model);
    const teacher = await pickTeacher(studio);
    const data = await pickFile(studio, 'dataset', argument);
    return start(studio, model, data, teacher);
  },
};

/** A model file with errors never starts a job: the first error is shown where it is. */
async function requireSound(studio: Studio, model: vscode.Uri): Promise<void> {
  await saved(model);
  const { errors, firstError } = await studio.language.modelSummary(model);
  if (errors === 0) return;
  await openAt(model.fsPath, firstError?.line);
  throw new UserError(
    `${errors === 1 ? 'an error' : `${errors} errors`}, the first: ${firstError?.message ?? 'see Problems'}`,
    { file: model.fsPath, line: firstError?.line },
    'Mend the model file first.',
  );
}

async function start(
  studio: Studio,
  model: vscode.Uri,
  data: vscode.Uri,
  teacher: string | undefined,
): Promise<unknown> {
  await saved(data);
  await requireRecordings(data);
  const folder = vscode.workspace.getWorkspaceFolder(model) ?? requireFolder();
  const name = path.basename(model.fsPath, suffix);
  const title = `${teacher === undefined ? 'Train' : 'Distil'} ${name}`;
  const inputs = {
    modelFile: model.fsPath,
    data: data.fsPath,
    runs: path.join(folder.uri.fsPath, 'runs'),
    seed: 1,
    threads: trainingThreads(),
    teacher,
  };
  return trainedRun(runJob(studio, { name: 'train', title, inputs }));
}

export const resume: StudioCommand = {
  id: commandIds.resume,
  needsTrust: true,
  title: 'Resuming',
  async run(studio, argument) {
    const run = await pickRun(studio, argument, {
      placeholder: 'Run to go on with',
      statuses: ['interrupted', 'cancelled', 'failed'],
      none: 'no run waits to be resumed',
      advice: 'Runs that were cancelled, failed or interrupted can be.',
    });
    await requireRecordingsOf(run.folder);
    const title = `Train ${run.info.name}`;
    return trainedRun(
      runJob(studio, { name: 'resume', title, inputs: { run: run.folder }, run: run.folder }),
    );
  },
};

async function trainedRun<
  R extends { run: string; info: { name: string; best?: { epoch: number; validationF1: number } } },
>(job: Promise<R | undefined>): Promise<R | undefined> {
  const result = await job;
  if (!result) return undefined;
  const { run, info } = result;
  const best = info.best
    ? `: best F1 ${figureText(info.best.validationF1)} (validation, epoch ${info.best.epoch})`
    : '';
  offerNext(`${info.name} is trained${best}.`, {
    Evaluate: call(commandIds.evaluate, run),
    'Show Curves': call(commandIds.showCurves, run),
  });
  return result;
}

/** Trained runs, and the teacher that ships. */
async function pickTeacher(studio: Studio): Promise<string> {
  const runs = (await studio.runs.whole()).filter((run) => run.info.status === 'done');
  const shipped = {
    label: 'teacher',
    description: 'ships with ECG Studio',
    detail:
      'trained on the training split of CinC 2017; refused where it has seen your validation or test records',
    location: path.join(zoo, `teacher${suffix}`),
  };
  const chosen = await vscode.window.showQuickPick(
    [...runs.map((run) => ({ ...runItem(run), location: run.folder })), shipped],
    { placeHolder: 'Teacher' },
  );
  if (!chosen) throw new CancelledError();
  return chosen.location;
}

export const cancel: StudioCommand = {
  id: commandIds.cancel,
  needsTrust: false,
  title: 'Cancelling',
  async run(studio, argument) {
    const { running } = studio.jobs;
    const given = argument as { job?: number; run?: { folder: string } } | undefined;
    const named = running.filter(
      (job) => job.id === given?.job || (given?.run !== undefined && job.run === given.run.folder),
    );
    const candidates = given?.job !== undefined || given?.run ? named : running;
    if (candidates.length === 0) {
      void vscode.window.showInformationMessage('No job runs.');
      return undefined;
    }
    const job = candidates.length === 1 ? candidates[0] : await pickJob(candidates);
    job?.cancel();
    return job?.title;
  },
};

async function pickJob(
  jobs: Studio['jobs']['running'],
): Promise<Studio['jobs']['running'][number] | undefined> {
  const chosen = await vscode.window.showQuickPick(
    jobs.map((job) => ({ label: job.title, description: progressText(job), job })),
    { placeHolder: 'Job to cancel' },
  );
  return chosen?.job;
}

/** Curves appear with the first run folder of a training that the user started here. */
export function showCurvesOfTrainings(studio: Studio): vscode.Disposable {
  return studio.jobs.onRunAppeared((folder) => {
    if (showsCurves()) void studio.panels.training.show(folder, { preserveFocus: true });
  });
}

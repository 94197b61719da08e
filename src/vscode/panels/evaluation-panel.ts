import * as path from 'node:path';
import * as vscode from 'vscode';
import { describeError } from '../../common/errors.ts';
import { notAMedicalDevice } from '../../common/product.ts';
import type { Evaluation } from '../../jobs/evaluate.ts';
import { readKeptReport, type Arithmetic } from '../../jobs/kept-report.ts';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type {
  CellRecord,
  EvaluationAsked,
  EvaluationHeard,
  EvaluationSnapshot,
  EvaluationTold,
} from '../../protocol/webview.ts';
import { runFiles } from '../../training/run-folder.ts';
import { DisposableStore } from '../dispose.ts';
import { recordUri } from '../editors/record-uri.ts';
import { commandIds, editorIds, panelIds } from '../ids.ts';
import { isWhole } from '../run-list.ts';
import type { Studio } from '../studio.ts';
import { RunPanels, type RunPage } from './run-panels.ts';

/** Confusion matrix, sensitivity and F1 of a run's last evaluations. */
export class EvaluationPanels extends RunPanels<EvaluationPage> {
  constructor(studio: Studio) {
    super(studio, panelIds.evaluation, 'evaluation');
  }

  show(run: string, arithmetic: Arithmetic): Promise<void> {
    return this.reveal(run, false).show(arithmetic);
  }

  protected override title(run: string): string {
    return `Evaluation: ${path.basename(run).replace(/^\d{4}-\d\d-\d\d-\d{6}-/, '')}`;
  }

  protected override makePage(run: string, webview: vscode.Webview): EvaluationPage {
    return new EvaluationPage(this.studio, run, webview);
  }
}

class EvaluationPage implements RunPage {
  readonly #studio: Studio;
  readonly #run: string;
  readonly #store = new DisposableStore();
  readonly #channel: MessageChannel<EvaluationAsked, object, EvaluationTold, EvaluationHeard>;
  #arithmetic: Arithmetic = 'float32';
  #evaluation: Evaluation | undefined;

  constructor(studio: Studio, run: string, webview: vscode.Webview) {
    this.#studio = studio;
    this.#run = run;
    this.#channel = new MessageChannel((message) => void webview.postMessage(message));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => void this.#channel.receive(message)));
    this.#channel.on('ready', () => void this.#send());
    this.#channel.on('show', (arithmetic) => void this.#showOrEvaluate(arithmetic));
    this.#channel.on('openReport', () => {
      void vscode.commands.executeCommand(commandIds.openReport, run, this.#arithmetic);
    });
    this.#channel.on('openRecord', (record) => void this.#openRecord(record));
    this.#channel.answer('records', ({ truth, predicted }) => this.#recordsOf(truth, predicted));
  }

  async show(arithmetic: Arithmetic): Promise<void> {
    this.#arithmetic = arithmetic;
    await this.#send();
  }

  refresh(): void {
    void this.#send();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The other arithmetic is evaluated where it has not been yet. */
  async #showOrEvaluate(arithmetic: Arithmetic): Promise<void> {
    const summary = await this.#studio.runs.find(this.#run);
    if (!summary || !isWhole(summary)) return;
    const known = arithmetic === 'integer' ? summary.evaluatedInteger : summary.evaluated;
    if (known) return this.show(arithmetic);
    const id = arithmetic === 'integer' ? commandIds.evaluateInteger : commandIds.evaluate;
    await vscode.commands.executeCommand(id, this.#run);
  }

  #recordsOf(truth: number, predicted: number): CellRecord[] {
    return (this.#evaluation?.predictions ?? [])
      .filter((p) => p.truth === truth && p.predicted === predicted)
      .map(({ record, probabilities }) => ({ record, probabilities }));
  }

  /** The run's own copy of the dataset file says where the recordings are. */
  async #openRecord(record: string): Promise<void> {
    const file = path.join(this.#run, runFiles.dataset);
    await vscode.commands.executeCommand(
      'vscode.openWith',
      recordUri(vscode.Uri.file(file), record),
      editorIds.waveform,
      { viewColumn: vscode.ViewColumn.Beside },
    );
  }

  async #send(): Promise<void> {
    const summary = await this.#studio.runs.find(this.#run);
    if (this.#store.disposed) return;
    try {
      this.#evaluation = readKeptReport(this.#run, this.#arithmetic);
      const available = {
        float32: summary !== undefined && isWhole(summary) && summary.evaluated !== undefined,
        integer: summary !== undefined && isWhole(summary) && summary.evaluatedInteger !== undefined,
      };
      const busy = this.#studio.jobs.running.some((job) => job.name === 'evaluate');
      this.#channel.tell('update', snapshotOf(this.#run, this.#evaluation, available, busy));
    } catch (error) {
      this.#channel.tell('failed', describeError(error));
    }
  }
}

function snapshotOf(
  run: string,
  evaluation: Evaluation,
  available: EvaluationSnapshot['available'],
  busy: boolean,
): EvaluationSnapshot {
  const { dataset, size } = evaluation;
  return {
    run,
    name: evaluation.model,
    arithmetic: evaluation.arithmetic,
    available,
    busy,
    classes: [...evaluation.classes],
    confusion: evaluation.confusion,
    perClass: evaluation.perClass,
    accuracy: evaluation.accuracy,
    f1Mean: evaluation.f1Mean,
    f1Mean3: evaluation.f1Mean3,
    ci95: evaluation.ci95,
    records: evaluation.records,
    split: dataset.split,
    dataset: dataset.name,
    synthetic: dataset.synthetic,
    seenInTraining: evaluation.seenInTraining,
    parameters: size.parameters,
    weightBytes: size.weightBytes,
    notice: notAMedicalDevice,
  };
}

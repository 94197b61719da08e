import * as path from 'node:path';
import { readFile, readJson, writeFileAtomic, writeJsonAtomic } from '../common/files.ts';
import { UserError } from '../common/errors.ts';
import { evaluationMarkdown } from '../evaluation/report.ts';
import { runFiles } from '../training/run-folder.ts';
import type { Evaluation, Prediction } from './evaluate.ts';

export type Arithmetic = Evaluation['arithmetic'];

/** Folder of a run that has the report of its last evaluation: the run itself, or `quantized/` for the integer network. */
export function reportFolder(run: string, arithmetic: Arithmetic): string {
  return arithmetic === 'integer' ? path.join(run, runFiles.quantized) : run;
}

export function evaluationReport(evaluation: Evaluation): string {
  return `# Evaluation\n\n${evaluationMarkdown(evaluation)}`;
}

/** The run keeps the report, the figures and the predictions of its last evaluation, of each arithmetic. */
export function keepReport(run: string, evaluation: Evaluation): void {
  const { predictions, ...figures } = evaluation;
  const folder = reportFolder(run, evaluation.arithmetic);
  writeFileAtomic(path.join(folder, runFiles.report), evaluationReport(evaluation));
  writeFileAtomic(path.join(folder, runFiles.predictions), predictionsCsv(evaluation.classes, predictions));
  // Last: where the figures are, the rest is.
  writeJsonAtomic(path.join(folder, runFiles.figures), figures);
}

/** What `keepReport` kept. Throws a UserError that names the file where one is missing or damaged. */
export function readKeptReport(run: string, arithmetic: Arithmetic): Evaluation {
  const folder = reportFolder(run, arithmetic);
  const file = path.join(folder, runFiles.figures);
  const figures = readJson(file) as Omit<Evaluation, 'predictions'>;
  if (!isReport(figures)) throw new UserError('is no report of an evaluation', { file }, again);
  const csv = path.join(folder, runFiles.predictions);
  const predictions = parsePredictions(readFile(csv).toString('utf8'), figures.classes, csv);
  if (predictions.length !== figures.records) {
    throw new UserError(
      `has ${predictions.length} predictions, its report is of ${figures.records} records`,
      { file: csv },
      again,
    );
  }
  return { ...figures, predictions };
}

const again = 'Evaluate the run again.';

function isReport(figures: Partial<Evaluation> | null): boolean {
  const { classes, confusion } = figures ?? {};
  const square = (rows: unknown): boolean => Array.isArray(rows) && rows.length === classes?.length;
  return square(classes) && square(confusion) && confusion!.every(square);
}

/** predictions.csv: one line a record, probabilities in the order of the classes. */
export function predictionsCsv(classes: readonly string[], predictions: readonly Prediction[]): string {
  const header = ['record', 'label', 'predicted', ...classes.map((c) => `p(${c})`)].join(',');
  const lines = predictions.map((p) =>
    [p.record, classes[p.truth], classes[p.predicted], ...p.probabilities.map((v) => v.toFixed(6))].join(','),
  );
  return [header, ...lines, ''].join('\n');
}

function parsePredictions(text: string, classes: readonly string[], file: string): Prediction[] {
  const lines = text.trimEnd().split(/\r?\n/).slice(1);
  return lines.map((line, i): Prediction => {
    const [record, label, predicted, ...rest] = line.split(',');
    const probabilities = rest.map((text) => (text.trim() === '' ? NaN : Number(text)));
    const truth = classes.indexOf(label);
    const told = classes.indexOf(predicted);
    const whole = probabilities.length === classes.length && probabilities.every((p) => p >= 0 && p <= 1);
    if (truth < 0 || told < 0 || !whole) {
      throw new UserError('is no line of predictions', { file, line: i + 2 }, again);
    }
    return { record, truth, predicted: told, probabilities };
  });
}

import * as path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { UserError } from '../../common/errors.ts';
import { readFile, writeFileAtomic } from '../../common/files.ts';
import { isDatasetFile, parseDatasetFile } from '../../dataset/dataset-file.ts';
import { decideRecords, type RecordDecision } from '../../dataset/edit.ts';
import { markdownTable } from '../../evaluation/tables.ts';
import { annotateJob, type Annotated } from '../../jobs/annotate.ts';
import { convertJob, type ConvertInputs } from '../../jobs/convert.ts';
import { inspectJob, type Inspection } from '../../jobs/inspect.ts';
import { findRecord } from '../../jobs/find-record.ts';
import type { Facts } from '../../recording/facts.ts';
import { exitCodes } from '../exit-codes.ts';
import { leadName, positive, print, withJson, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** Options of a command that opens a recording. */
interface RecordingOptions {
  record?: string;
  rate?: number;
  units?: string;
  json?: string;
}

function withRecordingOptions(command: Command): Command {
  return withJson(command)
    .option('--record <name>', 'record in a zip or folder: FOLDER/NAME.hea')
    .option('--rate <hz>', 'samples a second, of a file that does not say', positive)
    .option('--units <units>', 'what the numbers are, of a file that does not say: mV, uV, V');
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value < Infinity)) throw new InvalidArgumentError('seconds are needed');
  return value;
}

function inputsOf(file: string, { record, rate, units }: RecordingOptions) {
  const facts: Facts = { ...(rate !== undefined && { rate }), ...(units !== undefined && { units }) };
  return { file: path.resolve(file), record, facts };
}

export function addRecordingCommands(program: Command, terminal: Terminal): void {
  addInspect(program, terminal);
  addConvert(program, terminal);
  addAnnotate(program, terminal);
}

function addInspect(program: Command, terminal: Terminal): void {
  withRecordingOptions(
    program
      .command('inspect <file>')
      .description(
        'Read a whole recording (WFDB, EDF, BDF, CSV, MATLAB, NumPy): leads, ranges, checksums, annotations, segments',
      )
      .option(
        '--annotator <ending>',
        'annotations to read, for instance atr (default: those that there are)',
      ),
  ).action(async (file: string, options: RecordingOptions & { annotator?: string }) => {
    const inspection = await inspectJob(
      { ...inputsOf(file, options), annotator: options.annotator },
      terminal,
    );
    terminal.clear();
    printInspection(inspection);
    writeResult(options, inspection);
    const wrong = inspection.leads.filter(({ checksum }) => checksum === 'mismatch');
    if (wrong.length > 0) {
      const names = wrong.map(({ name }) => name).join(', ');
      process.stderr.write(
        `ecg: the checksum of ${names} does not match: header and signal do not belong together, or the file is damaged.\n`,
      );
      process.exitCode = exitCodes.failed;
    }
  });
}

function printInspection({
  format,
  name,
  rate,
  samples,
  duration,
  leads,
  segments,
  annotations,
  started,
  comments,
}: Inspection): void {
  const gaps = segments.filter(({ gap }) => gap).length;
  const parts = segments.length - gaps;
  print(
    [
      `${name}: ${format}, ${rate} Hz, ${samples} samples (${duration.toFixed(3)} s)`,
      ...(segments.length > 1 ? [`${parts} segments, ${gaps} gaps`] : []),
      ...(started === null ? [] : [`from ${started}`]),
    ].join(', '),
  );
  const number = (value: number | null): string =>
    value === null ? '' : String(Number(value.toPrecision(7)));
  print(
    markdownTable([
      ['lead', 'units', 'gain', 'rate, Hz', 'min', 'max', 'missing', 'checksum'],
      ...leads.map((lead) => [
        lead.name,
        lead.units,
        number(lead.gain),
        number(lead.rate),
        number(lead.min),
        number(lead.max),
        String(lead.missing),
        lead.checksum,
      ]),
    ]),
  );
  if (annotations.length > 0) {
    const counts = new Map<string, number>();
    for (const { symbol } of annotations) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const list = [...counts].sort((a, b) => b[1] - a[1]).map(([symbol, count]) => `${symbol} ${count}`);
    print(`${annotations.length} annotations: ${list.join(', ')}`);
  }
  for (const comment of comments) print(`# ${comment}`);
}

function addConvert(program: Command, terminal: Terminal): void {
  withRecordingOptions(
    program
      .command('convert <file> <output>')
      .description(
        'Write a recording, or a part of it, as WFDB (OUTPUT.hea, .dat, .atr) or CSV; nothing is overwritten',
      )
      .option('--to <format>', '16 or 212 (WFDB), or csv', writtenFormat, 16)
      .option('--from <s>', 'where the part begins', seconds)
      .option('--until <s>', 'where it ends', seconds),
  ).action(
    async (
      file: string,
      output: string,
      options: RecordingOptions & { to: ConvertInputs['format']; from?: number; until?: number },
    ) => {
      const result = await convertJob(
        { ...inputsOf(file, options), output, format: options.to, from: options.from, to: options.until },
        terminal,
      );
      terminal.clear();
      print(`${result.samples} samples, ${result.annotations} annotations: ${result.files.join(', ')}`);
      for (const { lead, step, units } of result.rounded) {
        print(`${lead} was no integers: rounded to steps of ${step} ${units}`);
      }
      writeResult(options, result);
    },
  );
}

function writtenFormat(text: string): ConvertInputs['format'] {
  if (text === 'csv') return text;
  if (text === '16') return 16;
  if (text === '212') return 212;
  throw new InvalidArgumentError('16, 212 or csv is needed');
}

interface AnnotateOptions extends RecordingOptions {
  lead: number | string;
  out?: string;
  reference?: string;
  label?: string;
  unlabel?: boolean;
  exclude?: boolean;
  include?: boolean;
}

function addAnnotate(program: Command, terminal: Terminal): void {
  withRecordingOptions(
    program
      .command('annotate <file>')
      .description(
        'Find the beats of a recording and write them as WFDB annotations; or, of a dataset file, say what class a record has',
      )
      .option('--lead <lead>', 'number, from 0, or name', leadName, 0)
      .option('--out <file>', 'annotation file to write, for instance 100.qrs')
      .option('--reference <ending>', 'score the beats by these annotations (EC57), for instance atr')
      .option('--label <class>', 'dataset file: the class of --record, whatever the source says')
      .option('--unlabel', "dataset file: the source's class of --record again")
      .option('--exclude', 'dataset file: leave --record out')
      .option('--include', 'dataset file: take --record in again'),
  ).action(async (file: string, options: AnnotateOptions) => {
    if (isDatasetFile(file)) return annotateDataset(file, options);
    const { lead, out, reference } = options;
    const result = await annotateJob({ ...inputsOf(file, options), lead, output: out, reference }, terminal);
    terminal.clear();
    printAnnotated(result);
    writeResult(options, result);
  });
}

async function annotateDataset(file: string, options: AnnotateOptions): Promise<void> {
  const { record, label, unlabel, exclude, include } = options;
  const decisions: RecordDecision[] = [];
  if (label !== undefined) decisions.push({ kind: 'relabel', label });
  if (unlabel) decisions.push({ kind: 'relabel', label: undefined });
  if (exclude) decisions.push({ kind: 'exclude' });
  if (include) decisions.push({ kind: 'include' });
  if (record === undefined || decisions.length !== 1) {
    throw new UserError(
      'nothing, or several things, to say of a record',
      { file },
      'Give --record and one of --label, --unlabel, --exclude and --include.',
    );
  }
  const text = readFile(file).toString('utf8');
  parseDatasetFile(text, file);
  await findRecord(file, record); // Says that there is none.
  writeFileAtomic(file, decideRecords(text, [record], decisions[0]));
  print(`${record}: ${described(decisions[0])} (${file})`);
  writeResult(options, { record, decision: decisions[0], file });
}

function described(decision: RecordDecision): string {
  if (decision.kind !== 'relabel') return decision.kind === 'exclude' ? 'left out' : 'taken in again';
  return decision.label === undefined ? "the source's class again" : `class ${decision.label}`;
}

function printAnnotated({ lead, beats, file, heart, score }: Annotated): void {
  print(`${lead}: ${beats} beats${file === undefined ? '' : `, written to ${file}`}`);
  if (heart) {
    const { meanRr, sdnn, rmssd } = heart;
    const more = [
      ...(sdnn === undefined ? [] : [`SDNN ${sdnn.toFixed(1)} ms`]),
      ...(rmssd === undefined ? [] : [`RMSSD ${rmssd.toFixed(1)} ms`]),
    ];
    print([`Mean RR ${meanRr.toFixed(1)} ms (${(60_000 / meanRr).toFixed(1)} a minute)`, ...more].join(', '));
  }
  if (score) {
    const percent = (value: number | undefined): string =>
      value === undefined ? 'undefined' : `${(100 * value).toFixed(2)} %`;
    print(
      `Against the reference (EC57: 150 ms, without the first 5 minutes and flutter): sensitivity ${percent(score.sensitivity)}, ` +
        `positive predictivity ${percent(score.positivePredictivity)} (${score.truePositives} found, ${score.falseNegatives} missed, ${score.falsePositives} too many)`,
    );
  }
}

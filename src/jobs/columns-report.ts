import { notAMedicalDevice } from '../common/product.ts';
import { confusionTable, figure, markdownTable, withInterval } from '../evaluation/tables.ts';
import { energyText, estimateEnergy } from '../firmware/energy.ts';
import { bytesText } from '../model/units.ts';
import type { Column, ColumnsResult } from './columns.ts';
import type { BoardVerification, Verification } from './verify.ts';

/** Table II of Faraone et al. (test set of 1528 records): [sensitivity, F1] of N, A, O, ~ in the four columns. */
const paper: readonly Readonly<Record<string, readonly [number, number]>>[] = [
  { N: [0.917, 0.915], A: [0.795, 0.775], O: [0.761, 0.771], '~': [0.705, 0.706] },
  { N: [0.918, 0.916], A: [0.81, 0.753], O: [0.752, 0.76], '~': [0.588, 0.689] },
  { N: [0.926, 0.92], A: [0.748, 0.75], O: [0.77, 0.781], '~': [0.775, 0.751] },
  { N: [0.934, 0.926], A: [0.825, 0.815], O: [0.785, 0.803], '~': [0.765, 0.77] },
];

/** The paper's parameter bytes (one each), operations and time a window on the nRF52832. */
const paperSizes = [
  { parameters: 194_000, operations: 3_220_000, milliseconds: 90 },
  { parameters: 194_000, operations: 3_220_000, milliseconds: 90 },
  { parameters: 138_000, operations: 1_840_000, milliseconds: 60 },
  { parameters: 138_000, operations: 1_840_000, milliseconds: 60 },
] as const;

/** The four columns beside the paper's, the verification and what to beware of, as Markdown. */
export function columnsMarkdown(title: string, result: ColumnsResult, caution: string): string {
  const { dataset, columns, teacher, verification, skipped, verificationFailure } = result;
  return [
    `# ${title}`,
    '',
    `**${caution}**`,
    '',
    `Data: ${dataset.name}, ${dataset.records} ${dataset.synthetic ? '**synthetic**' : 'real'} records; ` +
      `figures on the ${columns[0].evaluation.records} records of the test split, which no network saw.`,
    `Teacher (${teacher.source}): mean F1 ${withInterval(teacher.evaluation, teacher.evaluation.ci95, 'f1Mean')} on the same records.`,
    '',
    columnsTable(result),
    '',
    `${dataset.synthetic ? 'Sizes' : 'Each cell'}: here / in the paper (whose test set is another). ` +
      'In parentheses: 95 % intervals by bootstrap over records.',
    '',
    '## On the device (slim distilled + quantised)',
    '',
    ...(verification
      ? verificationLines(verification).map((line) => `- ${line}`)
      : [
          verificationFailure
            ? `**Not verified:** ${verificationFailure}`
            : `Firmware steps skipped: ${skipped} missing.`,
        ]),
    '',
    '## Confusion matrices',
    '',
    ...columns.flatMap((c) => [`${c.title}:`, '', confusionTable(c.evaluation), '']),
    notAMedicalDevice,
    '',
  ].join('\n');
}

function columnsTable({ columns, dataset: { synthetic }, teacher, verification }: ColumnsResult): string {
  const classes = columns[0].evaluation.classes;
  // Synthetic recordings and the paper's real ones have nothing to do with each other.
  const beside = (here: string, there: number | undefined): string =>
    synthetic || there === undefined ? here : `${here} / ${figure(there)}`;
  const row = (label: string, cell: (column: Column, i: number) => string): string[] => [
    label,
    ...columns.map(cell),
  ];
  const paperMean = (i: number, names: readonly string[]): number =>
    names.reduce((sum, name) => sum + paper[i][name][1], 0) / names.length;
  return markdownTable([
    ['', ...columns.map((c) => c.title)],
    ...classes.flatMap((name) => [
      row(`${name} sensitivity`, (c, i) =>
        beside(figure(c.evaluation.perClass[name].sensitivity), paper[i][name]?.[0]),
      ),
      row(`${name} F1`, (c, i) => beside(figure(c.evaluation.perClass[name].f1), paper[i][name]?.[1])),
    ]),
    row('mean F1, 4 classes', (c, i) =>
      beside(withInterval(c.evaluation, c.evaluation.ci95, 'f1Mean4'), paperMean(i, ['N', 'A', 'O', '~'])),
    ),
    row('mean F1, N A O', (c, i) =>
      beside(withInterval(c.evaluation, c.evaluation.ci95, 'f1Mean3'), paperMean(i, ['N', 'A', 'O'])),
    ),
    row('accuracy', (c) => withInterval(c.evaluation, c.evaluation.ci95, 'accuracy')),
    row('parameters', (c, i) => `${c.evaluation.size.parameters} / ${paperSizes[i].parameters / 1000} k`),
    row('bytes of weights (exact)', (c) => bytesText(c.evaluation.size.weightBytes)),
    row(
      'operations a window',
      (c, i) => `${(c.evaluation.size.operations / 1e6).toFixed(2)} M / ${paperSizes[i].operations / 1e6} M`,
    ),
    row('time a window, 64 MHz', (_c, i) => {
      const emulated = i === columns.length - 1 ? verification?.instructionsPerWindow.max : undefined;
      const here =
        emulated === undefined ? '–' : `${estimateEnergy(emulated).milliseconds.toFixed(0)} ms (estimate)`;
      return `${here} / ${paperSizes[i].milliseconds} ms (device)`;
    }),
    row('epochs', (c) => String(c.epochs)),
    row('teacher', (_c, i) =>
      i === columns.length - 1 ? `${teacher.source}, ${teacher.epochs} epochs` : '–',
    ),
    row('seconds an epoch', (c) => c.secondsPerEpoch?.toFixed(1) ?? '–'),
  ]);
}

/** What a verification found, a line each; every figure says where it comes from. */
export function verificationLines(verification: Verification): string[] {
  const { instructionsPerWindow, frontEnd, build } = verification;
  const { flashBytes, ramBytes, stackBytes } = verification;
  return [
    ...comparedLines('emulated Cortex-M4', verification),
    `Instructions a window: mean ${Math.round(instructionsPerWindow.mean)}, max ${instructionsPerWindow.max}; ` +
      `front end: at most ${frontEnd.instructionsPerSample} a sample (emulated).`,
    `Network: ${bytesText(flashBytes)} of flash, ${bytesText(ramBytes)} of RAM; whole image: ` +
      `${bytesText(build.imageFlashBytes)} of flash, ${bytesText(build.imageRamBytes)} of RAM (exact).`,
    `Stack: ${bytesText(stackBytes)} (emulated).`,
    `Energy a window: ${energyText(instructionsPerWindow.max)}.`,
  ];
}

/** The same of a board. */
export function boardVerificationLines(verification: BoardVerification): string[] {
  const { device, cyclesPerWindow, millisecondsPerWindow, frontEnd, stackBytes } = verification;
  return [
    ...comparedLines(device, verification),
    `A window takes ${Math.round(cyclesPerWindow.mean)} cycles in the mean, at most ${cyclesPerWindow.max}: ` +
      `${millisecondsPerWindow.max.toFixed(1)} ms; front end: at most ${frontEnd.costPerSample} cycles a sample (measured on the device).`,
    `Stack: ${bytesText(stackBytes)} (measured on the device, with interrupts).`,
  ];
}

function comparedLines(device: string, verification: Verification | BoardVerification): string[] {
  const { windows, records, valuesCompared, mismatches, frontEnd, layers } = verification;
  return [
    `Network, ${device} against the host: ${windows} windows of ${records} records, the outputs of ${layers.length} layers: ` +
      `${valuesCompared} values compared, ${mismatches} mismatches.`,
    `Front end, likewise: ${frontEnd.samplesCompared} samples compared, ${frontEnd.mismatches} mismatches.`,
  ];
}

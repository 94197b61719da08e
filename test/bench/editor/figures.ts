/** What is measured, in the order of the report. Bars are ms, from the issue that set them. */
export const figureTable = {
  activation: { title: 'activate()', bar: 50 },
  firstNames: { title: 'first dataset tree, window starting', bar: 1000 },
  firstCounts: { title: '  the same, with counts', bar: 1000 },
  namesLater: { title: 'first dataset tree, window has started', bar: 1000 },
  countsLater: { title: '  the same, with counts', bar: 1000 },
  hints: { title: 'hints after a keystroke, training, seen', bar: 50 },
  hintRequest: { title: '  of it from the edit made to hints', bar: undefined },
  hintAnswer: { title: '  ours: edit known to hints answered', bar: 50 },
  hintsConstant: { title: '  constant hints instead, training', bar: undefined },
  hintsIdle: { title: '  ours, no job', bar: undefined },
  hintsConstantIdle: { title: '  constant hints instead, no job', bar: undefined },
  block: { title: 'longest block of the host, training', bar: 50 },
  blockTyping: { title: '  the same, typing', bar: 50 },
  blockIdle: { title: '  the same, no job, nothing typed', bar: undefined },
  cancel: { title: 'cancel to end of the job', bar: 1000 },
} as const;

export type FigureName = keyof typeof figureTable;
export const figureNames = Object.keys(figureTable) as FigureName[];

/** Values in ms. */
export type Figures = Partial<Record<FigureName, number[]>>;

/** What one window tells. */
export interface WindowResult {
  figures: Figures;
  versions: { vscode: string; node: string; extension: string };
  /** What was counted, what was trained on. */
  notes: string[];
}

/** One line: median, spread, and how the bar was met. */
export function figureLine(name: FigureName, values: readonly number[]): string {
  const { title, bar } = figureTable[name];
  const sorted = [...values].sort((a, b) => a - b);
  const [median, p95, least, most] = [0.5, 0.95, 0, 1].map((q) => quantile(sorted, q));
  const spread = [`${least.toFixed(1)} to ${most.toFixed(1)}`];
  // Of a handful of rounds the 95th percentile is the largest.
  if (values.length >= 20) spread.unshift(`p95 ${p95.toFixed(1)}`);
  const count = `${values.length}×`.padStart(5);
  const figure = `${title.padEnd(37)} ${median.toFixed(1).padStart(7)} ms ${count}  ${spread.join(', ')}`;
  return bar === undefined ? figure : `${figure.padEnd(86)}  bar ${bar} ms: ${verdict(sorted, bar)}`;
}

function verdict(sorted: readonly number[], bar: number): string {
  const over = sorted.filter((value) => value > bar).length;
  if (over === 0) return 'held';
  return quantile(sorted, 0.5) > bar
    ? 'MISSED'
    : `held by the median, MISSED ${over} of ${sorted.length} times`;
}

function quantile(sorted: readonly number[], q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

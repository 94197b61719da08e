import { UserError } from '../common/errors.ts';

/** One signal line of a WFDB header (header(5) of the WFDB Applications Guide). */
export interface WfdbSignal {
  file: string;
  format: number;
  /** Bytes before the first sample in the file. */
  byteOffset: number;
  /** ADC units per physical unit. */
  gain: number;
  baseline: number;
  units: string;
  initialValue: number | undefined;
  /** 16-bit sum of all samples; undefined where the header gives none. */
  checksum: number | undefined;
  description: string;
}

export interface WfdbHeader {
  name: string;
  /** Hz. */
  rate: number;
  /** Samples per signal; undefined where the header does not say. */
  sampleCount: number | undefined;
  signals: readonly WfdbSignal[];
  comments: readonly string[];
}

const mostSignals = 1024;
const defaultRate = 250;
const defaultGain = 200;

/** Parse a single-segment WFDB header. Errors name file and line. */
export function parseWfdbHeader(text: string, file: string): WfdbHeader {
  const comments: string[] = [];
  const lines: { text: string; number: number }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.startsWith('#')) comments.push(line.slice(1).trim());
    else if (line.trim() !== '') lines.push({ text: line.trim(), number: i + 1 });
  }
  const refuse = (what: string, line: number): never => {
    throw new UserError(what, { file, line }, 'This is not a WFDB header that can be read here.');
  };
  if (lines.length === 0) return refuse('the header is empty', 1);
  const record = lines[0];
  const [name, countText, rateText, lengthText] = record.text.split(/\s+/);
  if (name.includes('/')) return refuse('multi-segment records cannot be read yet', record.number);
  const signalCount = wholeNumber(countText);
  if (signalCount === undefined || signalCount > mostSignals) {
    return refuse(
      `the record line gives no usable number of signals (\`${countText ?? ''}\`)`,
      record.number,
    );
  }
  // fs[/counter(base)]
  const rate = rateText === undefined ? defaultRate : Number(rateText.split('/')[0]);
  if (!(rate > 0 && rate <= 1e6)) return refuse(`\`${rateText}\` is no sampling rate`, record.number);
  const length = lengthText === undefined ? undefined : wholeNumber(lengthText);
  if (lengthText !== undefined && length === undefined)
    return refuse(`\`${lengthText}\` is no length`, record.number);
  if (lines.length - 1 < signalCount) {
    return refuse(`${signalCount} signals announced, ${lines.length - 1} described`, record.number);
  }
  const signals = lines.slice(1, 1 + signalCount).map((line) => parseSignal(line.text, file, line.number));
  return { name, rate, sampleCount: length === 0 ? undefined : length, signals, comments };
}

function parseSignal(text: string, file: string, line: number): WfdbSignal {
  const fields = text.split(/\s+/);
  // format[xSPF][:skew][+offset]
  const format = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(fields[1] ?? '');
  if (!format) throw new UserError(`\`${fields[1] ?? ''}\` is no signal format`, { file, line });
  if (Number(format[2] ?? 1) !== 1) {
    throw new UserError('several samples per frame cannot be read yet', { file, line });
  }
  // gain[(baseline)][/units]
  const gain = /^(-?[\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(\S+))?$/.exec(fields[2] ?? '');
  const zero = Number(fields[4] ?? 0);
  const integer = (field: string | undefined): number | undefined =>
    field !== undefined && /^-?\d+$/.test(field) ? Number(field) : undefined;
  return {
    file: fields[0],
    format: Number(format[1]),
    byteOffset: Number(format[4] ?? 0),
    gain: Number(gain?.[1] ?? 0) || defaultGain,
    baseline: gain?.[2] !== undefined ? Number(gain[2]) : zero,
    units: gain?.[3] ?? 'mV',
    initialValue: integer(fields[5]),
    checksum: integer(fields[6]),
    description: fields.slice(8).join(' '),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

import { UserError } from '../../common/errors.ts';
import { shown } from '../shown.ts';

/** One signal line of a WFDB header (header(5) of the WFDB Applications Guide). */
export interface WfdbSignal {
  /** `~` for a signal that is not stored. */
  file: string;
  format: number;
  samplesPerFrame: number;
  /** Frames by which the signal is stored too late. */
  skew: number;
  /** Bytes before the first sample in the file; undefined where the header does not say. */
  byteOffset: number | undefined;
  /** ADC units per physical unit. */
  gain: number;
  baseline: number;
  units: string;
  initialValue: number;
  /** 16-bit sum of all samples; undefined where the header gives none. */
  checksum: number | undefined;
  description: string;
  /** 1-based line of the header. */
  line: number;
}

/** A segment of a record that has several; `~` is a gap. */
export interface WfdbSegment {
  name: string;
  frames: number;
  line: number;
}

export interface WfdbHeader {
  name: string;
  /** Frames a second, Hz. */
  rate: number;
  /** Frames; undefined where the header does not say. */
  frames: number | undefined;
  /** Signals announced; a record of several segments describes them in these. */
  signalCount: number;
  signals: readonly WfdbSignal[];
  /** undefined: the record is one segment. */
  segments: readonly WfdbSegment[] | undefined;
  comments: readonly string[];
}

/** A 12-lead Holter has 12; polysomnographies have some dozens. */
const mostSignals = 1024;
const mostSamplesPerFrame = 100_000;
/** Three years at 1 kHz; so many frames of so many samples can be counted. */
export const mostFrames = 9e10;
const longestName = 255;
const defaultRate = 250;
const defaultGain = 200;
export const notStored = '~';

/** Whether a signal has samples in a file, and is not only announced. */
export function isStored({ file, format }: WfdbSignal): boolean {
  return file !== notStored && format !== 0;
}

interface Line {
  text: string;
  number: number;
}

type Refuse = (what: string, line: number) => never;

/** Parse a WFDB header. Errors name file, line and field. */
export function parseWfdbHeader(text: string, file: string): WfdbHeader {
  const comments: string[] = [];
  const lines: Line[] = [];
  for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.startsWith('#')) comments.push(line.slice(1).trim());
    else if (line.trim() !== '') lines.push({ text: line.trim(), number: i + 1 });
  }
  const refuse: Refuse = (what, line) => {
    throw new UserError(what, { file, line }, 'This is not a WFDB header that can be read here.');
  };
  if (lines.length === 0) return refuse('the header is empty', 1);
  const record = parseRecordLine(lines[0], refuse);
  const { segmentCount, ...rest } = record;
  if (segmentCount === undefined) {
    const signals = described(lines, record.signalCount, 'signals', refuse).map((line) =>
      parseSignal(line, refuse),
    );
    return { ...rest, signals, segments: undefined, comments };
  }
  const segments = described(lines, segmentCount, 'segments', refuse).map((line) =>
    parseSegment(line, refuse),
  );
  return { ...rest, signals: [], segments, comments };
}

/** The lines of what the record line announces. */
function described(lines: readonly Line[], count: number, what: string, refuse: Refuse): Line[] {
  if (lines.length - 1 < count) {
    return refuse(`${count} ${what} announced, ${lines.length - 1} described`, lines[0].number);
  }
  return lines.slice(1, 1 + count);
}

/** `name[/segments] signals [fs[/counter[(base)]] [frames [time [date]]]]` */
function parseRecordLine({ text, number }: Line, refuse: Refuse) {
  const [nameText, countText, rateText, framesText] = text.split(/\s+/);
  const [, name, segmentText] = /^([^/]+)(?:\/(.*))?$/.exec(nameText) ?? [];
  if (name === undefined || name.length > longestName)
    return refuse(`\`${shown(nameText)}\` is no record name`, number);
  const segmentCount = segmentText === undefined ? undefined : wholeNumber(segmentText);
  if (segmentText !== undefined && !segmentCount) {
    return refuse(`\`${shown(segmentText)}\` is no number of segments`, number);
  }
  const signalCount = wholeNumber(countText);
  if (signalCount === undefined || signalCount > mostSignals) {
    return refuse(
      `the record line gives no usable number of signals (\`${shown(countText ?? '')}\`)`,
      number,
    );
  }
  const rate = rateText === undefined ? defaultRate : Number(rateText.split('/')[0]);
  if (!(rate > 0 && rate <= 1e6)) return refuse(`\`${shown(rateText ?? '')}\` is no sampling rate`, number);
  const frames = framesText === undefined ? 0 : wholeNumber(framesText);
  if (frames === undefined || frames > mostFrames)
    return refuse(`\`${shown(framesText ?? '')}\` is no length`, number);
  return { name, segmentCount, signalCount, rate, frames: frames === 0 ? undefined : frames };
}

/** `name frames` */
function parseSegment({ text, number }: Line, refuse: Refuse): WfdbSegment {
  const [name, framesText] = text.split(/\s+/);
  const frames = wholeNumber(framesText);
  if (frames === undefined || frames > mostFrames) {
    return refuse(`\`${shown(framesText ?? '')}\` is no length of the segment ${shown(name)}`, number);
  }
  return { name, frames, line: number };
}

/** `file format [gain [resolution [zero [initial [checksum [block [description]]]]]]]` */
function parseSignal({ text, number }: Line, refuse: Refuse): WfdbSignal {
  const fields = text.split(/\s+/);
  // format[xSPF][:skew][+offset]
  const format = /^(\d{1,4})(?:x(\d{1,6}))?(?::(\d{1,9}))?(?:\+(\d{1,12}))?$/.exec(fields[1] ?? '');
  if (!format) return refuse(`\`${shown(fields[1] ?? '')}\` is no signal format`, number);
  const samplesPerFrame = Number(format[2] ?? 1);
  if (samplesPerFrame < 1 || samplesPerFrame > mostSamplesPerFrame) {
    return refuse(`\`${fields[1]}\` gives no usable number of samples per frame`, number);
  }
  // gain[(baseline)][/units]
  const gainText = fields[2] ?? '0';
  const gain =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\(([+-]?\d{1,10})(?:\.0*)?\))?(?:\/(\S+))?$/.exec(
      gainText,
    );
  if (!gain || !Number.isFinite(Number(gain[1]))) return refuse(`\`${shown(gainText)}\` is no gain`, number);
  const integer = (at: number): number | undefined =>
    /^[+-]?\d{1,12}$/.test(fields[at] ?? '') ? Number(fields[at]) : undefined;
  const zero = integer(4) ?? 0;
  return {
    file: fields[0],
    format: Number(format[1]),
    samplesPerFrame,
    skew: Number(format[3] ?? 0),
    byteOffset: format[4] === undefined ? undefined : Number(format[4]),
    gain: Number(gain[1]) || defaultGain,
    baseline: gain[2] === undefined ? zero : Number(gain[2]),
    units: gain[3] ?? 'mV',
    // WFDB takes the middle of the converter's range where the header does not say.
    initialValue: integer(5) ?? zero,
    // A checksum of 0 is how CinC2017 and others say "none".
    checksum: integer(6) || undefined,
    description: fields.slice(8).join(' '),
    line: number,
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

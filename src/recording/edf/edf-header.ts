import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';

/** One signal of a data record: samples of a lead, or annotations as text. */
export interface EdfSignal {
  label: string;
  units: string;
  physicalMinimum: number;
  physicalMaximum: number;
  digitalMinimum: number;
  digitalMaximum: number;
  samplesPerRecord: number;
  isAnnotations: boolean;
  /** Bytes in a data record before its own. */
  offset: number;
}

export interface EdfHeader {
  /** `EDF`, `EDF+C`, `EDF+D`, `BDF`, `BDF+C`, `BDF+D`. */
  format: string;
  /** 2 (EDF) or 3 (BDF). */
  sampleBytes: number;
  patient: string;
  recording: string;
  /** Local time, as `2009-12-10T12:44:02`; undefined where the fields hold no date. */
  started: string | undefined;
  /** Bytes before the first data record, and of each. */
  headerBytes: number;
  recordBytes: number;
  records: number;
  /** s of a data record; 0 only where there are no leads. */
  duration: number;
  signals: readonly EdfSignal[];
}

const fixedBytes = 256;
const mostSignals = 4096;
const advice =
  'The file is damaged, or whatever wrote it does not keep to the format (edfplus.info); convert it anew.';

/** Widths of a signal's fields, which stand together for all signals: first all labels, then all transducers … */
const signalFields = {
  label: 16,
  transducer: 80,
  units: 8,
  physicalMinimum: 8,
  physicalMaximum: 8,
  digitalMinimum: 8,
  digitalMaximum: 8,
  prefiltering: 80,
  samples: 8,
  reserved: 32,
};

/**
 * Header of EDF (Kemp et al. 1992), EDF+ (Kemp and Olivan 2003, edfplus.info) or BDF (BioSemi's 24 bits). Sizes are checked
 * against the file. Throws a UserError that names the field.
 */
export function readEdfHeader(file: ByteFile): EdfHeader {
  const refuse = (what: string): never => {
    throw new UserError(what, { file: file.location }, advice);
  };
  const fixed = text(file.read(0, fixedBytes));
  const isBdf = fixed.startsWith('\xffBIOSEMI');
  if (!isBdf && fixed.slice(0, 8).trim() !== '0')
    refuse('the field `version` is neither that of EDF nor of BDF');
  if (fixed.length < fixedBytes) refuse(`is cut off within its header of ${fixedBytes} bytes`);
  const number = (value: string, field: string): number => {
    const parsed = asciiNumber(value);
    return parsed ?? refuse(`the field \`${field}\` is no number (\`${clean(value)}\`)`);
  };
  const count = (value: string, field: string): number => {
    const parsed = number(value, field);
    return Number.isInteger(parsed)
      ? parsed
      : refuse(`the field \`${field}\` is no whole number (\`${clean(value)}\`)`);
  };

  const signalCount = count(fixed.slice(252, 256), 'number of signals');
  if (signalCount < 1 || signalCount > mostSignals)
    refuse(`the field \`number of signals\` is ${signalCount}`);
  // The field `header bytes` is not asked: there is one size that a header can have, and writers get the field wrong.
  const headerBytes = fixedBytes * (signalCount + 1);
  if (headerBytes > file.size) {
    refuse(
      `the field \`number of signals\` is ${signalCount}, whose header has more bytes than the file (${file.size})`,
    );
  }
  const duration = number(fixed.slice(244, 252), 'duration of a data record');
  const claimed = count(fixed.slice(236, 244), 'number of data records');

  const sampleBytes = isBdf ? 3 : 2;
  const signals: EdfSignal[] = [];
  let recordBytes = 0;
  for (const fields of splitSignals(text(file.read(fixedBytes, headerBytes - fixedBytes)), signalCount)) {
    const label = clean(fields.label);
    const where = (field: string): string => `${field}\` of the signal \`${label}`;
    const samplesPerRecord = count(fields.samples, where('samples in a data record'));
    if (samplesPerRecord < 1)
      refuse(`the field \`${where('samples in a data record')}\` is ${samplesPerRecord}`);
    signals.push({
      label,
      units: clean(fields.units),
      physicalMinimum: number(fields.physicalMinimum, where('physical minimum')),
      physicalMaximum: number(fields.physicalMaximum, where('physical maximum')),
      digitalMinimum: number(fields.digitalMinimum, where('digital minimum')),
      digitalMaximum: number(fields.digitalMaximum, where('digital maximum')),
      samplesPerRecord,
      isAnnotations: /^(EDF|BDF) Annotations$/i.test(label),
      offset: recordBytes,
    });
    recordBytes += samplesPerRecord * sampleBytes;
  }
  const whole = Math.floor((file.size - headerBytes) / recordBytes);
  if (whole < 1)
    refuse(`a data record of ${recordBytes} bytes is announced, and the file has none that is whole`);
  // -1 until the recording is closed, and for ever where it never was.
  const records = claimed > 0 ? claimed : whole;
  if (records > whole) refuse(`the field \`number of data records\` is ${records}, the file holds ${whole}`);
  const needsDuration = duration !== 0 || signals.some(({ isAnnotations }) => !isAnnotations);
  if (needsDuration && !(duration >= 1e-6 && duration <= 1e9)) {
    refuse(`the field \`duration of a data record\` is ${duration}`);
  }
  const kind = /^(?:EDF|BDF)(\+[CD])/.exec(fixed.slice(192, 236))?.[1] ?? '';
  const recording = clean(fixed.slice(88, 168));
  return {
    format: (isBdf ? 'BDF' : 'EDF') + kind,
    sampleBytes,
    patient: clean(fixed.slice(8, 88)),
    recording,
    started: startTime(fixed.slice(168, 176), fixed.slice(176, 184), recording),
    headerBytes,
    recordBytes,
    records,
    duration,
    signals,
  };
}

function splitSignals(all: string, count: number): Record<keyof typeof signalFields, string>[] {
  const signals = Array.from({ length: count }, () => ({}) as Record<keyof typeof signalFields, string>);
  let at = 0;
  for (const [field, width] of Object.entries(signalFields)) {
    for (const signal of signals) {
      signal[field as keyof typeof signalFields] = all.slice(at, at + width);
      at += width;
    }
  }
  return signals;
}

/** ASCII by the book; what is not is Latin-1 in most cases (µV, °C). */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Without the padding, which is of spaces by the book, and of zeros elsewhere. */
function clean(field: string): string {
  return field.replace(/\0.*$/s, '').trim();
}

/** Decimal commas are against the book, and found. */
function asciiNumber(field: string): number | undefined {
  const plain = clean(field).replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  return Number.isFinite(Number(plain)) ? Number(plain) : undefined;
}

/** `dd.mm.yy` and `hh.mm.ss`; years are 1985 to 2084, or what EDF+ writes into the field `recording`. */
function startTime(date: string, time: string, recording: string): string | undefined {
  const [, day, month, year] = /^\s*(\d\d?)[./:-](\d\d?)[./:-](\d\d)\s*$/.exec(clean(date)) ?? [];
  const [, hours, minutes, seconds] = /^\s*(\d\d?)[.:](\d\d?)[.:](\d\d?)\s*$/.exec(clean(time)) ?? [];
  if (day === undefined || hours === undefined) return undefined;
  const plus = /^Startdate \d\d-[A-Z]{3}-(\d{4})\b/i.exec(recording)?.[1];
  const full = plus ?? (Number(year) >= 85 ? `19${year}` : `20${year}`);
  const pad = (part: string): string => part.padStart(2, '0');
  const iso = `${full}-${pad(month)}-${pad(day)}T${pad(hours)}:${pad(minutes)}:${pad(seconds)}`;
  const parsed = new Date(`${iso}Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso) ? iso : undefined;
}

/** A signal of an EDF file for tests. */
export interface EdfTestSignal {
  label: string;
  units?: string;
  physical?: [string, string];
  digital?: [string, string];
  /** Samples of each data record; of annotations, the text of each. */
  records: (readonly number[] | string)[];
  /** Of annotations: samples in a record. */
  room?: number;
}

export interface EdfTestOptions {
  bdf?: boolean;
  reserved?: string;
  count?: string;
  duration?: string;
  fields?: Partial<Record<'version' | 'date' | 'time' | 'recording' | 'headerBytes' | 'signals', string>>;
}

/** An encoder of EDF and BDF for tests, of its own, field by field as in the specification. */
export function edf(signals: readonly EdfTestSignal[], options: EdfTestOptions = {}): Uint8Array {
  const {
    bdf = false,
    reserved = '',
    count = `${signals[0].records.length}`,
    duration = '1',
    fields = {},
  } = options;
  const width = bdf ? 3 : 2;
  const put = (value: string, length: number): Buffer =>
    Buffer.from(value.padEnd(length).slice(0, length), 'latin1');
  const samples = (s: EdfTestSignal): number => s.room ?? s.records[0].length;
  const parts = [
    put(fields.version ?? (bdf ? '\xffBIOSEMI' : '0'), 8),
    put('X F X Somebody', 80),
    put(fields.recording ?? '', 80),
    put(fields.date ?? '24.12.87', 8),
    put(fields.time ?? '23.05.09', 8),
    put(fields.headerBytes ?? `${256 * (signals.length + 1)}`, 8),
    put(reserved, 44),
    put(count, 8),
    put(duration, 8),
    put(fields.signals ?? `${signals.length}`, 4),
    ...signals.map((s) => put(s.label, 16)),
    ...signals.map(() => put('AgAgCl', 80)),
    ...signals.map((s) => put(s.units ?? 'mV', 8)),
    ...signals.map((s) => put((s.physical ?? ['-5', '5'])[0], 8)),
    ...signals.map((s) => put((s.physical ?? ['-5', '5'])[1], 8)),
    ...signals.map((s) => put((s.digital ?? ['-1000', '1000'])[0], 8)),
    ...signals.map((s) => put((s.digital ?? ['-1000', '1000'])[1], 8)),
    ...signals.map(() => put('HP:0.1Hz', 80)),
    ...signals.map((s) => put(`${samples(s)}`, 8)),
    ...signals.map(() => put('', 32)),
  ];
  for (const record of signals[0].records.keys()) {
    for (const s of signals) {
      const block = Buffer.alloc(samples(s) * width);
      const content = s.records[record];
      if (typeof content === 'string') block.write(content, 'utf8');
      else content.forEach((value, i) => block.writeIntLE(value, i * width, width));
      parts.push(block);
    }
  }
  return Buffer.concat(parts);
}

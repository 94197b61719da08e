// `npm run bench:recordings`: how long recordings take to be indexed, listed and opened, on those of ECG_DATA_DIR.
//   --rounds N   5 by default
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { silentContext } from '../../src/common/job.ts';
import { openDataset } from '../../src/dataset/dataset.ts';
import { findRecordings } from '../../src/jobs/demo-data.ts';
import { listRecords } from '../../src/jobs/list-records.ts';
import { openRecord, readEnvelope, readSamples } from '../../src/jobs/open-record.ts';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(options.rounds);
const data = findRecordings();
if (!data) throw new Error('no recordings: set ECG_DATA_DIR');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-bench-recordings-'));

/** Median, least and most of some times in ms. */
function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const text = (ms: number): string => (ms < 10 ? ms.toFixed(2) : ms.toFixed(0));
  return `${text(sorted[sorted.length >> 1])} ms (${text(sorted[0])} to ${text(sorted[sorted.length - 1])})`;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

async function repeat(act: (round: number) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(() => act(round)));
  return spread(times);
}

async function index(cache: string): Promise<void> {
  process.env.ECG_CACHE_DIR = path.join(folder, cache);
  (await openDataset(data!, silentContext())).close();
}

/** A day of three leads at 250 Hz in format 16. */
function writeDay(): string {
  const frames = 24 * 3600 * 250;
  const lead = (name: string): string => `day.dat 16 200/mV 12 0 0 0 0 ${name}\n`;
  fs.writeFileSync(
    path.join(folder, 'day.hea'),
    `day 3 250 ${frames}\n${lead('I')}${lead('II')}${lead('V1')}`,
  );
  const handle = fs.openSync(path.join(folder, 'day.dat'), 'w');
  const hour = new Uint8Array(
    Int16Array.from({ length: 3 * 250 * 3600 }, (_, i) => (i * 7919) % 2000).buffer,
  );
  for (let h = 0; h < 24; h++) fs.writeSync(handle, hour);
  fs.closeSync(handle);
  return path.join(folder, 'day.hea');
}

/** A dataset of so many records of a second each, in one folder. */
function writeMany(count: number): string {
  const many = path.join(folder, 'many');
  fs.mkdirSync(many);
  const samples = new Uint8Array(600);
  let labels = '';
  for (let i = 0; i < count; i++) {
    const id = `A${String(i).padStart(6, '0')}`;
    fs.writeFileSync(path.join(many, `${id}.hea`), `${id} 1 300 300\n${id}.dat 16 1000/mV 16 0 0 0 0 ECG\n`);
    fs.writeFileSync(path.join(many, `${id}.dat`), samples);
    labels += `${id},${'NAO~'[i % 4]}\n`;
  }
  fs.writeFileSync(path.join(many, 'REFERENCE.csv'), labels);
  return many;
}

try {
  const load = os.loadavg()[0].toFixed(1);
  console.log(
    `${os.cpus()[0].model}, ${os.availableParallelism()} cores, Node ${process.version}, load ${load}`,
  );
  console.log(`index 7000 records, nothing known: ${await repeat((round) => index(`cold-${round}`))}`);
  console.log(`index 7000 records, hashes known: ${await repeat(() => index('cold-0'))}`);
  console.log(`list 7000 records with splits: ${await repeat(() => listRecords(data))}`);
  const { records } = await listRecords(data);
  await openRecord({ data, record: records[0].id });
  const opening: number[] = [];
  for (let i = 0; i < 200; i++) {
    const record = records[(i * 34_567) % records.length].id;
    opening.push(
      await timed(async () => {
        const { sampleCount } = await openRecord({ data: data, record });
        await readSamples({ data: data, record, start: 0, count: sampleCount });
      }),
    );
  }
  console.log(`open and read one of the 7000, 200 of them: ${spread(opening)}`);

  const file = writeDay();
  console.log(`open 24 h × 3 leads: ${spread([await timed(() => openRecord({ file }))])}`);
  const parts: number[] = [];
  for (let i = 0; i < 50; i++) {
    const start = (i * 7_654_321) % 21_000_000;
    parts.push(await timed(() => readSamples({ file, start, count: 1 << 14 })));
  }
  console.log(`65 s of it, anywhere: ${spread(parts)}`);
  const envelope = await timed(async () => {
    for (let start = 0; start < 84_375; start += 4096) await readEnvelope({ file, start, count: 4096 });
  });
  console.log(`its whole envelope: ${spread([envelope])}`);
  console.log(`resident: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);

  const many = writeMany(100_000);
  console.log(`list 100,000 records of a folder: ${await repeat(() => listRecords(many))}`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

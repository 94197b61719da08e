import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../../common/errors.ts';
import { fileError } from '../../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../../common/job.ts';
import { RandomStream } from '../../common/random.ts';
import { encodeMatlab4 } from '../../recording/matlab/matlab4.ts';
import { syntheticMarker } from '../synthetic-marker.ts';
import {
  syntheticClasses,
  syntheticGain,
  syntheticRate,
  synthesizeRecord,
  type SyntheticClass,
} from './record.ts';

export interface SynthesizeInputs {
  /** Folder that is made; it must not exist yet, or be empty. */
  folder: string;
  records: number;
  seed: number;
  /** Shortest and longest record, s. */
  seconds: readonly [number, number];
}

/** Shares of N, A, O and noise; noise is rarer in CinC 2017, but a small dataset needs some of each. */
const shares: Readonly<Record<SyntheticClass, number>> = { N: 0.4, A: 0.2, O: 0.25, '~': 0.15 };

/**
 * Write a synthetic dataset in the layout of CinC 2017, marked as synthetic in every header and by a marker file.
 * It appears under its name when it is whole.
 */
export async function synthesizeDataset(
  inputs: SynthesizeInputs,
  context: JobContext,
): Promise<Map<string, number>> {
  const { folder, records, seed, seconds } = inputs;
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    throw new UserError(
      'the folder is not empty',
      { file: folder },
      'Name a new folder: nothing is overwritten.',
    );
  }
  const temporary = `${path.resolve(folder)}.${process.pid}.partial`;
  try {
    fs.mkdirSync(temporary, { recursive: true });
    const counts = new Map<string, number>();
    const labels: string[] = [];
    for (let i = 0; i < records; i++) {
      if (i % 20 === 0) {
        context.cancellation.throwIfRequested();
        context.progress({ stage: 'synthesizing', done: i, total: records, unit: 'records' });
        await yieldToEventLoop();
      }
      const id = `S${String(i + 1).padStart(5, '0')}`;
      const label = labelOf(i);
      const duration =
        seconds[0] + (seconds[1] - seconds[0]) * new RandomStream(seed, 'duration', id).uniform();
      writeRecord(temporary, id, synthesizeRecord(seed, id, label, duration));
      labels.push(`${id},${label}`);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    fs.writeFileSync(path.join(temporary, 'REFERENCE.csv'), labels.join('\n') + '\n');
    fs.writeFileSync(path.join(temporary, 'RECORDS'), labels.map((l) => l.split(',')[0]).join('\n') + '\n');
    fs.writeFileSync(
      path.join(temporary, syntheticMarker),
      `ECG Studio synthetic recordings, seed ${seed}\n`,
    );
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(temporary, folder);
    return counts;
  } catch (error) {
    fs.rmSync(temporary, { recursive: true, force: true });
    throw fileError(error, folder);
  }
}

/** Classes dealt out evenly along the list, so that any stretch of it has some of each. */
function labelOf(index: number): SyntheticClass {
  const position = (index * 0.6180339887498949) % 1;
  let sum = 0;
  for (const label of syntheticClasses) if (position < (sum += shares[label])) return label;
  return 'N';
}

function writeRecord(folder: string, id: string, samples: Int16Array): void {
  let sum = 0;
  for (const v of samples) sum += v;
  const checksum = (sum << 16) >> 16;
  const header = [
    `${id} 1 ${syntheticRate} ${samples.length}`,
    `${id}.mat 16+24 ${syntheticGain}/mV 16 0 ${samples[0]} ${checksum} 0 ECG`,
    '# synthetic: made by ECG Studio, not recorded from a person',
    '',
  ].join('\n');
  fs.writeFileSync(path.join(folder, `${id}.hea`), header);
  fs.writeFileSync(path.join(folder, `${id}.mat`), encodeMatlab4('val', samples));
}

import { beatClass } from '../../recording/annotations/beats.ts';
import { readAnnotations } from '../../recording/annotations/read.ts';
import { openRecordingIn } from '../../recording/open-recording.ts';
import type { Archive } from '../../recording/file-source.ts';
import type { SplitName } from '../spec.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';
import { overRecords } from './reporting.ts';

/**
 * DS1 and DS2: P. de Chazal, M. O'Dwyer, R. B. Reilly, "Automatic Classification of Heartbeats Using ECG Morphology and
 * Heartbeat Interval Features", IEEE Trans. Biomed. Eng. 51(7), 2004. The four records with paced beats (102, 104, 107, 217)
 * are in neither.
 */
const ds1 = '101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230'.split(
  ' ',
);
const ds2 = '100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234'.split(
  ' ',
);

/** Records 201 and 202 are of one person (MIT-BIH directory), and de Chazal's split has them on both sides. */
const samePatient = new Map([['202', '201']]);

/** Beats of the MIT-BIH Arrhythmia Database, or of any WFDB records with `.atr` beat annotations: one excerpt a beat. */
export const mitBih: Recipe = {
  format: 'mit-bih',
  title: 'MIT-BIH Arrhythmia Database: beats by AAMI class',
  // ANSI/AAMI EC57: normal, supraventricular ectopic, ventricular ectopic, fusion, unclassifiable or paced.
  map: { N: 'N', S: 'S', V: 'V', F: 'F', Q: 'Q' },
  unmapped: 'error',
  // The first lead of all but two records, which are paced, and of 114, where it is the second.
  lead: 'MLII',
  ownSplit: true,
  recognise: (archive) => annotated(archive).some((record) => /(^|\/)[12]\d\d$/.test(record)),
  async index(archive, source, context) {
    const records: IndexedRecord[] = [];
    await overRecords(annotated(archive), 'reading beat annotations', context, (name) => {
      const recording = openRecordingIn(archive, `${name}.hea`);
      try {
        const id = name.slice(name.lastIndexOf('/') + 1);
        const patient = samePatient.get(id) ?? id;
        const split = splitOf(id);
        const [before, behind] = source.beat.map((seconds) => Math.round(seconds * recording.rate));
        const annotations = readAnnotations(archive, name, 'atr', recording.rate);
        for (const { sample, symbol } of annotations) {
          const beat = beatClass(symbol);
          const start = sample - before;
          const frames = before + behind;
          // A beat at the very edge has no whole excerpt.
          if (beat === undefined || start < 0 || start + frames > recording.frames || frames < 1) continue;
          records.push({
            id: `${id}@${sample}`,
            recording: `${name}.hea`,
            labels: [symbol, beat],
            place: { file: `${archive.location}/${name}.atr`, record: id },
            patient,
            ...(split && { split }),
            excerpt: { start, frames },
          });
        }
      } finally {
        recording.close();
      }
    });
    return withoutRepeats(records);
  },
};

function splitOf(id: string): SplitName | undefined {
  if (ds1.includes(id)) return 'train';
  return ds2.includes(id) ? 'test' : undefined;
}

/** Records with a header and `.atr` annotations. */
export function annotated(archive: Archive): string[] {
  const names = new Set(archive.names());
  return archive
    .names()
    .filter((name) => name.endsWith('.hea') && names.has(name.replace(/\.hea$/, '.atr')))
    .map((name) => name.slice(0, -'.hea'.length));
}

/** Two annotations of one sample are one beat: the first. */
function withoutRepeats(records: readonly IndexedRecord[]): IndexedRecord[] {
  const seen = new Set<string>();
  return records.filter(({ recording, id }) => {
    const key = `${recording} ${id}`;
    return !seen.has(key) && seen.add(key);
  });
}

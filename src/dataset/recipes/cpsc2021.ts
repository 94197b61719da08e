import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../../recording/annotation.ts';
import { rhythms, type RhythmEpisode } from '../../recording/annotations/episodes.ts';
import { readAnnotations } from '../../recording/annotations/read.ts';
import { openRecordingIn } from '../../recording/open-recording.ts';
import type { Recording } from '../../recording/recording.ts';
import { annotated } from './mit-bih.ts';
import type { IndexedRecord, Recipe } from './recipe.ts';
import { overRecords } from './reporting.ts';

/**
 * Rhythms as annotated in `.atr`: the China Physiological Signal Challenge 2021 (paroxysmal atrial fibrillation), and the AF
 * databases of PhysioNet in the same layout. A recording is cut into excerpts; each has the rhythm that most of it is in.
 */
export const cpsc2021: Recipe = {
  format: 'cpsc2021',
  title: 'CPSC 2021 and other recordings with annotated rhythms: episodes of atrial fibrillation',
  map: { AFIB: 'A', AFL: 'A', N: 'N', '*': 'O' },
  unmapped: 'error',
  ownSplit: false,
  recognise: (archive) => annotated(archive).some((record) => /(^|\/)data_\d+_\d+$/.test(record)),
  async index(archive, source, context) {
    const records: IndexedRecord[] = [];
    await overRecords(annotated(archive), 'reading rhythm annotations', context, (name) => {
      const recording = openRecordingIn(archive, `${name}.hea`);
      try {
        const id = name.slice(name.lastIndexOf('/') + 1);
        const frames = Math.round(source.excerpt * recording.rate);
        const episodes = episodesOf(readAnnotations(archive, name, 'atr', recording.rate), recording.frames);
        const file = `${archive.location}/${name}.hea`;
        checkLength(recording, frames, file);
        let first = 0;
        for (let start = 0; start + frames <= recording.frames && frames > 0; start += frames) {
          while (first < episodes.length && episodes[first].end <= start) first++;
          const rhythm = longest(episodes, first, start, start + frames);
          // Before the first rhythm is named, nobody knows.
          if (rhythm === undefined) continue;
          records.push({
            id: `${id}@${start}`,
            recording: `${name}.hea`,
            labels: [rhythm],
            place: { file: `${archive.location}/${name}.atr`, record: id },
            patient: /^data_(\d+)_\d+$/.exec(id)?.[1] ?? id,
            excerpt: { start, frames },
          });
        }
      } finally {
        recording.close();
      }
    });
    return records;
  },
};

/** CPSC 2021 names the rhythm at the first beat, not at the first sample: what is before it is that as well. */
function episodesOf(annotations: readonly Annotation[], frames: number): RhythmEpisode[] {
  const episodes = rhythms(annotations, frames);
  if (episodes.length > 0) episodes[0] = { ...episodes[0], start: 0 };
  return episodes;
}

/** Excerpts of one recording: a month of them at 10 s has 260,000. */
const mostExcerpts = 1_000_000;
const usualExcerpts = 10_000;

/** A header says how long a recording is, and excerpts are made of that alone: what is unusually long must be there. */
function checkLength(recording: Recording, frames: number, file: string): void {
  const excerpts = Math.floor(recording.frames / Math.max(1, frames));
  if (excerpts > mostExcerpts) {
    throw new UserError(
      `its ${recording.frames} samples make ${excerpts} excerpts, more than ${mostExcerpts}`,
      { file, record: recording.name },
      'The header is damaged, or `excerpt` is too short.',
    );
  }
  if (excerpts > usualExcerpts) recording.read(0, recording.frames - 1, recording.frames);
}

/** The rhythm of most of the frames `from` up to `to`; episodes before number `first` end before them. */
function longest(
  episodes: readonly RhythmEpisode[],
  first: number,
  from: number,
  to: number,
): string | undefined {
  const shares = new Map<string, number>();
  for (let i = first; i < episodes.length && episodes[i].start < to; i++) {
    const { rhythm, start, end } = episodes[i];
    const share = Math.min(to, end) - Math.max(from, start);
    if (share > 0 && rhythm !== '') shares.set(rhythm, (shares.get(rhythm) ?? 0) + share);
  }
  return [...shares].sort((a, b) => b[1] - a[1])[0]?.[0];
}

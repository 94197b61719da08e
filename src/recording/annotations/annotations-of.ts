import type { Annotation } from '../annotation.ts';
import type { FileSource } from '../file-source.ts';
import type { Recording } from '../recording.ts';
import { readAnnotations } from './read.ts';

/** Endings of the annotations that databases come with, those by people first. */
const annotators = ['atr', 'ari', 'ecg', 'qrs', 'wqrs', 'man', 'pu', 'ann'];

/** What is annotated of a recording: inside its file (EDF+), else in the first annotation file beside it. */
export function annotationsOf(recording: Recording, source: FileSource, name: string): readonly Annotation[] {
  const inside = recording.annotations();
  if (inside.length > 0) return inside;
  const stem = name.replace(/\.[^./]*$/, '');
  const annotator = annotators.find((ending) => source.has(`${stem}.${ending}`));
  return annotator === undefined ? [] : readAnnotations(source, stem, annotator, recording.rate);
}

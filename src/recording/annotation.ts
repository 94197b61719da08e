/** What is said of one moment of a recording: a beat, a change of rhythm, noise, a note. */
export interface Annotation {
  /** Frame of the recording. Annotators write what they like: it may lie outside of it, and before the one before. */
  sample: number;
  /** As WFDB prints it (ecgcodes.h): `N`, `V`, `+`, `~`, `"` …; what has no code there, `[n]`. Notes of EDF+ are `"`. */
  symbol: string;
  /** -128…127; of noise the channels it is about, of others what the annotator meant. */
  subtype: number;
  /** Lead that it is about, from 0. */
  channel: number;
  /** -128…127, the annotator's own figure. */
  number: number;
  /** Rhythm (`(AFIB`), note, measurement; '' where there is none. */
  text: string;
  /** s; 0 where it is a moment. */
  duration: number;
}

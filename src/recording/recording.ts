/** One lead of a recording. */
export interface Lead {
  name: string;
  /** Millivolts. A missing sample is NaN. */
  samples: Float32Array;
}

/** A recording after import: all leads at one rate, in millivolts. */
export interface Recording {
  name: string;
  /** Hz. */
  rate: number;
  leads: readonly Lead[];
}

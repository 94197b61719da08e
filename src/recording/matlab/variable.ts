import type { ByteFile } from '../byte-file.ts';
import type { MatrixPlace } from '../matrix/matrix-recording.ts';

/** A variable of a MATLAB file, or a field of a structure in it. */
export interface MatlabVariable {
  /** `val`, `ECG.data`. */
  name: string;
  /** `numbers`, or what else it is: `text`, `cells`, `complex numbers` … */
  kind: string;
  rows: number;
  columns: number;
  /**
   * Where its numbers are; in a file in memory where they were compressed. Only of `numbers`. Throws a UserError where they are
   * damaged.
   */
  locate(): { file: ByteFile; place: MatrixPlace };
}

/** More variables than anyone gives to a file. */
export const mostVariables = 2000;

import { RandomStream } from '../common/random.ts';
import type { ParameterSpec } from '../layers/definition.ts';
import { parameterSize } from '../model/network.ts';

/** Initial values of a parameter in its canonical order, keyed by seed and parameter name alone. */
export function initialValues(spec: ParameterSpec, seed: number, name: string): Float32Array {
  const values = new Float32Array(parameterSize(spec));
  const random = new RandomStream(seed, 'initialise', name);
  if (typeof spec.initialiser === 'object') return values.fill(spec.initialiser.constant);
  switch (spec.initialiser) {
    case 'zeros':
      break;
    case 'ones':
      values.fill(1);
      break;
    case 'glorot-uniform': {
      const limit = Math.sqrt(6 / (spec.fanIn + spec.fanOut));
      for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * limit;
      break;
    }
    case 'orthogonal':
      values.set(orthogonal(spec.shape[0], spec.shape[1], random));
      break;
    case 'lstm-bias': {
      // Gates i, f, g, o: the forget gate starts open (Jozefowicz et al. 2015).
      const units = values.length / 4;
      values.fill(1, units, 2 * units);
      break;
    }
  }
  return values;
}

/**
 * A [rows][columns] matrix with rows >= columns whose columns are orthonormal: normal draws, then Gram-Schmidt, done
 * twice since once loses orthogonality to rounding (Giraud et al. 2005). Its R has a positive diagonal, so that the
 * result is uniformly distributed over such matrices.
 */
function orthogonal(rows: number, columns: number, random: RandomStream): Float64Array {
  const q = Array.from({ length: columns }, () => {
    const column = new Float64Array(rows);
    for (let r = 0; r < rows; r++) column[r] = random.normal();
    return column;
  });
  for (let c = 0; c < columns; c++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < c; before++) {
        let dot = 0;
        for (let r = 0; r < rows; r++) dot += q[c][r] * q[before][r];
        for (let r = 0; r < rows; r++) q[c][r] -= dot * q[before][r];
      }
    }
    let square = 0;
    for (let r = 0; r < rows; r++) square += q[c][r] * q[c][r];
    const scale = 1 / Math.sqrt(square);
    for (let r = 0; r < rows; r++) q[c][r] *= scale;
  }
  const matrix = new Float64Array(rows * columns);
  for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) matrix[r * columns + c] = q[c][r];
  return matrix;
}

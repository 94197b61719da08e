/**
 * Kaiser's window (Kaiser 1974; Oppenheim and Schafer, "Discrete-Time Signal Processing", 7.5.3): 1 in the middle.
 *
 * @param x -1…1, from one end to the other
 */
export function kaiser(x: number, beta: number): number {
  return besselI0(beta * Math.sqrt(Math.max(0, 1 - x * x))) / besselI0(beta);
}

/** Modified Bessel function of the first kind, order 0, by its power series (Abramowitz and Stegun 9.6.12). */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

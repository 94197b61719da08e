// The most multiply-adds that a thread can do, for the benches: sums in registers that do not wait for each other.
#include "simd.h"

// sums: [16], written; returns the floating-point operations of a round
EXPORT(multiply_add_peak)
int multiply_add_peak(float *restrict sums, int rounds) {
  enum { SUMS = 12 };
  vec a[SUMS];
  const vec factor = splat(0.5f), term = load(sums);
  UNROLL
  for (int i = 0; i < SUMS; i++) a[i] = splat((float)i);
  NO_UNROLL
  for (int n = 0; n < rounds; n++) {
    UNROLL
    for (int i = 0; i < SUMS; i++) a[i] = fma(a[i], factor, term);
  }
  vec total = a[0];
  UNROLL
  for (int i = 1; i < SUMS; i++) total += a[i];
  store(sums, total);
  return 2 * SUMS * WIDTH;
}

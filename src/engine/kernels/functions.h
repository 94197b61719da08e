// exp, log, tanh and the logistic function on a vector. Polynomials: Cephes Mathematical Library (S. Moshier), expf,
// logf, tanhf. Largest errors are measured in test/unit/engine/functions.test.ts.
#pragma once
#include "simd.h"

// Results below 2^-126 become 2^-126, above 2^127 become 2^127: finite for every finite x.
INLINE vec exponential(vec x) {
  x = smaller(larger(x, splat(-87.33654f)), splat(88.02969f));
  vec n = nearest(x * splat(1.44269504088896341f));
  vec r = fma(n, splat(-0.693359375f), x);
  r = fma(n, splat(2.12194440e-4f), r);
  vec p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + splat(1.0f);
  return p * (vec)((to_int(n) + splat_bits(127)) << 23);
}

// Natural logarithm of a positive x; anything below 2^-126 is taken as 2^-126.
INLINE vec logarithm(vec x) {
  x = larger(x, splat(1.17549435e-38f));
  vec e = to_float(((bits)x >> 23) - splat_bits(126));
  // Mantissa in [0.5, 1), then in [sqrt(1/2), sqrt(2)) minus one.
  vec m = (vec)(((bits)x & splat_bits(0x007fffff)) | (bits)splat(0.5f));
  bits low = m < splat(0.707106781186547524f);
  e = e - keep(splat(1.0f), low);
  m = (m + keep(m, low)) - splat(1.0f);
  vec z = m * m;
  vec p = splat(7.0376836292e-2f);
  p = fma(p, m, splat(-1.1514610310e-1f));
  p = fma(p, m, splat(1.1676998740e-1f));
  p = fma(p, m, splat(-1.2420140846e-1f));
  p = fma(p, m, splat(1.4249322787e-1f));
  p = fma(p, m, splat(-1.6668057665e-1f));
  p = fma(p, m, splat(2.0000714765e-1f));
  p = fma(p, m, splat(-2.4999993993e-1f));
  p = fma(p, m, splat(3.3333331174e-1f));
  vec y = (p * m) * z;
  y = fma(e, splat(-2.12194440e-4f), y);
  y = fma(z, splat(-0.5f), y);
  return fma(e, splat(0.693359375f), m + y);
}

INLINE vec hyperbolic_tangent(vec x) {
  vec size = absolute(x);
  vec z = x * x;
  vec p = splat(-5.70498872745e-3f);
  p = fma(p, z, splat(2.06390887954e-2f));
  p = fma(p, z, splat(-5.37397155531e-2f));
  p = fma(p, z, splat(1.33314422036e-1f));
  p = fma(p, z, splat(-3.33332819422e-1f));
  vec small = fma(p * z, x, x);
  vec e = exponential(size + size);
  vec large = splat(1.0f) - splat(2.0f) / (e + splat(1.0f));
  large = (vec)((bits)large | ((bits)x & (bits)splat(-0.0f)));
  return select(small, large, size < splat(0.625f));
}

INLINE vec logistic(vec x) { return splat(1.0f) / (splat(1.0f) + exponential(-x)); }

// exp, log, tanh and the logistic function on four floats. Polynomials: Cephes Mathematical Library (S. Moshier),
// expf, logf, tanhf. Largest errors are measured in test/unit/engine/functions.test.ts.
#pragma once
#include "simd.h"

// Results below 2^-126 become 2^-126, above 2^127 become 2^127: finite for every finite x.
static inline f4 exp4(f4 x) {
  x = min4(max4(x, splat4(-87.33654f)), splat4(88.02969f));
  f4 n = wasm_f32x4_nearest(mul4(x, splat4(1.44269504088896341f)));
  f4 r = fma4(n, splat4(-0.693359375f), x);
  r = fma4(n, splat4(2.12194440e-4f), r);
  f4 p = splat4(1.9875691500e-4f);
  p = fma4(p, r, splat4(1.3981999507e-3f));
  p = fma4(p, r, splat4(8.3334519073e-3f));
  p = fma4(p, r, splat4(4.1665795894e-2f));
  p = fma4(p, r, splat4(1.6666665459e-1f));
  p = fma4(p, r, splat4(5.0000001201e-1f));
  p = add4(fma4(p, mul4(r, r), r), splat4(1.0f));
  v128_t power = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127)), 23);
  return mul4(p, power);
}

// Natural logarithm of a positive x; anything below 2^-126 is taken as 2^-126.
static inline f4 log4(f4 x) {
  x = max4(x, splat4(1.17549435e-38f));
  f4 e = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(wasm_u32x4_shr(x, 23), wasm_i32x4_splat(126)));
  // Mantissa in [0.5, 1), then in [sqrt(1/2), sqrt(2)) minus one.
  f4 m = wasm_v128_or(wasm_v128_and(x, wasm_i32x4_splat(0x007fffff)), splat4(0.5f));
  f4 low = wasm_f32x4_lt(m, splat4(0.707106781186547524f));
  e = sub4(e, wasm_v128_and(low, splat4(1.0f)));
  m = sub4(add4(m, wasm_v128_and(low, m)), splat4(1.0f));
  f4 z = mul4(m, m);
  f4 p = splat4(7.0376836292e-2f);
  p = fma4(p, m, splat4(-1.1514610310e-1f));
  p = fma4(p, m, splat4(1.1676998740e-1f));
  p = fma4(p, m, splat4(-1.2420140846e-1f));
  p = fma4(p, m, splat4(1.4249322787e-1f));
  p = fma4(p, m, splat4(-1.6668057665e-1f));
  p = fma4(p, m, splat4(2.0000714765e-1f));
  p = fma4(p, m, splat4(-2.4999993993e-1f));
  p = fma4(p, m, splat4(3.3333331174e-1f));
  f4 y = mul4(mul4(p, m), z);
  y = fma4(e, splat4(-2.12194440e-4f), y);
  y = fma4(z, splat4(-0.5f), y);
  return fma4(e, splat4(0.693359375f), add4(m, y));
}

static inline f4 tanh4(f4 x) {
  f4 size = wasm_f32x4_abs(x);
  f4 z = mul4(x, x);
  f4 p = splat4(-5.70498872745e-3f);
  p = fma4(p, z, splat4(2.06390887954e-2f));
  p = fma4(p, z, splat4(-5.37397155531e-2f));
  p = fma4(p, z, splat4(1.33314422036e-1f));
  p = fma4(p, z, splat4(-3.33332819422e-1f));
  f4 small = fma4(mul4(p, z), x, x);
  f4 e = exp4(add4(size, size));
  f4 large = sub4(splat4(1.0f), div4(splat4(2.0f), add4(e, splat4(1.0f))));
  large = wasm_v128_or(large, wasm_v128_and(x, splat4(-0.0f)));
  return select4(small, large, wasm_f32x4_lt(size, splat4(0.625f)));
}

static inline f4 sigmoid4(f4 x) {
  return div4(splat4(1.0f), add4(splat4(1.0f), exp4(wasm_f32x4_neg(x))));
}

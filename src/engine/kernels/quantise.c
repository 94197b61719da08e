// Fake quantisation: float values on the grid that a device's integers have, q = clip(floor(x 2^n + 1/2)). The gradient
// goes straight through where nothing was clipped (Bengio et al. 2013).
#include "simd.h"

INLINE vec clip(vec q, vec low, vec high) { return smaller(larger(q, low), high); }
INLINE vec round_up(vec x) { return __builtin_elementwise_floor(x + splat(0.5f)); }

// 2^n
INLINE float power(int n) {
  union { int32_t i; float f; } u = {(n + 127) << 23};
  return u.f;
}

// Weights. y, x: [count], count a multiple of 16, y may be x; low, high: of q
EXPORT(fake_quantise)
void fake_quantise(float *y, const float *x, int count, int fraction, int low, int high) {
  const vec scale = splat(power(fraction)), back = splat(power(-fraction));
  for (int i = 0; i < count; i += WIDTH) {
    store(y + i, clip(round_up(load(x + i) * scale), splat((float)low), splat((float)high)) * back);
  }
}

// The largest magnitude of x: [count], count a multiple of 16
EXPORT(largest_magnitude)
float largest_magnitude(const float *x, int count) {
  vec a = splat(0);
  for (int i = 0; i < count; i += WIDTH) a = larger(a, absolute(load(x + i)));
  float most = 0;
  for (int i = 0; i < WIDTH; i++) most = a[i] > most ? a[i] : most;
  return most;
}

// Fraction bits of an 8-bit activation whose range is 2^ceil(range).
INLINE int fraction_of(float range) { return 7 - (int)__builtin_ceilf(range); }

// Activations of 8 bits. x, y: [channels][length][16], rows `row` apart; range: log2 of the largest magnitude
EXPORT(quantise_range)
void quantise_range(float *restrict y, const float *restrict x, const float *restrict range, int channels, int length,
                    int row) {
  const int n = fraction_of(*range);
  const vec scale = splat(power(n)), back = splat(power(-n)), low = splat(-128), high = splat(127);
  for (int c = 0; c < channels; c++, x += row, y += row) {
    for (int i = 0; i < length * LANES; i += WIDTH) {
      store(y + i, clip(round_up(load(x + i) * scale), low, high) * back);
    }
  }
}

// The range's gradient is that of Jain et al. 2020 ("Trained quantization thresholds"), the ceiling taken as continuous.
// dx: written; dRange: [1], added to, or null; x: of quantise_range
EXPORT(quantise_range_backward)
void quantise_range_backward(float *restrict dx, const float *restrict dy, const float *restrict x,
                             const float *restrict range, float *restrict dRange, int channels, int length, int row) {
  const int n = fraction_of(*range);
  const vec scale = splat(power(n)), low = splat(-128), high = splat(127);
  vec total = splat(0);
  for (int c = 0; c < channels; c++, x += row, dy += row, dx += row) {
    for (int i = 0; i < length * LANES; i += WIDTH) {
      const vec d = load(dy + i), real = load(x + i) * scale, whole = round_up(real);
      const bits inside = (whole >= low) & (whole <= high);
      store(dx + i, keep(d, inside));
      total = fma(d, select(whole - real, clip(whole, low, high), inside), total);
    }
  }
  if (dRange) *dRange += sum(total) * (0.69314718056f * power(-n));
}

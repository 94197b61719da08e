// Gradient of a convolution's weights: for every (output, tap, channel) the product of two rows, summed over positions
// and records. Rows are contiguous, so that a reduction is one stretch of memory a window.
#include "simd.h"

// gradient: [outputs][taps][channels], added to
// dy: [windows][outputs][length][16], windows dyWindow and rows dyRow apart
// x: [windows][channels][xLength][16], windows xWindow and rows xRow apart
EXPORT(weight_gradient)
void weight_gradient(float *restrict gradient, const float *restrict dy, const float *restrict x, int windows,
                     int outputs, int channels, int length, int xLength, int taps, int before, int dyWindow,
                     int dyRow, int xWindow, int xRow) {
  for (int o = 0; o < outputs;) {
    // Two outputs x four channels where there are four channels, four outputs x one channel for the rest.
    const int left = outputs - o;
    const int pair = left >= 2 ? 2 : 1;
    for (int c = 0; c < (channels & ~3); c += 4) {
      for (int k = 0; k < taps; k++) {
        const int p0 = before > k ? before - k : 0;
        const int p1 = xLength + before - k < length ? xLength + before - k : length;
        if (p1 <= p0) continue;
        f4 a0 = splat4(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        const float *dw = dy + o * dyRow + p0 * LANES;
        const float *xw = x + c * xRow + (p0 + k - before) * LANES;
        for (int n = 0; n < windows; n++, dw += dyWindow, xw += xWindow) {
          const float *d0 = dw, *d1 = pair == 2 ? dw + dyRow : dw;
          const float *x0 = xw, *x1 = xw + xRow, *x2 = x1 + xRow, *x3 = x2 + xRow;
          const float *end = d0 + (p1 - p0) * LANES;
          NO_UNROLL
          do {
            f4 u = load4(d0), v = load4(d1);
            f4 s = load4(x0), t = load4(x1);
            a0 = fma4(u, s, a0), b0 = fma4(v, s, b0);
            a1 = fma4(u, t, a1), b1 = fma4(v, t, b1);
            s = load4(x2), t = load4(x3);
            a2 = fma4(u, s, a2), b2 = fma4(v, s, b2);
            a3 = fma4(u, t, a3), b3 = fma4(v, t, b3);
            d0 += 4, d1 += 4, x0 += 4, x1 += 4, x2 += 4, x3 += 4;
          } while (d0 != end);
        }
        float *g = gradient + (o * taps + k) * channels + c;
        store4(g, add4(load4(g), sums4(a0, a1, a2, a3)));
        if (pair == 2) {
          g += taps * channels;
          store4(g, add4(load4(g), sums4(b0, b1, b2, b3)));
        }
      }
    }
    o += pair;
  }
  for (int c = channels & ~3; c < channels; c++) {
    for (int o = 0; o < outputs; o += 4) {
      const int rows = outputs - o < 4 ? outputs - o : 4;
      for (int k = 0; k < taps; k++) {
        const int p0 = before > k ? before - k : 0;
        const int p1 = xLength + before - k < length ? xLength + before - k : length;
        if (p1 <= p0) continue;
        f4 a0 = splat4(0), a1 = a0, a2 = a0, a3 = a0;
        const float *dw = dy + o * dyRow + p0 * LANES;
        const float *xw = x + c * xRow + (p0 + k - before) * LANES;
        for (int n = 0; n < windows; n++, dw += dyWindow, xw += xWindow) {
          const float *d0 = dw, *d1 = rows > 1 ? dw + dyRow : dw;
          const float *d2 = rows > 2 ? dw + 2 * dyRow : dw, *d3 = rows > 3 ? dw + 3 * dyRow : dw;
          const float *xp = xw;
          const float *end = xp + (p1 - p0) * LANES;
          NO_UNROLL
          do {
            f4 s = load4(xp);
            a0 = fma4(load4(d0), s, a0), a1 = fma4(load4(d1), s, a1);
            a2 = fma4(load4(d2), s, a2), a3 = fma4(load4(d3), s, a3);
            d0 += 4, d1 += 4, d2 += 4, d3 += 4, xp += 4;
          } while (xp != end);
        }
        f4 sums = sums4(a0, a1, a2, a3);
        float *g = gradient + (o * taps + k) * channels + c;
        const int next = taps * channels;
        g[0] += wasm_f32x4_extract_lane(sums, 0);
        if (rows > 1) g[next] += wasm_f32x4_extract_lane(sums, 1);
        if (rows > 2) g[2 * next] += wasm_f32x4_extract_lane(sums, 2);
        if (rows > 3) g[3 * next] += wasm_f32x4_extract_lane(sums, 3);
      }
    }
  }
}

// Gradient before the activation, in place, and the bias's gradient.
// dy: [outputs][length][16], rows dyRow apart
// mask: uint16 [outputs][length] of convolve, or null without a ReLU
// gradient: [outputs], added to, or null for a frozen layer
EXPORT(activation_backward)
void activation_backward(float *restrict dy, const uint16_t *restrict mask, float *restrict gradient, int outputs,
                         int length, int dyRow) {
  const v128_t bits0 = wasm_i32x4_make(1, 2, 4, 8);
  const v128_t bits1 = wasm_i32x4_shl(bits0, 4), bits2 = wasm_i32x4_shl(bits0, 8), bits3 = wasm_i32x4_shl(bits0, 12);
  for (int o = 0; o < outputs; o++) {
    float *row = dy + o * dyRow;
    f4 a0 = splat4(0), a1 = a0, a2 = a0, a3 = a0;
    for (int p = 0; p < length; p++, row += LANES) {
      f4 d0 = load4(row), d1 = load4(row + 4), d2 = load4(row + 8), d3 = load4(row + 12);
      if (mask) {
        const v128_t m = wasm_i32x4_splat(*mask++);
#define KEEP(d, bits) wasm_v128_and(d, wasm_i32x4_eq(wasm_v128_and(m, bits), bits))
        d0 = KEEP(d0, bits0), d1 = KEEP(d1, bits1), d2 = KEEP(d2, bits2), d3 = KEEP(d3, bits3);
        store4(row, d0), store4(row + 4, d1), store4(row + 8, d2), store4(row + 12, d3);
      }
      a0 = add4(a0, d0), a1 = add4(a1, d1), a2 = add4(a2, d2), a3 = add4(a3, d3);
    }
    if (gradient) gradient[o] += sum4(add4(add4(a0, a1), add4(a2, a3)));
  }
}

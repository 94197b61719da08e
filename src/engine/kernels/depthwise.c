// Convolution in which every output reads one channel (groups = channels): memory-bound, so without tiles. `multiplier`
// outputs in a row read the same channel.
#include "simd.h"

// First tap and end of the taps that meet the input at position p.
INLINE int first_tap(int at) { return at < 0 ? -at : 0; }
INLINE int end_tap(int at, int xLength, int taps) { return xLength - at < taps ? xLength - at : taps; }

// y: [outputs][length][16], rows yRow apart; x: [outputs / multiplier][xLength][16], rows xRow apart
// w: [outputs][taps]; bias: [outputs]
EXPORT(depthwise)
void depthwise(float *restrict y, const float *restrict x, const float *restrict w, const float *restrict bias,
               int outputs, int multiplier, int length, int xLength, int taps, int before, int stride, int yRow,
               int xRow) {
  for (int o = 0; o < outputs; o++, w += taps) {
    const float *row = x + o / multiplier * xRow;
    for (int p = 0; p < length; p++) {
      const int at = p * stride - before, end = end_tap(at, xLength, taps);
      vec a[VECTORS];
      EACH(v) a[v] = splat(bias[o]);
      NO_UNROLL
      for (int k = first_tap(at); k < end; k++) {
        EACH(v) a[v] = fma(splat(w[k]), load(row + (at + k) * LANES + v * WIDTH), a[v]);
      }
      EACH(v) store(y + o * yRow + p * LANES + v * WIDTH, a[v]);
    }
  }
}

// dx: [outputs / multiplier][xLength][16], written; dy: [outputs][length][16]
EXPORT(depthwise_backward)
void depthwise_backward(float *restrict dx, const float *restrict dy, const float *restrict w, int outputs,
                        int multiplier, int length, int xLength, int taps, int before, int stride, int yRow,
                        int xRow) {
  for (int c = 0; c < outputs / multiplier; c++) {
    for (int i = 0; i < xLength * LANES; i += WIDTH) store(dx + c * xRow + i, splat(0));
  }
  for (int o = 0; o < outputs; o++, w += taps) {
    float *row = dx + o / multiplier * xRow;
    for (int p = 0; p < length; p++) {
      const int at = p * stride - before, end = end_tap(at, xLength, taps);
      const float *d = dy + o * yRow + p * LANES;
      for (int k = first_tap(at); k < end; k++) {
        float *to = row + (at + k) * LANES;
        EACH(v) store(to + v * WIDTH, fma(splat(w[k]), load(d + v * WIDTH), load(to + v * WIDTH)));
      }
    }
  }
}

// gradient: [outputs][taps], added to
EXPORT(depthwise_gradient)
void depthwise_gradient(float *restrict gradient, const float *restrict dy, const float *restrict x, int outputs,
                        int multiplier, int length, int xLength, int taps, int before, int stride, int yRow,
                        int xRow) {
  for (int o = 0; o < outputs; o++) {
    const float *row = x + o / multiplier * xRow;
    for (int k = 0; k < taps; k++) {
      vec a = splat(0);
      for (int p = 0; p < length; p++) {
        const int at = p * stride - before + k;
        if (at < 0 || at >= xLength) continue;
        const float *d = dy + o * yRow + p * LANES, *s = row + at * LANES;
        EACH(v) a = fma(load(d + v * WIDTH), load(s + v * WIDTH), a);
      }
      gradient[o * taps + k] += sum(a);
    }
  }
}

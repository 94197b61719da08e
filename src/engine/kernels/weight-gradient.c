// Gradient of a convolution's weights: for every (output, tap, channel) the product of two rows, summed over positions
// and records. Rows are contiguous, so that a reduction is one stretch of memory a window.
#include "product.h"

// gradient: [outputs][taps][channels], added to
// dy: [windows][outputs][length][16], windows dyWindow and rows dyRow apart
// x: [windows][channels][xLength][16], windows xWindow and rows xRow apart
EXPORT(weight_gradient)
void weight_gradient(float *restrict gradient, const float *restrict dy, const float *restrict x, int windows,
                     int outputs, int channels, int length, int xLength, int taps, int before, int dyWindow,
                     int dyRow, int xWindow, int xRow) {
  const Rows l = {windows, dyWindow, dyRow, xWindow, xRow};
  const int whole = channels - channels % GRADIENT_CHANNELS;
  const int next = taps * channels;
  for (int c = 0; c < channels; c += c < whole ? GRADIENT_CHANNELS : 1) {
    // Single channels take more outputs at a time.
    const int step = c < whole ? GRADIENT_OUTPUTS : LARGEST_TILE;
    for (int o = 0; o < outputs; o += step) {
      const int rows = outputs - o < step ? outputs - o : step;
      for (int k = 0; k < taps; k++) {
        const int p0 = before > k ? before - k : 0;
        const int p1 = xLength + before - k < length ? xLength + before - k : length;
        if (p1 <= p0) continue;
        float *g = gradient + (o * taps + k) * channels + c;
        const float *d = dy + o * dyRow + p0 * LANES;
        const float *xs = x + c * xRow + (p0 + k - before) * LANES;
        const int floats = (p1 - p0) * LANES;
        if (c < whole) gradient_tile(g, next, &l, d, xs, floats, rows, GRADIENT_OUTPUTS, GRADIENT_CHANNELS);
        else gradient_tile(g, next, &l, d, xs, floats, rows, LARGEST_TILE, 1);
      }
    }
  }
}

// Gradient before the activation, in place, and the bias's gradient.
// dy: [outputs][length][16], rows dyRow apart
// mask: uint16 [outputs][length] of convolve, or null without a ReLU
// gradient: [outputs], added to, or null for a frozen layer; slope: of the activation where it was not positive
EXPORT(activation_backward)
void activation_backward(float *restrict dy, const uint16_t *restrict mask, float *restrict gradient, float slope,
                         int outputs, int length, int dyRow) {
  const vec s = splat(slope);
  for (int o = 0; o < outputs; o++) {
    float *row = dy + o * dyRow;
    vec a[VECTORS];
    EACH(v) a[v] = splat(0);
    for (int p = 0; p < length; p++, row += LANES) {
      vec d[VECTORS];
      EACH(v) d[v] = load(row + v * WIDTH);
      if (mask) {
        const unsigned set = *mask++;
        EACH(v) d[v] = select(d[v], s * d[v], lanes_of(set, v));
        EACH(v) store(row + v * WIDTH, d[v]);
      }
      EACH(v) a[v] += d[v];
    }
    if (!gradient) continue;
    vec total = a[0];
    for (int v = 1; v < VECTORS; v++) total += a[v];
    gradient[o] += sum(total);
  }
}

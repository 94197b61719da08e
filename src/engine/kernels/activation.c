// ReLU and leaky ReLU where they are not part of the kernel before them, sums of tensors, channels scaled by a gate.
#include "functions.h"

// y = y > 0 ? y : slope * y in place.
// y: [channels][length][16], rows yRow apart; slope: 0 of a ReLU
// mask: uint16 [channels][length] or null: bit of lane l set where the value was positive
EXPORT(activate)
void activate(float *restrict y, uint16_t *restrict mask, float slope, int channels, int length, int yRow) {
  const vec s = splat(slope);
  for (int c = 0; c < channels; c++, y += yRow) {
    float *row = y;
    for (int p = 0; p < length; p++, row += LANES) {
      vec x[VECTORS];
      EACH(v) x[v] = load(row + v * WIDTH);
      if (mask) *mask++ = positive(x);
      EACH(v) store(row + v * WIDTH, select(x[v], s * x[v], x[v] > splat(0)));
    }
  }
}

// y = a + b: [count], count a multiple of 16; y may be a
EXPORT(add)
void add(float *y, const float *a, const float *restrict b, int count) {
  for (int i = 0; i < count; i += WIDTH) store(y + i, load(a + i) + load(b + i));
}

// y = x * logistic(s). x, y: [channels][length][16], rows `row` apart; s: [channels][16]
EXPORT(scale_channels)
void scale_channels(float *restrict y, const float *restrict x, const float *restrict s, int channels, int length,
                    int row) {
  for (int c = 0; c < channels; c++, x += row, y += row, s += LANES) {
    vec gate[VECTORS];
    EACH(v) gate[v] = logistic(load(s + v * WIDTH));
    for (int i = 0; i < length * LANES; i += LANES) {
      EACH(v) store(y + i + v * WIDTH, load(x + i + v * WIDTH) * gate[v]);
    }
  }
}

// dx, dy: as x; ds: as s; dx and ds are written, or null
EXPORT(scale_channels_backward)
void scale_channels_backward(float *restrict dx, float *restrict ds, const float *restrict dy, const float *restrict x,
                             const float *restrict s, int channels, int length, int row) {
  for (int c = 0; c < channels; c++) {
    const float *d = dy + c * row, *from = x + c * row;
    vec gate[VECTORS], total[VECTORS];
    EACH(v) gate[v] = logistic(load(s + c * LANES + v * WIDTH)), total[v] = splat(0);
    for (int i = 0; i < length * LANES; i += LANES) {
      EACH(v) {
        const vec g = load(d + i + v * WIDTH);
        total[v] = fma(g, load(from + i + v * WIDTH), total[v]);
        if (dx) store(dx + c * row + i + v * WIDTH, g * gate[v]);
      }
    }
    if (!ds) continue;
    EACH(v) store(ds + c * LANES + v * WIDTH, total[v] * (gate[v] * (splat(1) - gate[v])));
  }
}

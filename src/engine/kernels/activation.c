// ReLU and leaky ReLU where they are not part of the kernel before them, and sums of tensors.
#include "simd.h"

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

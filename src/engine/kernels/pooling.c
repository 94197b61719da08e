// Pooling over positions; `size` is also the stride, a tail shorter than it is dropped and has no gradient.
#include "simd.h"

// y: [channels][length][16], rows yRow apart
// x: [channels][length * size + tail][16], rows xRow apart
EXPORT(average_pool)
void average_pool(float *restrict y, const float *restrict x, int channels, int length, int size, int yRow, int xRow) {
  const vec scale = splat(1.0f / (float)size);
  for (int c = 0; c < channels; c++, y += yRow, x += xRow) {
    const float *from = x;
    float *to = y;
    for (int p = 0; p < length; p++, to += LANES) {
      vec a[VECTORS];
      EACH(v) a[v] = load(from + v * WIDTH);
      from += LANES;
      NO_UNROLL
      for (int s = 1; s < size; s++, from += LANES) {
        EACH(v) a[v] += load(from + v * WIDTH);
      }
      EACH(v) store(to + v * WIDTH, a[v] * scale);
    }
  }
}

// dx: [channels][xLength][16], rows dxRow apart, written
// dy: [channels][length][16], rows dyRow apart
EXPORT(average_pool_backward)
void average_pool_backward(float *restrict dx, const float *restrict dy, int channels, int length, int size,
                           int xLength, int dxRow, int dyRow) {
  const vec scale = splat(1.0f / (float)size);
  for (int c = 0; c < channels; c++, dx += dxRow, dy += dyRow) {
    float *to = dx;
    const float *from = dy;
    for (int p = 0; p < length; p++, from += LANES) {
      vec d[VECTORS];
      EACH(v) d[v] = load(from + v * WIDTH) * scale;
      NO_UNROLL
      for (int s = 0; s < size; s++, to += LANES) {
        EACH(v) store(to + v * WIDTH, d[v]);
      }
    }
    for (float *end = dx + xLength * LANES; to < end; to += WIDTH) store(to, splat(0));
  }
}

// index: uint8 [channels][length][16] or null: which of the `size` positions was the (first) largest; size <= 256
EXPORT(max_pool)
void max_pool(float *restrict y, uint8_t *restrict index, const float *restrict x, int channels, int length, int size,
              int yRow, int xRow) {
  typedef uint8_t bytes __attribute__((vector_size(WIDTH), aligned(1)));
  for (int c = 0; c < channels; c++, y += yRow, x += xRow) {
    const float *from = x;
    float *to = y;
    for (int p = 0; p < length; p++, to += LANES) {
      vec a[VECTORS];
      bits at[VECTORS];
      EACH(v) a[v] = load(from + v * WIDTH), at[v] = splat_bits(0);
      from += LANES;
      NO_UNROLL
      for (int s = 1; s < size; s++, from += LANES) {
        EACH(v) {
          const vec here = load(from + v * WIDTH);
          const bits more = here > a[v];
          at[v] = (splat_bits(s) & more) | (at[v] & ~more);
          a[v] = larger(a[v], here);
        }
      }
      EACH(v) store(to + v * WIDTH, a[v]);
      if (index) {
        EACH(v) *(bytes *)(index + v * WIDTH) = __builtin_convertvector(at[v], bytes);
        index += LANES;
      }
    }
  }
}

// dx: [channels][xLength][16], rows dxRow apart, written
// dy: [channels][length][16], rows dyRow apart
// index: uint8 [channels][length][16]
EXPORT(max_pool_backward)
void max_pool_backward(float *restrict dx, const float *restrict dy, const uint8_t *restrict index, int channels,
                       int length, int size, int xLength, int dxRow, int dyRow) {
  typedef uint8_t bytes __attribute__((vector_size(WIDTH), aligned(1)));
  for (int c = 0; c < channels; c++, dx += dxRow, dy += dyRow) {
    float *to = dx;
    const float *from = dy;
    for (int p = 0; p < length; p++, from += LANES, index += LANES) {
      vec d[VECTORS];
      bits at[VECTORS];
      EACH(v) {
        d[v] = load(from + v * WIDTH);
        at[v] = __builtin_convertvector(*(const bytes *)(index + v * WIDTH), bits);
      }
      NO_UNROLL
      for (int s = 0; s < size; s++, to += LANES) {
        EACH(v) store(to + v * WIDTH, keep(d[v], at[v] == splat_bits(s)));
      }
    }
    for (float *end = dx + xLength * LANES; to < end; to += WIDTH) store(to, splat(0));
  }
}

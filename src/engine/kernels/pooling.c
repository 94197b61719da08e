// Pooling over positions; `size` is also the stride, a tail shorter than it is dropped and has no gradient.
#include "simd.h"

// y: [channels][length][16], rows yRow apart
// x: [channels][length * size + tail][16], rows xRow apart
EXPORT(average_pool)
void average_pool(float *restrict y, const float *restrict x, int channels, int length, int size, int yRow, int xRow) {
  const f4 scale = splat4(1.0f / (float)size);
  for (int c = 0; c < channels; c++, y += yRow, x += xRow) {
    const float *xp = x;
    float *yp = y;
    for (int p = 0; p < length; p++, yp += LANES) {
      f4 a0 = load4(xp), a1 = load4(xp + 4), a2 = load4(xp + 8), a3 = load4(xp + 12);
      xp += LANES;
      NO_UNROLL
      for (int s = 1; s < size; s++, xp += LANES) {
        a0 = add4(a0, load4(xp)), a1 = add4(a1, load4(xp + 4));
        a2 = add4(a2, load4(xp + 8)), a3 = add4(a3, load4(xp + 12));
      }
      store4(yp, mul4(a0, scale)), store4(yp + 4, mul4(a1, scale));
      store4(yp + 8, mul4(a2, scale)), store4(yp + 12, mul4(a3, scale));
    }
  }
}

// dx: [channels][xLength][16], rows dxRow apart, written
// dy: [channels][length][16], rows dyRow apart
EXPORT(average_pool_backward)
void average_pool_backward(float *restrict dx, const float *restrict dy, int channels, int length, int size,
                           int xLength, int dxRow, int dyRow) {
  const f4 scale = splat4(1.0f / (float)size);
  for (int c = 0; c < channels; c++, dx += dxRow, dy += dyRow) {
    float *to = dx;
    const float *from = dy;
    for (int p = 0; p < length; p++, from += LANES) {
      f4 d0 = mul4(load4(from), scale), d1 = mul4(load4(from + 4), scale);
      f4 d2 = mul4(load4(from + 8), scale), d3 = mul4(load4(from + 12), scale);
      NO_UNROLL
      for (int s = 0; s < size; s++, to += LANES)
        store4(to, d0), store4(to + 4, d1), store4(to + 8, d2), store4(to + 12, d3);
    }
    for (float *end = dx + xLength * LANES; to < end; to += 4) store4(to, splat4(0));
  }
}

// index: uint8 [channels][length][16] or null: which of the `size` positions was the (first) largest; size <= 256
EXPORT(max_pool)
void max_pool(float *restrict y, uint8_t *restrict index, const float *restrict x, int channels, int length, int size,
              int yRow, int xRow) {
  for (int c = 0; c < channels; c++, y += yRow, x += xRow) {
    const float *xp = x;
    float *yp = y;
    for (int p = 0; p < length; p++, yp += LANES) {
      f4 a0 = load4(xp), a1 = load4(xp + 4), a2 = load4(xp + 8), a3 = load4(xp + 12);
      v128_t i0 = wasm_i32x4_splat(0), i1 = i0, i2 = i0, i3 = i0;
      xp += LANES;
      NO_UNROLL
      for (int s = 1; s < size; s++, xp += LANES) {
        const v128_t here = wasm_i32x4_splat(s);
        f4 x0 = load4(xp), x1 = load4(xp + 4), x2 = load4(xp + 8), x3 = load4(xp + 12);
        i0 = select4(here, i0, wasm_f32x4_gt(x0, a0)), i1 = select4(here, i1, wasm_f32x4_gt(x1, a1));
        i2 = select4(here, i2, wasm_f32x4_gt(x2, a2)), i3 = select4(here, i3, wasm_f32x4_gt(x3, a3));
        a0 = max4(a0, x0), a1 = max4(a1, x1), a2 = max4(a2, x2), a3 = max4(a3, x3);
      }
      store4(yp, a0), store4(yp + 4, a1), store4(yp + 8, a2), store4(yp + 12, a3);
      if (index) {
        wasm_v128_store(index, wasm_u8x16_narrow_i16x8(wasm_u16x8_narrow_i32x4(i0, i1), wasm_u16x8_narrow_i32x4(i2, i3)));
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
  for (int c = 0; c < channels; c++, dx += dxRow, dy += dyRow) {
    float *to = dx;
    const float *from = dy;
    for (int p = 0; p < length; p++, from += LANES, index += LANES) {
      f4 d0 = load4(from), d1 = load4(from + 4), d2 = load4(from + 8), d3 = load4(from + 12);
      const v128_t bytes = wasm_v128_load(index);
      const v128_t low = wasm_u16x8_extend_low_u8x16(bytes), high = wasm_u16x8_extend_high_u8x16(bytes);
      const v128_t i0 = wasm_u32x4_extend_low_u16x8(low), i1 = wasm_u32x4_extend_high_u16x8(low);
      const v128_t i2 = wasm_u32x4_extend_low_u16x8(high), i3 = wasm_u32x4_extend_high_u16x8(high);
      NO_UNROLL
      for (int s = 0; s < size; s++, to += LANES) {
        const v128_t here = wasm_i32x4_splat(s);
        store4(to, wasm_v128_and(d0, wasm_i32x4_eq(i0, here)));
        store4(to + 4, wasm_v128_and(d1, wasm_i32x4_eq(i1, here)));
        store4(to + 8, wasm_v128_and(d2, wasm_i32x4_eq(i2, here)));
        store4(to + 12, wasm_v128_and(d3, wasm_i32x4_eq(i3, here)));
      }
    }
    for (float *end = dx + xLength * LANES; to < end; to += 4) store4(to, splat4(0));
  }
}

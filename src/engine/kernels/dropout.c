// Dropout (Srivastava et al. 2014; constant over windows in recurrent layers as in Gal and Ghahramani 2016). Whether a
// value is kept is a function of (seed, step, record, layer, window, place) by Philox4x32-10 (Salmon et al., SC'11), so
// that the backward pass asks again instead of remembering.
#include "simd.h"

typedef uint32_t words __attribute__((vector_size(WIDTH * 4)));
typedef uint64_t wide __attribute__((vector_size(WIDTH * 8)));

INLINE words high_word(words a, uint32_t m) {
  return __builtin_convertvector((__builtin_convertvector(a, wide) * m) >> 32, words);
}

INLINE void philox(words c[4], uint32_t k0, uint32_t k1) {
  UNROLL
  for (int round = 0; round < 10; round++) {
    const words h0 = high_word(c[0], 0xd2511f53u), l0 = c[0] * 0xd2511f53u;
    const words h1 = high_word(c[2], 0xcd9e8d57u), l1 = c[2] * 0xcd9e8d57u;
    c[0] = h1 ^ c[1] ^ k0, c[1] = l1;
    c[2] = h0 ^ c[3] ^ k1, c[3] = l0;
    k0 += 0x9e3779b9u, k1 += 0xbb67ae85u;
  }
}

// y = x / (1 - rate) where kept, else 0; also what the gradient goes through. y may be x.
// x, y: [channels][length][16], rows `row` apart; keys: uint32 [16], the records'
// kept: (1 - rate) * 2^31
EXPORT(dropout)
void dropout(float *y, const float *x, const uint32_t *restrict keys, int seed, int step, int layer, int window,
             int kept, int channels, int length, int row) {
  const vec scale = splat(2147483648.0f / (float)kept);
  EACH(v) {
    words c[4];
    for (int e = 0, ch = 0; ch < channels; ch++) {
      for (int p = 0; p < length; p++, e++) {
        if (e % 4 == 0) {
          const words zero = {};
          c[0] = zero + (uint32_t)(e / 4), c[1] = zero + (uint32_t)window, c[2] = zero + (uint32_t)layer;
          c[3] = (words)load_bits((const int32_t *)keys + v * WIDTH);
          philox(c, (uint32_t)seed, (uint32_t)step);
        }
        const bits here = (bits)(c[e % 4] >> 1) < splat_bits(kept);
        const int at = ch * row + p * LANES + v * WIDTH;
        store(y + at, keep(load(x + at) * scale, here));
      }
    }
  }
}

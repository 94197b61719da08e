// Convolution over positions, of which dense layers and recurrent products are the case of one position and one tap.
// Tensors are [channel][position][16 records]; a row (one channel) is `row` floats apart from the next, an odd number
// of cache lines, since powers of two would put all channels of a position into one set of the cache.
#include "simd.h"

enum { START_ZERO, START_BIAS, START_OUTPUT };

// y: [outputs][length][16], rows yRow apart
// x: [channels][xLength][16], rows xRow apart; y's position p reads x's positions p - before ... p - before + taps - 1
// w: [ceil(outputs/2)][taps][channels][2], see pack_forward and pack_backward
// bias: [outputs], read where start is START_BIAS
// mask: uint16 [outputs][length] or null: bit of lane l set where the output is positive
EXPORT(convolve)
void convolve(float *restrict y, const float *restrict x, const float *restrict w, const float *restrict bias,
              uint16_t *restrict mask, int start, int relu, int outputs, int channels, int length, int xLength,
              int taps, int before, int yRow, int xRow) {
  // With one channel the taps of a position are the inner loop: they are neighbours in memory.
  const int single = channels == 1;
  const int step = single ? LANES : xRow;
  for (int o = 0; o < outputs; o += 2) {
    const int both = o + 1 < outputs;
    float *y0 = y + o * yRow;
    // The second row of an odd last pair has zero weights and is computed onto the first, before it is stored.
    float *y1 = both ? y0 + yRow : y0;
    for (int p = 0; p < length; p++, y0 += LANES, y1 += LANES) {
      const int k0 = before > p ? before - p : 0;
      const int k1 = xLength + before - p < taps ? xLength + before - p : taps;
      f4 a0, a1, a2, a3, b0, b1, b2, b3;
      if (start == START_OUTPUT) {
        a0 = load4(y0), a1 = load4(y0 + 4), a2 = load4(y0 + 8), a3 = load4(y0 + 12);
        b0 = load4(y1), b1 = load4(y1 + 4), b2 = load4(y1 + 8), b3 = load4(y1 + 12);
      } else {
        a0 = splat4(start == START_BIAS ? bias[o] : 0), b0 = splat4(start == START_BIAS && both ? bias[o + 1] : 0);
        a1 = a2 = a3 = a0, b1 = b2 = b3 = b0;
      }
      const float *wp = w + k0 * channels * 2;
      const float *xk = x + (p + k0 - before) * LANES;
      const int inner = single ? k1 - k0 : channels;
      NO_UNROLL
      for (int k = single ? k1 - 1 : k0; k < k1; k++, xk += LANES) {
        const float *xp = xk;
        const float *end = wp + inner * 2;
        NO_UNROLL
        do {
          f4 w0 = splat4_from(wp), w1 = splat4_from(wp + 1);
          f4 x0 = load4(xp), x1 = load4(xp + 4), x2 = load4(xp + 8), x3 = load4(xp + 12);
          a0 = fma4(w0, x0, a0), a1 = fma4(w0, x1, a1), a2 = fma4(w0, x2, a2), a3 = fma4(w0, x3, a3);
          b0 = fma4(w1, x0, b0), b1 = fma4(w1, x1, b1), b2 = fma4(w1, x2, b2), b3 = fma4(w1, x3, b3);
          xp += step;
          wp += 2;
        } while (wp != end);
      }
      if (relu) {
        const f4 zero = splat4(0);
        a0 = max4(zero, a0), a1 = max4(zero, a1), a2 = max4(zero, a2), a3 = max4(zero, a3);
        b0 = max4(zero, b0), b1 = max4(zero, b1), b2 = max4(zero, b2), b3 = max4(zero, b3);
        if (mask) {
#define BITS(v) wasm_i32x4_bitmask(wasm_f32x4_gt(v, zero))
          uint16_t *m = mask + o * length + p;
          m[0] = (uint16_t)(BITS(a0) | BITS(a1) << 4 | BITS(a2) << 8 | BITS(a3) << 12);
          if (both) m[length] = (uint16_t)(BITS(b0) | BITS(b1) << 4 | BITS(b2) << 8 | BITS(b3) << 12);
        }
      }
      store4(y1, b0), store4(y1 + 4, b1), store4(y1 + 8, b2), store4(y1 + 12, b3);
      store4(y0, a0), store4(y0 + 4, a1), store4(y0 + 8, a2), store4(y0 + 12, a3);
    }
    w += taps * channels * 2;
  }
}

// Weights for the forward pass, pairs of outputs interleaved; an odd last pair is filled with zeros.
// to: [ceil(outputs/2)][taps][channels][2]
// w: [outputs][taps][channels]
EXPORT(pack_forward)
void pack_forward(float *restrict to, const float *restrict w, int outputs, int channels, int taps) {
  const int size = taps * channels;
  for (int o = 0; o < outputs; o += 2, w += 2 * size) {
    for (int i = 0; i < size; i++, to += 2) {
      to[0] = w[i];
      to[1] = o + 1 < outputs ? w[size + i] : 0;
    }
  }
}

// Weights for the gradient of the input, which is a convolution with the taps in reverse: pairs of channels.
// to: [ceil(channels/2)][taps][outputs][2]
// w: [outputs][taps][channels]
EXPORT(pack_backward)
void pack_backward(float *restrict to, const float *restrict w, int outputs, int channels, int taps) {
  for (int c = 0; c < channels; c += 2) {
    for (int k = taps - 1; k >= 0; k--) {
      const float *from = w + k * channels + c;
      for (int o = 0; o < outputs; o++, to += 2, from += taps * channels) {
        to[0] = from[0];
        to[1] = c + 1 < channels ? from[1] : 0;
      }
    }
  }
}

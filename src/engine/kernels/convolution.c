// Convolution over positions, of which dense layers and recurrent products are the case of one position and one tap.
// Tensors are [channel][position][16 records]; a row (one channel) is `row` floats apart from the next, an odd number
// of cache lines, since powers of two would put all channels of a position into one set of the cache.
#include "product.h"

typedef struct {
  float *y;
  const float *bias;
  uint16_t *mask;
  int start, relu, channels, length, yRow, xRow;
} Layer;

// Outputs o ... o + TILE_OUTPUTS - 1 at positions p ... p + positions - 1, of which taps k0 ... k1 - 1 meet the input.
// Rows beyond the last output have zero weights and are computed onto the last one, before it is stored.
// w: [k1 - k0][channels][TILE_OUTPUTS]; x: where tap k0 of position p begins
INLINE void convolve_tile(const Layer *l, const float *w, const float *x, int o, int rows, int p, int taps,
                          const int positions) {
  const int single = l->channels == 1;
  const int step = single ? LANES : l->xRow;
  const int inner = single ? taps : l->channels;
  float *y[TILE_OUTPUTS];
  vec a[TILE_OUTPUTS][TILE_POSITIONS][VECTORS];
  UNROLL
  for (int i = 0; i < TILE_OUTPUTS; i++) {
    y[i] = l->y + (o + (i < rows ? i : rows - 1)) * l->yRow + p * LANES;
    const vec bias = splat(l->start == START_BIAS && i < rows ? l->bias[o + i] : 0);
    UNROLL
    for (int q = 0; q < positions; q++)
      EACH(v) a[i][q][v] = l->start == START_OUTPUT ? load(y[i] + q * LANES + v * WIDTH) : bias;
  }
  NO_UNROLL
  for (int k = single ? taps - 1 : 0; k < taps; k++, x += LANES, w += inner * TILE_OUTPUTS)
    multiply_tile(a, w, w + inner * TILE_OUTPUTS, x, step, positions);
  UNROLL
  for (int i = TILE_OUTPUTS - 1; i >= 0; i--) {
    UNROLL
    for (int q = 0; q < positions; q++) {
      if (l->relu) {
        EACH(v) a[i][q][v] = larger(splat(0), a[i][q][v]);
        if (l->mask && i < rows) l->mask[(o + i) * l->length + p + q] = positive(a[i][q]);
      }
      EACH(v) store(y[i] + q * LANES + v * WIDTH, a[i][q][v]);
    }
  }
}

// y: [outputs][length][16], rows yRow apart
// x: [channels][xLength][16], rows xRow apart; y's position p reads x's positions p - before ... p - before + taps - 1
// w: [outputs / TILE_OUTPUTS, rounded up][taps][channels][TILE_OUTPUTS], see pack_forward and pack_backward
// bias: [outputs], read where start is START_BIAS
// mask: uint16 [outputs][length] or null: bit of lane l set where the output is positive
EXPORT(convolve)
void convolve(float *restrict y, const float *restrict x, const float *restrict w, const float *restrict bias,
              uint16_t *restrict mask, int start, int relu, int outputs, int channels, int length, int xLength,
              int taps, int before, int yRow, int xRow) {
  const Layer l = {y, bias, mask, start, relu, channels, length, yRow, xRow};
  for (int o = 0; o < outputs; o += TILE_OUTPUTS, w += taps * channels * TILE_OUTPUTS) {
    const int rows = outputs - o < TILE_OUTPUTS ? outputs - o : TILE_OUTPUTS;
    for (int p = 0; p < length;) {
      if (TILE_POSITIONS > 1 && p >= before && p + TILE_POSITIONS <= length &&
          p + TILE_POSITIONS - 1 + taps - before <= xLength) {
        convolve_tile(&l, w, x + (p - before) * LANES, o, rows, p, taps, TILE_POSITIONS);
        p += TILE_POSITIONS;
        continue;
      }
      const int k0 = before > p ? before - p : 0;
      const int k1 = xLength + before - p < taps ? xLength + before - p : taps;
      convolve_tile(&l, w + k0 * channels * TILE_OUTPUTS, x + (p + k0 - before) * LANES, o, rows, p, k1 - k0, 1);
      p++;
    }
  }
}

// Weights for the forward pass, the outputs of a tile interleaved; a last tile is filled up with zeros.
// to: [outputs / TILE_OUTPUTS, rounded up][taps][channels][TILE_OUTPUTS]
// w: [outputs][taps][channels]
EXPORT(pack_forward)
void pack_forward(float *restrict to, const float *restrict w, int outputs, int channels, int taps) {
  const int size = taps * channels;
  for (int o = 0; o < outputs; o += TILE_OUTPUTS, w += TILE_OUTPUTS * size)
    for (int i = 0; i < size; i++)
      for (int t = 0; t < TILE_OUTPUTS; t++) *to++ = o + t < outputs ? w[t * size + i] : 0;
}

// Weights for the gradient of the input, which is a convolution with the taps in reverse: tiles of channels.
// to: [channels / TILE_OUTPUTS, rounded up][taps][outputs][TILE_OUTPUTS]
// w: [outputs][taps][channels]
EXPORT(pack_backward)
void pack_backward(float *restrict to, const float *restrict w, int outputs, int channels, int taps) {
  for (int c = 0; c < channels; c += TILE_OUTPUTS)
    for (int k = taps - 1; k >= 0; k--)
      for (int o = 0; o < outputs; o++)
        for (int t = 0; t < TILE_OUTPUTS; t++)
          *to++ = c + t < channels ? w[(o * taps + k) * channels + c + t] : 0;
}

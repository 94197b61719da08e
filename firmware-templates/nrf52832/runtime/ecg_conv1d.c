/*
 * Convolution over time, with its activation and a pool that does not overlap fused into it: int32 accumulation, bias,
 * activation, pool, one rounding shift, one saturation.
 *
 * Four output channels go through the positions together. Where four neighbouring positions see no padding, each
 * channel's four sums are made in one pass, so that a weight is read once for four products. At the edges one position
 * is done at a time, over the taps that meet samples, for four channels in one pass. So no inner loop tests bounds.
 */
#include "ecg_fixed.h"
#include "ecg_weights.h"

#define TILE 4

/* sum[j] = sum over i, t of x[i][j * stride + t] * w[i][t], for four positions j. */
ECG_INLINE void four_positions(const int8_t *x /* [inner][length], from the first tap of the first position */,
                               int32_t length, const int8_t *w /* [inner][taps] */, int32_t inner, int32_t taps,
                               int32_t stride, int32_t *sum /* [4] */) {
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (int32_t i = 0; i < inner; i++) {
    ECG_UNROLL
    for (int32_t t = 0; t < taps; t++) {
      const int32_t weight = w[t];
      s0 += weight * x[t];
      s1 += weight * x[t + stride];
      s2 += weight * x[t + 2 * stride];
      s3 += weight * x[t + 3 * stride];
    }
    x += length;
    w += taps;
  }
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

/* The same with the number of taps and the stride as constants where they are common ones. */
#define FOUR_POSITIONS(name, taps, stride)                                                                   \
  ECG_NOINLINE void name(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t *sum) {    \
    four_positions(x, length, w, inner, taps, stride, sum);                                                  \
  }
FOUR_POSITIONS(four_positions_1, 1, 1)
FOUR_POSITIONS(four_positions_3, 3, 1)
FOUR_POSITIONS(four_positions_5, 5, 1)

ECG_NOINLINE void four_positions_any(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t taps,
                                     int32_t stride, int32_t *sum) {
  four_positions(x, length, w, inner, taps, stride, sum);
}

ECG_INLINE void four_positions_best(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t taps,
                                    int32_t stride, int32_t *sum) {
  const int32_t unrolled = stride == 1 ? taps : 0;
  switch (unrolled) {
    case 1: four_positions_1(x, length, w, inner, sum); break;
    case 3: four_positions_3(x, length, w, inner, sum); break;
    case 5: four_positions_5(x, length, w, inner, sum); break;
    default: four_positions_any(x, length, w, inner, taps, stride, sum);
  }
}

/* sum[c * 4] = sum over i and `count` taps t of x[i][t] * w[c][i][t], for four channels c. */
ECG_INLINE void four_channels(const int8_t *x /* [inner][length], at the first tap that meets a sample */,
                              int32_t length, const int8_t *w /* [4][inner][taps], at the same tap */,
                              int32_t inner, int32_t taps, int32_t count, int32_t *sum /* [4][4], a column */) {
  const int8_t *w1 = w + inner * taps, *w2 = w1 + inner * taps, *w3 = w2 + inner * taps;
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (int32_t i = 0; i < inner; i++) {
    ECG_UNROLL
    for (int32_t t = 0; t < count; t++) {
      const int32_t sample = x[t];
      s0 += sample * w[t];
      s1 += sample * w1[t];
      s2 += sample * w2[t];
      s3 += sample * w3[t];
    }
    x += length;
    w += taps;
    w1 += taps;
    w2 += taps;
    w3 += taps;
  }
  sum[0 * TILE] = s0;
  sum[1 * TILE] = s1;
  sum[2 * TILE] = s2;
  sum[3 * TILE] = s3;
}

#define FOUR_CHANNELS(name, count)                                                                           \
  ECG_NOINLINE void name(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t taps,      \
                         int32_t *sum) {                                                                     \
    four_channels(x, length, w, inner, taps, count, sum);                                                    \
  }
FOUR_CHANNELS(four_channels_1, 1)
FOUR_CHANNELS(four_channels_2, 2)
FOUR_CHANNELS(four_channels_3, 3)
FOUR_CHANNELS(four_channels_4, 4)

ECG_NOINLINE void four_channels_any(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t taps,
                                    int32_t count, int32_t *sum) {
  four_channels(x, length, w, inner, taps, count, sum);
}

ECG_INLINE void four_channels_best(const int8_t *x, int32_t length, const int8_t *w, int32_t inner, int32_t taps,
                                   int32_t count, int32_t *sum) {
  switch (count) {
    case 1: four_channels_1(x, length, w, inner, taps, sum); break;
    case 2: four_channels_2(x, length, w, inner, taps, sum); break;
    case 3: four_channels_3(x, length, w, inner, taps, sum); break;
    case 4: four_channels_4(x, length, w, inner, taps, sum); break;
    default: four_channels_any(x, length, w, inner, taps, count, sum);
  }
}

ECG_NOINLINE int32_t one_channel(const int8_t *x /* [inner][length] */, int32_t length,
                           const int8_t *w /* [inner][taps] */, int32_t inner, int32_t taps, int32_t first,
                           int32_t last) {
  int32_t sum = 0;
  for (int32_t i = 0; i < inner; i++) {
    for (int32_t t = first; t < last; t++) sum += (int32_t)x[i * length + t] * w[i * taps + t];
  }
  return sum;
}

/* Up to four channels of one group, over all positions. */
static void convolve_channels(const ecg_block *block, const int8_t *x /* [inner][length], of the group */,
                              int8_t *room /* of the weights, see ecg_weights.h */, int8_t *y /* [channels][output length] */, int32_t channel, int32_t channels) {
  const int32_t length = block->input[0].length;
  const int32_t inner = block->input[0].channels / block->groups;
  const int32_t taps = block->kernel;
  const int32_t stride = block->stride;
  const int32_t row = inner * taps;
  const int8_t *w = /* [channels][inner][taps] */
      ecg_weight_rows(block->weights, block->weight_bits, channel, channels, row, room);
  const int32_t out_length = block->output.length;
  const int32_t positions = out_length * block->pool_size;

  int32_t bias[TILE], pooled[TILE] = {0, 0, 0, 0};
  for (int32_t c = 0; c < channels; c++) bias[c] = ecg_bias(block, channel + c);

  int32_t in_pool = 0, out = 0;
  for (int32_t p = 0; p < positions;) {
    int32_t sum[TILE * 4]; /* [channel][position] */
    int32_t count;
    const int32_t start = p * stride - block->padding;
    if (p + 4 <= positions && start >= 0 && start + 3 * stride + taps <= length) {
      count = 4;
      for (int32_t c = 0; c < channels; c++)
        four_positions_best(x + start, length, w + c * row, inner, taps, stride, sum + c * 4);
    } else {
      count = 1;
      const int32_t first = start < 0 ? -start : 0;
      const int32_t last = start + taps > length ? length - start : taps;
      if (channels == TILE) {
        four_channels_best(x + start + first, length, w + first, inner, taps, last - first, sum);
      } else {
        for (int32_t c = 0; c < channels; c++)
          sum[c * 4] = one_channel(x + start, length, w + c * row, inner, taps, first, last);
      }
    }
    for (int32_t j = 0; j < count; j++) {
      for (int32_t c = 0; c < channels; c++) {
        const int32_t value = ecg_activate(block, sum[c * 4 + j] + bias[c]);
        if (in_pool == 0) {
          pooled[c] = value;
        } else if (block->pool == ECG_POOL_AVERAGE) {
          pooled[c] += value;
        } else if (value > pooled[c]) {
          pooled[c] = value;
        }
      }
      if (++in_pool == block->pool_size) {
        for (int32_t c = 0; c < channels; c++)
          y[c * out_length + out] =
              ecg_requantize8(pooled[c], block->pool_multiplier, ecg_shift(block, channel + c));
        in_pool = 0;
        out++;
      }
    }
    p += count;
  }
}

void ecg_conv1d(const ecg_block *block, uint8_t *memory) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [input channels][length] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [output channels][output length] */
  int8_t *room = (int8_t *)(memory + block->scratch_offset);
  const int32_t inner = block->input[0].channels / block->groups;
  const int32_t outer = block->output.channels / block->groups;
  for (int32_t group = 0; group < block->groups; group++) {
    for (int32_t c = 0; c < outer; c += TILE) {
      const int32_t channel = group * outer + c;
      convolve_channels(block, x + group * inner * block->input[0].length, room,
                        y + channel * block->output.length, channel, outer - c < TILE ? outer - c : TILE);
    }
  }
}

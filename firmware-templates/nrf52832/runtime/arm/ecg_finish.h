/*
 * From four sums of neighbouring positions, bias included, to int8: ReLU, a pool over 1, 2 or 4 of them, one rounding
 * shift, one saturation. A function for each, so that an image holds those that its network needs; the descriptor says
 * which. Shifts are from 2 to 31, since a shift is a product with 2^(32 - shift) of which the upper word is kept.
 */
#ifndef ECG_FINISH_H
#define ECG_FINISH_H

#include "ecg_dsp.h"
#include "ecg_fixed.h"

#define ECG_FINISHES(X)                                                                                      \
  X(none, ECG_POOL_NONE, 1)                                                                                  \
  X(average2, ECG_POOL_AVERAGE, 2)                                                                           \
  X(average4, ECG_POOL_AVERAGE, 4)                                                                           \
  X(max2, ECG_POOL_MAX, 2)                                                                                   \
  X(max4, ECG_POOL_MAX, 4)

#define ECG_DECLARE_FINISH(name, pool, size)                                                                 \
  void ecg_finish_##name(const int32_t *sums, int32_t stride, int32_t fours, int32_t scale, int8_t *y);      \
  void ecg_finish_##name##_relu(const int32_t *sums, int32_t stride, int32_t fours, int32_t scale, int8_t *y);
ECG_FINISHES(ECG_DECLARE_FINISH)

/* `more`: bits by which the sums are finer than the accumulator. */
ECG_INLINE int32_t ecg_scale(const ecg_block *block, int32_t channel, int32_t more) {
  return (int32_t)(1u << (32 - ecg_shift(block, channel) - more));
}

/* Outputs of four positions. */
ECG_INLINE int32_t ecg_outputs_of_four(const ecg_block *block) {
  return block->pool_size == 1 ? 4 : block->pool_size == 2 ? 2 : 1;
}

/* As `finish`, where the positions end within the last four: `left` outputs are written. */
void ecg_finish_rest(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours, int32_t left,
                     int32_t scale, int8_t *y);

/*
 * What the functions above do not know, position by position: any pool, activation and shift. A descriptor without
 * `finish` asks for it.
 */

/* What a pool does before its first position and at each, of a sum with its bias. */
typedef struct ecg_pooling {
  int32_t first;
  int32_t largest;  /* whether it takes the largest, not the sum */
  int32_t negative; /* mask of sums below 0: 0 for ReLU */
  int32_t positive; /* the others are shifted by so many bits to the left, see ecg_activate */
} ecg_pooling;

ECG_INLINE ecg_pooling ecg_pooling_of(const ecg_block *block) {
  const int32_t largest = block->pool == ECG_POOL_MAX;
  const ecg_pooling pooling = {largest ? INT32_MIN : 0, largest, block->activation == ECG_ACTIVATION_RELU ? 0 : -1,
                               block->activation == ECG_ACTIVATION_LEAKY_RELU ? block->slope_shift : 0};
  return pooling;
}

ECG_INLINE int32_t ecg_pooled(const ecg_pooling *pooling, int32_t so_far, int32_t sum) {
  const int32_t value = sum < 0 ? sum & pooling->negative : (int32_t)((uint32_t)sum << pooling->positive);
  if (pooling->largest) return value > so_far ? value : so_far;
  return so_far + value;
}

/* ecg_requantize8 of one channel, for what is no division by a multiplier: ((x << left) + half) >> right. */
typedef struct ecg_rounding {
  int32_t left, half, right;
} ecg_rounding;

ECG_INLINE ecg_rounding ecg_rounding_of(const ecg_block *block, int32_t channel) {
  const int32_t shift = ecg_shift(block, channel);
  const int32_t right = shift < 0 ? 0 : shift;
  const ecg_rounding rounding = {right - shift, (int32_t)((1u << right) >> 1), right};
  return rounding;
}

/* ecg_requantize8 of one channel by the block's multiplier. */
int8_t ecg_divided(const ecg_block *block, int32_t channel, int32_t x);

/* An output of any block. */
ECG_INLINE int8_t ecg_rounded(const ecg_block *block, const ecg_rounding *rounding, int32_t channel, int32_t x) {
  if (block->pool_multiplier != 0) return ecg_divided(block, channel, x);
  return (int8_t)ecg_clip8(((int32_t)((uint32_t)x << rounding->left) + rounding->half) >> rounding->right);
}

/* The outputs of one channel. */
typedef struct ecg_pool_place {
  int8_t *y;         /* the next one */
  const int8_t *end; /* after the last one */
  int32_t value;     /* of the positions so far, where there are any */
  int32_t count;     /* of them */
} ecg_pool_place;

/* Positions past the last output are not looked at. */
void ecg_finish_any(const ecg_block *block, const int32_t *sums /* [fours][stride], four of them each */, int32_t stride,
                    int32_t fours, int32_t channel, ecg_pool_place *place);

/* Sums to outputs of one channel, of which `left` or more are still to be written. */
ECG_INLINE void ecg_finish_channel(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours,
                                   int32_t left, int32_t scale, int8_t *y) {
  if (fours * ecg_outputs_of_four(block) <= left) {
    block->finish(sums, stride, fours, scale, y);
  } else {
    ecg_finish_rest(block, sums, stride, fours, left, scale, y);
  }
}

#endif

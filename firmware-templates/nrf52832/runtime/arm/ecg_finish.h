/*
 * From four sums of neighbouring positions, bias included, to int8: ReLU, a pool over 1, 2 or 4 of them, one rounding
 * shift, one saturation. A function for each, so that an image holds those that its network needs; the descriptor says
 * which. Shifts are from 2 to 31, since a shift is a product with 2^(32 - shift) of which the upper word is kept.
 */
#ifndef ECG_FINISH_H
#define ECG_FINISH_H

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

/* A pool over more than four positions, which are whole fours, of one channel. */
typedef struct ecg_long_pool {
  int8_t *y;     /* the next output */
  int32_t value; /* of the positions so far: their sum, or the largest */
  int32_t fours; /* that are still to come, 0 before the first */
} ecg_long_pool;

void ecg_finish_long(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours, int32_t scale,
                     ecg_long_pool *pool);

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

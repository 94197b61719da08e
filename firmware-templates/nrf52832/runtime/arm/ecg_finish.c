#include "ecg_finish.h"

#include "ecg_finish_four.h"

ECG_INLINE void finish(const int32_t *sums, int32_t stride, int32_t fours, int32_t scale, int8_t *y, int32_t pool,
                       int32_t size, int32_t relu) {
  for (; fours > 0; fours--) {
    ecg_finish_four(sums[0], sums[1], sums[2], sums[3], scale, y, pool, size, relu);
    sums += stride;
    y += 4 / size;
  }
}

#define FINISH(name, pool, size)                                                                             \
  void ecg_finish_##name(const int32_t *sums, int32_t stride, int32_t fours, int32_t scale, int8_t *y) {     \
    finish(sums, stride, fours, scale, y, pool, size, 0);                                                    \
  }                                                                                                          \
  void ecg_finish_##name##_relu(const int32_t *sums, int32_t stride, int32_t fours, int32_t scale, int8_t *y) { \
    finish(sums, stride, fours, scale, y, pool, size, 1);                                                    \
  }
ECG_FINISHES(FINISH)

void ecg_finish_rest(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours, int32_t left,
                     int32_t scale, int8_t *y) {
  const int32_t outputs = ecg_outputs_of_four(block);
  const int32_t whole = fours - 1;
  int8_t four[4];
  block->finish(sums, stride, whole, scale, y);
  block->finish(sums + stride * whole, 0, 1, scale, four);
  for (int32_t i = whole * outputs; i < left; i++) y[i] = four[i - whole * outputs];
}

void ecg_finish_long(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours, int32_t scale,
                     ecg_long_pool *pool) {
  const int32_t relu = block->activation == ECG_ACTIVATION_RELU;
  const int32_t largest = block->pool == ECG_POOL_MAX;
  for (; fours > 0; fours--, sums += stride) {
    const int32_t begin = pool->fours == 0;
    if (begin) pool->fours = block->pool_size >> 2;
    ECG_NO_UNROLL
    for (int32_t i = 0; i < 4; i++) {
      const int32_t value = relu ? ecg_rectify(sums[i]) : sums[i];
      if (begin && i == 0) {
        pool->value = value;
      } else {
        pool->value = largest ? ecg_larger(pool->value, value) : pool->value + value;
      }
    }
    if (--pool->fours == 0) *pool->y++ = ecg_scaled8(pool->value, scale);
  }
}

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

__attribute__((noinline)) int8_t ecg_divided(const ecg_block *block, int32_t channel, int32_t x) {
  return ecg_requantize8(x, block->pool_multiplier, ecg_shift(block, channel));
}

void ecg_finish_any(const ecg_block *block, const int32_t *sums, int32_t stride, int32_t fours, int32_t channel,
                    ecg_pool_place *place) {
  ecg_pooling pooling = ecg_pooling_of(block);
  const ecg_rounding rounding = ecg_rounding_of(block, channel);
  const int32_t size = block->pool_size;
  const int8_t *const end = place->end;
  int32_t value = place->count == 0 ? pooling.first : place->value, count = place->count;
  int8_t *y = place->y;
  const int32_t to_next = stride - 4;
  ECG_NO_UNROLL
  for (int32_t left = 4 * fours; left > 0 && y != end; left--) {
    ECG_ONE_LOOP(pooling.largest);
    value = ecg_pooled(&pooling, value, *sums++);
    if ((left & 3) == 1) sums += to_next;
    if (++count < size) continue;
    *y++ = ecg_rounded(block, &rounding, channel, value);
    value = pooling.first;
    count = 0;
  }
  place->y = y;
  place->value = value;
  place->count = count;
}

/*
 * Pools that stand alone. The global average is an average over one pool of the whole length. A max pool over one
 * position rounds an int16 state to int8.
 */
#include "ecg_fixed.h"

void ecg_average_pool(const ecg_block *block, uint8_t *memory) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [channels][output length] */
  for (int32_t c = 0; c < block->output.channels; c++) {
    const int32_t shift = ecg_shift(block, c);
    for (int32_t p = 0; p < block->output.length; p++) {
      const int8_t *from = x + p * block->pool_stride;
      int32_t sum = 0;
      for (int32_t j = 0; j < block->pool_size; j++) sum += from[j];
      *y++ = ecg_requantize8(sum, block->pool_multiplier, shift);
    }
    x += block->input[0].length;
  }
}

/* The state of a recurrent layer for layers that read int8: each value is rounded. */
static void round_state(const ecg_block *block, const int16_t *x /* [channels] */, int8_t *y /* [channels] */) {
  for (int32_t c = 0; c < block->output.channels; c++) y[c] = ecg_requantize8(x[c], 0, ecg_shift(block, c));
}

void ecg_max_pool(const ecg_block *block, uint8_t *memory) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [channels][output length] */
  if (block->input[0].bits == 16) {
    round_state(block, (const int16_t *)x, y);
    return;
  }
  for (int32_t c = 0; c < block->output.channels; c++) {
    const int32_t shift = ecg_shift(block, c);
    for (int32_t p = 0; p < block->output.length; p++) {
      const int8_t *from = x + p * block->pool_stride;
      int32_t largest = from[0];
      for (int32_t j = 1; j < block->pool_size; j++) {
        if (from[j] > largest) largest = from[j];
      }
      *y++ = ecg_requantize8(largest, 0, shift);
    }
    x += block->input[0].length;
  }
}

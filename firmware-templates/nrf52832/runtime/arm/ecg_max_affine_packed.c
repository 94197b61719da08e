#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_fixed.h"
#include "ecg_rows_packed.h"
#include "ecg_weight_words.h"

/* As ecg_max_affine. Four rows in one pass, wherever in them an output's functions begin. */
void ecg_max_affine_packed(const ecg_block *block, uint8_t *memory) {
  int16_t *x = (int16_t *)(memory + block->scratch_offset); /* [channels][length], then zeros */
  int8_t *y = (int8_t *)(memory + block->output.offset);    /* [units] */
  const int32_t columns = block->input[0].channels * block->input[0].length;
  const int32_t quads = (columns + 3) >> 2;
  const int32_t pieces = block->pool_size;
  const int32_t rows = block->output.channels * pieces;
  uint32_t *const room = (uint32_t *)x + 2 * quads;
  ecg_expand_vector(memory + block->input[0].offset, block->input[0].bits, columns, x);
  int32_t unit = 0, piece = 0, largest = INT32_MIN;
  for (int32_t row = 0; row < rows; row += 4) {
    int32_t sum[4];
    ecg_rows_packed(x, ecg_weight_words(block, block->weights, row * quads, 4 * quads, room), sum, quads);
    for (int32_t r = 0; r < 4 && row + r < rows; r++) {
      const int32_t value = sum[r] + ecg_bias(block, row + r);
      if (value > largest) largest = value;
      if (++piece < pieces) continue;
      y[unit] = ecg_requantize8(largest, 0, ecg_shift(block, unit));
      unit++;
      piece = 0;
      largest = INT32_MIN;
    }
  }
}

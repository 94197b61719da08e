#include "ecg_fixed.h"
#include "ecg_rows.h"
#include "ecg_weights.h"

/* Each output is the largest of `pool_size` affine functions of the whole input: the largest sum is rounded once. */
void ecg_max_affine(const ecg_block *block, uint8_t *memory) {
  const uint8_t *x = memory + block->input[0].offset;    /* [channels][length], int8 or int16 */
  int8_t *y = (int8_t *)(memory + block->output.offset); /* [units] */
  int8_t *room = (int8_t *)(memory + block->scratch_offset);
  const int32_t columns = block->input[0].channels * block->input[0].length;
  const int32_t pieces = block->pool_size;
  for (int32_t u = 0; u < block->output.channels; u++) {
    int32_t largest = INT32_MIN;
    for (int32_t p = 0; p < pieces; p += 4) {
      const int32_t rows = pieces - p < 4 ? pieces - p : 4;
      int32_t sum[4];
      const int8_t *w = /* [rows][channels][length] */
          ecg_weight_rows(block->weights, block->weight_bits, u * pieces + p, rows, columns, room);
      ecg_rows(w, x, block->input[0].bits, columns, rows, sum);
      for (int32_t r = 0; r < rows; r++) {
        const int32_t value = sum[r] + ecg_bias(block, u * pieces + p + r);
        if (value > largest) largest = value;
      }
    }
    y[u] = ecg_requantize8(largest, 0, ecg_shift(block, u));
  }
}

#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_fixed.h"
#include "ecg_rows_packed.h"
#include "ecg_weight_words.h"

void ecg_dense_packed(const ecg_block *block, uint8_t *memory) {
  int16_t *x = (int16_t *)(memory + block->scratch_offset); /* [channels], then zeros */
  uint8_t *y = memory + block->output.offset;               /* [units], int8 or int16 */
  const int32_t columns = block->input[0].channels;
  const int32_t quads = (columns + 3) >> 2;
  const int32_t units = block->output.channels;
  uint32_t *const room = (uint32_t *)x + 2 * quads;
  ecg_expand_vector(memory + block->input[0].offset, block->input[0].bits, columns, x);
  for (int32_t u = 0; u < units; u += 4) {
    const int32_t rows = units - u < 4 ? units - u : 4;
    int32_t sum[4];
    /* Four rows have 4 words for four columns: a row has as many words as there are quads. */
    ecg_rows_packed(x, ecg_weight_words(block, block->weights, u * quads, 4 * quads, room), sum, quads);
    ECG_NO_UNROLL
    for (int32_t r = 0; r < rows; r++) {
      int32_t value = ecg_activate(block, sum[r] + ecg_bias(block, u + r));
      value = ecg_round_shift(value, ecg_shift(block, u + r));
      if (block->output.bits == 8) {
        ((int8_t *)y)[u + r] = (int8_t)ecg_saturate8(value);
      } else {
        ((int16_t *)y)[u + r] = (int16_t)ecg_saturate16(value);
      }
    }
  }
}

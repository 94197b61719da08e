#include "ecg_fixed.h"
#include "ecg_rows.h"
#include "ecg_weights.h"

void ecg_dense(const ecg_block *block, uint8_t *memory) {
  const uint8_t *x = memory + block->input[0].offset; /* [channels], int8 or int16 */
  uint8_t *y = memory + block->output.offset;         /* [units], int8 or int16 */
  int8_t *room = (int8_t *)(memory + block->scratch_offset);
  const int32_t columns = block->input[0].channels;
  const int32_t units = block->output.channels;
  for (int32_t u = 0; u < units; u += 4) {
    const int32_t rows = units - u < 4 ? units - u : 4;
    int32_t sum[4];
    const int8_t *w = /* [rows][channels] */
        ecg_weight_rows(block->weights, block->weight_bits, u, rows, columns, room);
    ecg_rows(w, x, block->input[0].bits, columns, rows, sum);
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

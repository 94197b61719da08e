#include "ecg_gate.h"
#include "ecg_rows.h"

void ecg_gate_rows(const ecg_block *block, const void *x /* [channels] */, const int16_t *h /* [units] */,
                   int32_t row, int32_t rows, int32_t *gate /* [4], Q3.12 */) {
  const int8_t *w = (const int8_t *)block->weights;   /* [gates * units][channels] */
  const int8_t *u = (const int8_t *)block->recurrent; /* [gates * units][units] */
  const int32_t channels = block->input[0].channels;
  const int32_t units = block->output.channels;
  int32_t from_input[4], from_state[4];
  ecg_rows(w + row * channels, x, block->input[0].bits, channels, rows, from_input);
  ecg_rows(u + row * units, h, 16, units, rows, from_state);
  for (int32_t r = 0; r < rows; r++) {
    const int64_t sum = from_input[r] * ((int64_t)1 << block->left_shift[0]) +
                        from_state[r] * ((int64_t)1 << block->left_shift[1]) +
                        ecg_bias64(block, row + r);
    gate[r] = ecg_saturate16_64(ecg_round_shift64(sum, block->shifts[0]));
  }
}

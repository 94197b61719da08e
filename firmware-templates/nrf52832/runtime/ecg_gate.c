#include "ecg_gate.h"
#include "ecg_rows.h"

void ecg_gate_rows_canonical(const ecg_block *block, const void *x, const int16_t *h, int32_t gate, int32_t unit,
                             int32_t rows, int32_t *sum) {
  const int8_t *w = (const int8_t *)block->weights;   /* [gates * units][channels] */
  const int8_t *u = (const int8_t *)block->recurrent; /* [gates * units][units] */
  const int32_t channels = block->input[0].channels;
  const int32_t units = block->output.channels;
  const int32_t row = gate * units + unit;
  int32_t from_input[4], from_state[4];
  ecg_rows(w + row * channels, x, block->input[0].bits, channels, rows, from_input);
  ecg_rows(u + row * units, h, 16, units, rows, from_state);
  for (int32_t r = 0; r < rows; r++) sum[r] = ecg_gate_sum(block, row + r, from_input[r], from_state[r]);
}

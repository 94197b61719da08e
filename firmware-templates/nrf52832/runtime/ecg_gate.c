#include "ecg_gate.h"
#include "ecg_rows.h"
#include "ecg_weights.h"

void ecg_gate_rows_canonical(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                             int32_t unit, int32_t rows, int32_t *sum) {
  int8_t *room = (int8_t *)input->room;
  const int32_t channels = block->input[0].channels;
  const int32_t units = block->output.channels;
  const int32_t row = gate * units + unit;
  int32_t from_input[4], from_state[4];
  const int8_t *w = /* [rows][channels] */
      ecg_weight_rows(block->weights, block->weight_bits, row, rows, channels, room);
  ecg_rows(w, input->x, block->input[0].bits, channels, rows, from_input);
  const int8_t *u = /* [rows][units] */
      ecg_weight_rows(block->recurrent, block->weight_bits, row, rows, units, room);
  ecg_rows(u, h, 16, units, rows, from_state);
  for (int32_t r = 0; r < rows; r++) sum[r] = ecg_gate_sum(block, row + r, from_input[r], from_state[r]);
}

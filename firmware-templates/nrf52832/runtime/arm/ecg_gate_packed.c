#include "ecg_gate_packed.h"

#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_rows_packed.h"
#include "ecg_weight_words.h"

ecg_gate_source ecg_gate_input(const ecg_block *block, uint8_t *memory, int32_t used) {
  int16_t *x = (int16_t *)(memory + block->scratch_offset) + used;
  ecg_expand_vector(memory + block->input[0].offset, block->input[0].bits, block->input[0].channels, x);
  const ecg_gate_source source = {x, x + ((block->input[0].channels + 3) & ~3)};
  return source;
}

typedef void (*rows_function)(const int16_t *x, const uint32_t *w, int32_t *sum, int32_t quads);

ECG_INLINE void gate_rows_by(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                             int32_t unit, int32_t rows, int32_t *sum, rows_function of_input) {
  const int32_t units = block->output.channels;
  const int32_t quads = (block->input[0].channels + 3) >> 2, state_quads = (units + 3) >> 2;
  const int32_t row = gate * 4 * state_quads + unit;
  int32_t from_input[4], from_state[4];
  uint32_t *const room = (uint32_t *)input->room;
  /* Four rows have 4 words for four columns: a row has as many words as there are quads. */
  of_input((const int16_t *)input->x, ecg_weight_words(block, block->weights, row * quads, 4 * quads, room), from_input,
           quads);
  ecg_rows_packed(h, ecg_weight_words(block, block->recurrent, row * state_quads, 4 * state_quads, room), from_state,
                  state_quads);
  ECG_NO_UNROLL
  for (int32_t r = 0; r < rows; r++) sum[r] = ecg_gate_sum(block, gate * units + unit + r, from_input[r], from_state[r]);
}

void ecg_gate_rows_packed(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                          int32_t unit, int32_t rows, int32_t *sum) {
  gate_rows_by(block, input, h, gate, unit, rows, sum, ecg_rows_packed);
}

void ecg_gate_rows_folded(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                          int32_t unit, int32_t rows, int32_t *sum) {
  gate_rows_by(block, input, h, gate, unit, rows, sum, ecg_rows_folded);
}

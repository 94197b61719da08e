#include "ecg_gru_step.h"

void ecg_gru(const ecg_block *block, uint8_t *memory) {
  ecg_gru_step(block, memory, memory + block->input[0].offset, ecg_gate_rows_canonical);
}

#include "ecg_lstm_step.h"

void ecg_lstm(const ecg_block *block, uint8_t *memory) {
  ecg_lstm_step(block, memory, memory + block->input[0].offset, ecg_gate_rows_canonical);
}

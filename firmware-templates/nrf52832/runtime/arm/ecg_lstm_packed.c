#include "ecg_arm.h"
#include "ecg_gate_packed.h"
#include "ecg_lstm_step.h"

void ecg_lstm_packed(const ecg_block *block, uint8_t *memory) {
  ecg_lstm_step(block, memory, ecg_gate_input(block, memory, block->output.channels), ecg_gate_rows_packed);
}

void ecg_lstm_folded(const ecg_block *block, uint8_t *memory) {
  ecg_lstm_step(block, memory, ecg_gate_input(block, memory, block->output.channels), ecg_gate_rows_folded);
}

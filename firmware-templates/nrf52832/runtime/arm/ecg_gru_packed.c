#include "ecg_arm.h"
#include "ecg_gate_packed.h"
#include "ecg_gru_step.h"

void ecg_gru_packed(const ecg_block *block, uint8_t *memory) {
  ecg_gru_step(block, memory, ecg_gate_input(block, memory, 2 * block->output.channels), ecg_gate_rows_packed);
}

void ecg_gru_folded(const ecg_block *block, uint8_t *memory) {
  ecg_gru_step(block, memory, ecg_gate_input(block, memory, 2 * block->output.channels), ecg_gate_rows_folded);
}

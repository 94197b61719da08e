#include "ecg_arm.h"
#include "ecg_gate_packed.h"
#include "ecg_lstm_step.h"

#define PACKED(name, suffix, gates)                                                                          \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    const ecg_gate_source input = ecg_gate_input(block, memory, block->output.channels);                     \
    ecg_lstm_step(block, memory, &input, ecg_gate_rows_packed, gates);                                       \
  }
ECG_EACH_GATES(PACKED, ecg_lstm_packed)

#define FOLDED(name, suffix, gates)                                                                          \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    const ecg_gate_source input = ecg_gate_input(block, memory, block->output.channels);                     \
    ecg_lstm_step(block, memory, &input, ecg_gate_rows_folded, gates);                                       \
  }
ECG_EACH_GATES(FOLDED, ecg_lstm_folded)

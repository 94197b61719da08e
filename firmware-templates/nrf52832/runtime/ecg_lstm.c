#include "ecg_lstm_step.h"

#define LSTM(name, suffix, gates)                                                                            \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    ecg_lstm_step(block, memory, memory + block->input[0].offset, ecg_gate_rows_canonical, gates);           \
  }
ECG_EACH_GATES(LSTM, ecg_lstm)

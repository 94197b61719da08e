#include "ecg_lstm_step.h"

#define LSTM(name, suffix, gates)                                                                            \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    const ecg_gate_source source = ecg_gate_source_of(block, memory, 2 * block->output.channels);            \
    ecg_lstm_step(block, memory, &source, ecg_gate_rows_canonical, gates);                                   \
  }
ECG_EACH_GATES(LSTM, ecg_lstm)

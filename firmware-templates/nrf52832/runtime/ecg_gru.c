#include "ecg_gru_step.h"

#define GRU(name, suffix, gates)                                                                             \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    const ecg_gate_source source = ecg_gate_source_of(block, memory, 4 * block->output.channels);            \
    ecg_gru_step(block, memory, &source, ecg_gate_rows_canonical, gates);                                    \
  }
ECG_EACH_GATES(GRU, ecg_gru)

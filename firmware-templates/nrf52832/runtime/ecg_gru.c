#include "ecg_gru_step.h"

#define GRU(name, suffix, gates)                                                                             \
  void name##suffix(const ecg_block *block, uint8_t *memory) {                                               \
    ecg_gru_step(block, memory, memory + block->input[0].offset, ecg_gate_rows_canonical, gates);            \
  }
ECG_EACH_GATES(GRU, ecg_gru)

/*
 * z = sigmoid(Wz x + Uz h + bz), r = sigmoid(Wr x + Ur h + br), n = tanh(Wn x + Un (r*h) + bn),
 * h' = z*h + (1 - z)*n. Rows of the matrices in the order z, r, n. r*h is rounded to Q0.15 before the product with Un.
 */
#ifndef ECG_GRU_STEP_H
#define ECG_GRU_STEP_H

#include "ecg_gate.h"

/* `gate_rows` and `gates` are constants where this is called. */
ECG_INLINE void ecg_gru_step(const ecg_block *block, uint8_t *memory, const ecg_gate_source *input,
                             ecg_gate_rows gate_rows, int32_t gates) {
  int16_t *h = (int16_t *)(memory + block->output.offset);  /* [units], Q0.15 */
  int16_t *z = (int16_t *)(memory + block->scratch_offset); /* [units], Q0.15 */
  const int32_t units = block->output.channels;
  int16_t *reset_h = z + units;                             /* [units], Q0.15: r*h */
  int32_t gate[4];
  for (int32_t u = 0; u < units; u += 4) {
    const int32_t rows = units - u < 4 ? units - u : 4;
    gate_rows(block, input, h, 0, u, rows, gate);
    for (int32_t k = 0; k < rows; k++) z[u + k] = (int16_t)ecg_sigmoid(gate[k], gates);
    gate_rows(block, input, h, 1, u, rows, gate);
    for (int32_t k = 0; k < rows; k++) {
      const int32_t r = ecg_sigmoid(gate[k], gates);
      reset_h[u + k] = (int16_t)((r * h[u + k] + 16384) >> 15);
    }
  }
  for (int32_t u = 0; u < units; u += 4) {
    const int32_t rows = units - u < 4 ? units - u : 4;
    gate_rows(block, input, reset_h, 2, u, rows, gate);
    for (int32_t k = 0; k < rows; k++) {
      const int32_t n = ecg_tanh(gate[k], gates);
      const int32_t next = (z[u + k] * h[u + k] + (32768 - z[u + k]) * n + 16384) >> 15;
      h[u + k] = (int16_t)ecg_state(block, next);
    }
  }
}

#endif

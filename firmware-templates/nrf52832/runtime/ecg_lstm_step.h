/*
 * i, f, o = sigmoid, g = tanh of W x + U h + b; c' = f*c + i*g, kept in Q3.12; h' = o * tanh(c').
 * Rows of the matrices in the order i, f, g, o.
 */
#ifndef ECG_LSTM_STEP_H
#define ECG_LSTM_STEP_H

#include "ecg_gate.h"

/* `gate_rows` and `gates` are constants where this is called. */
ECG_INLINE void ecg_lstm_step(const ecg_block *block, uint8_t *memory, const ecg_gate_source *input,
                              ecg_gate_rows gate_rows, int32_t gates) {
  int16_t *h = (int16_t *)(memory + block->output.offset);     /* [units], Q0.15 */
  int16_t *c = (int16_t *)(memory + block->cell_offset);       /* [units], Q3.12 */
  int16_t *next = (int16_t *)(memory + block->scratch_offset); /* [units]: h', since all rows read the old h */
  const int32_t units = block->output.channels;
  for (int32_t u = 0; u < units; u += 4) {
    const int32_t rows = units - u < 4 ? units - u : 4;
    int32_t in[4], forget[4], candidate[4], out[4];
    gate_rows(block, input, h, 0, u, rows, in);
    gate_rows(block, input, h, 1, u, rows, forget);
    gate_rows(block, input, h, 2, u, rows, candidate);
    gate_rows(block, input, h, 3, u, rows, out);
    for (int32_t k = 0; k < rows; k++) {
      const int32_t i = ecg_sigmoid(in[k], gates);
      const int32_t f = ecg_sigmoid(forget[k], gates);
      const int32_t g = ecg_tanh(candidate[k], gates);
      const int32_t o = ecg_sigmoid(out[k], gates);
      /* f*c has 27 fraction bits, i*g has 30; c has 12. */
      const int64_t sum = (int64_t)f * c[u + k] * 8 + (int64_t)i * g;
      const int32_t cell = ecg_saturate16_64(ecg_round_shift64(sum, 18));
      c[u + k] = (int16_t)cell;
      next[u + k] = (int16_t)ecg_state(block, (o * ecg_tanh(cell, gates) + 16384) >> 15);
    }
  }
  ecg_copy(h, next, (size_t)units * sizeof *h);
}

#endif

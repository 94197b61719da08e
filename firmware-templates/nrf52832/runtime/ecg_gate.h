/*
 * What GRU and LSTM share: gate pre-activations in Q3.12 and the two activation functions, which take Q3.12 and give
 * Q0.15.
 */
#ifndef ECG_GATE_H
#define ECG_GATE_H

#include "ecg_fixed.h"

#define ECG_TABLE_SIZE 257

/* t[i] = round(32768 * f(-8 + i / 16)), clipped to 32767; made by src/firmware/activation-tables.ts. */
extern const int16_t ecg_sigmoid_table[ECG_TABLE_SIZE];
extern const int16_t ecg_tanh_table[ECG_TABLE_SIZE];

/* Between two entries by linear interpolation on the lower eight bits of the argument. */
ECG_INLINE int32_t ecg_table(const int16_t *table /* [257] */, int32_t x /* Q3.12, int16 */) {
  const int32_t i = (x + 32768) >> 8;
  const int32_t f = (x + 32768) & 255;
  return (table[i] * (256 - f) + table[i + 1] * f + 128) >> 8;
}

/* Without tables, see ecg_gate_linear.c. */
int32_t ecg_sigmoid_linear(int32_t x /* Q3.12, int16 */);
int32_t ecg_tanh_linear(int32_t x /* Q3.12, int16 */);
int32_t ecg_sigmoid_hard(int32_t x /* Q3.12, int16 */);

/* `gates` is a constant where these are called. */
ECG_INLINE int32_t ecg_sigmoid(int32_t x, int32_t gates) {
  if (gates & ECG_GATES_HARD) return ecg_sigmoid_hard(x);
  return gates & ECG_GATES_LINEAR ? ecg_sigmoid_linear(x) : ecg_table(ecg_sigmoid_table, x);
}

ECG_INLINE int32_t ecg_tanh(int32_t x, int32_t gates) {
  return gates & ECG_GATES_LINEAR ? ecg_tanh_linear(x) : ecg_table(ecg_tanh_table, x);
}

/*
 * W x, U h and b of one row have scales of their own, so they are brought to the finest of them, added in 64 bits,
 * shifted once with rounding and saturated to Q3.12.
 */
ECG_INLINE int32_t ecg_gate_sum(const ecg_block *block, int32_t row, int32_t from_input, int32_t from_state) {
  /* Products of 32 by 32 bits, not 64-bit shifts, which are many instructions on 32-bit machines. No shift is above 29. */
  const int64_t sum = (int64_t)from_input * (1 << block->left_shift[0]) +
                      (int64_t)from_state * (1 << block->left_shift[1]) +
                      (int64_t)ecg_stored_bias(block, row) * (1 << block->bias_shift);
  const int32_t shift = block->shifts[0];
  const int64_t rounded = sum + (int32_t)((1u << shift) >> 1);
  const int32_t high = (int32_t)(rounded >> 32);
  if (high != (int32_t)rounded >> 31) {
    /* Beyond int32 already: shifted by parts, where the upper one says whether it still is. */
    return ecg_saturate16_64(rounded >> shift);
  }
  return ecg_saturate16((int32_t)rounded >> shift);
}

/* The input as ecg_gate_rows has it. */
typedef struct ecg_gate_source {
  const void *x; /* [channels], int8 or int16 */
  void *room;    /* where four-bit weights are expanded */
} ecg_gate_source;

/* Pre-activations of up to four units of one gate, from the input and the state. */
typedef void (*ecg_gate_rows)(const ecg_block *block, const ecg_gate_source *input, const int16_t *h /* [units] */,
                              int32_t gate, int32_t unit, int32_t rows, int32_t *sum /* [4], Q3.12 */);

/* `used`: bytes of the scratch memory that the step itself needs. */
ECG_INLINE ecg_gate_source ecg_gate_source_of(const ecg_block *block, uint8_t *memory, int32_t used) {
  const ecg_gate_source source = {memory + block->input[0].offset,
                                  memory + block->scratch_offset + used};
  return source;
}

void ecg_gate_rows_canonical(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                             int32_t unit, int32_t rows, int32_t *sum);

/* The strict variant's state: h rounded to Q0.7, kept in Q0.15. */
ECG_INLINE int32_t ecg_state(const ecg_block *block, int32_t h /* Q0.15 */) {
  return block->state_bits == 8 ? ecg_saturate8((h + 128) >> 8) * 256 : h;
}

#endif

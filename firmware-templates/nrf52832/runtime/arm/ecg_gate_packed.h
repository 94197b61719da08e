/*
 * Gates of GRU and LSTM from packed weights, the rows of each gate filled up to a multiple of four. Units are even, so
 * that every vector is aligned; what is read past the last unit meets weights of 0.
 */
#ifndef ECG_GATE_PACKED_H
#define ECG_GATE_PACKED_H

#include "ecg_gate.h"

/* x as int16 and filled up to a multiple of four, in the scratch memory after what the step itself needs there. */
ecg_gate_source ecg_gate_input(const ecg_block *block, uint8_t *memory, int32_t used /* int16 values */);

void ecg_gate_rows_packed(const ecg_block *block, const ecg_gate_source *input, const int16_t *h /* [units] */,
                          int32_t gate, int32_t unit, int32_t rows, int32_t *sum /* [4], Q3.12 */);
void ecg_gate_rows_folded(const ecg_block *block, const ecg_gate_source *input, const int16_t *h, int32_t gate,
                          int32_t unit, int32_t rows, int32_t *sum);

#endif

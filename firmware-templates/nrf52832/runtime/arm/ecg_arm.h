/*
 * Kernels for the Cortex-M4, each of which gives bit for bit what the portable kernel of its kind gives. They read
 * weights in a packing of their own, made by src/firmware/packing/; the descriptor's `kernel` and `padding` are those of
 * the taps that were packed.
 */
#ifndef ECG_ARM_H
#define ECG_ARM_H

#include "ecg_runtime.h"

/*
 * Convolution by SMLAD, two channels and four positions in one pass, for 1 to 8 taps. ECG_PACKING_DIRECT and
 * ECG_PACKING_FOLDED; `kernel` is the number of taps, or of pairs of taps where there is one input channel.
 */
void ecg_conv1d_direct_1(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_2(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_3(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_4(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_5(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_6(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_7(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_direct_8(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_1(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_2(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_3(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_4(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_5(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_6(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_7(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_folded_8(const ecg_block *block, uint8_t *memory);

/* Three taps, one zero on both sides, over two positions. ECG_PACKING_FOLDED. */
void ecg_conv1d_two_positions(const ecg_block *block, uint8_t *memory);

/* Five taps by Winograd's F(4,5). ECG_PACKING_WINOGRAD; or ECG_PACKING_DIRECT, transformed as it runs. */
void ecg_conv1d_winograd(const ecg_block *block, uint8_t *memory);
void ecg_conv1d_winograd_direct(const ecg_block *block, uint8_t *memory);

/* ECG_PACKING_ROWS. */
void ecg_conv1d_rows(const ecg_block *block, uint8_t *memory);
void ecg_dense_packed(const ecg_block *block, uint8_t *memory);
void ecg_max_affine_packed(const ecg_block *block, uint8_t *memory);
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_gru_packed)
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_lstm_packed)

/* ECG_PACKING_FOLDED of the input's weights, which are int8, ECG_PACKING_ROWS of the state's. */
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_gru_folded)
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_lstm_folded)

#endif

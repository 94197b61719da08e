/*
 * Rounding, saturation and requantisation. Ties go toward +infinity: round(x) = floor(x + 1/2).
 */
#ifndef ECG_FIXED_H
#define ECG_FIXED_H

#include "ecg_runtime.h"

/* x * 2^-shift, rounded. The quantiser has proved that neither the rounding term nor the product overflows. */
ECG_INLINE int32_t ecg_round_shift(int32_t x, int32_t shift) {
  if (shift < 0) return x * (int32_t)(1u << -shift);
  return (x + (int32_t)((1u << shift) >> 1)) >> shift;
}

ECG_INLINE int64_t ecg_round_shift64(int64_t x, int32_t shift) {
  if (shift < 0) return x * ((int64_t)1 << -shift);
  return (x + (((int64_t)1 << shift) >> 1)) >> shift;
}

ECG_INLINE int32_t ecg_saturate8(int32_t x) { return x < -128 ? -128 : x > 127 ? 127 : x; }

ECG_INLINE int32_t ecg_saturate16(int32_t x) { return x < -32768 ? -32768 : x > 32767 ? 32767 : x; }

ECG_INLINE int32_t ecg_saturate16_64(int64_t x) {
  return x < -32768 ? -32768 : x > 32767 ? 32767 : (int32_t)x;
}

/*
 * One rounding shift and one saturation to int8. Where the sum of an average has to be divided by a size that is no
 * power of two, `multiplier` is M = floor(2^k / size + 1/2) with k = 15 + floor(log2(size)), and k is part of `shift`:
 * (x * M + 2^(shift-1)) >> shift in 64 bits.
 */
ECG_INLINE int8_t ecg_requantize8(int32_t x, int32_t multiplier, int32_t shift) {
  if (multiplier == 0) return (int8_t)ecg_saturate8(ecg_round_shift(x, shift));
  const int64_t scaled = ecg_round_shift64((int64_t)x * multiplier, shift);
  return (int8_t)ecg_saturate8(ecg_saturate16_64(scaled));
}

ECG_INLINE int32_t ecg_stored_bias(const ecg_block *block, int32_t row) {
  return block->bias_bits == 16 ? ((const int16_t *)block->bias)[row] : ((const int8_t *)block->bias)[row];
}

/*
 * The activation of one accumulator, bias included. Leaky ReLU with the slope 2^-k gives k more fraction bits, which are
 * part of the block's shift: x < 0 is then 2^-k x as it stands, and x >= 0 is multiplied. So nothing is rounded here.
 */
ECG_INLINE int32_t ecg_activate(const ecg_block *block, int32_t x) {
  if (block->activation == ECG_ACTIVATION_LEAKY_RELU) return x < 0 ? x : x * (int32_t)(1u << block->slope_shift);
  return x < 0 && block->activation == ECG_ACTIVATION_RELU ? 0 : x;
}

/* The bias of one output, on the scale of the accumulator. */
ECG_INLINE int32_t ecg_bias(const ecg_block *block, int32_t row) {
  return ecg_stored_bias(block, row) * (int32_t)(1u << block->bias_shift);
}

ECG_INLINE int32_t ecg_shift(const ecg_block *block, int32_t channel) {
  return block->shifts[channel * block->shift_step];
}

#endif

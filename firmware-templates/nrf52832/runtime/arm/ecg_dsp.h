/*
 * The instructions of the Cortex-M4's DSP extension that the kernels in this folder use (ARMv7-M Architecture Reference
 * Manual, A4.4.3). A word holds two int16, called low and high.
 */
#ifndef ECG_DSP_H
#define ECG_DSP_H

#include "ecg_port.h"

#ifndef __ARM_FEATURE_DSP
#error "These kernels need an Arm processor with the DSP extension. Generate with --kernels portable for any other."
#endif

/* Inner loops that need every register are written out. They obey the calling convention by themselves. */
#define ECG_NAKED __attribute__((naked, noinline)) static
#define ECG_NO_UNROLL _Pragma("GCC unroll 1")
/* Inside a loop: the compiler is not to make a loop of its own for each value that x can have. */
#define ECG_ONE_LOOP(x) __asm("" : "+r"(x))
#define ECG_UNUSED __attribute__((unused))

/* Bytes 0 and 2 of a word, or 1 and 3, with their signs. */
ECG_INLINE uint32_t ecg_even_bytes(uint32_t x) {
  uint32_t y;
  __asm("sxtb16 %0, %1" : "=r"(y) : "r"(x));
  return y;
}

ECG_INLINE uint32_t ecg_odd_bytes(uint32_t x) {
  uint32_t y;
  __asm("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
  return y;
}

/* Byte by byte. */
ECG_INLINE uint32_t ecg_subtract_bytes(uint32_t a, uint32_t b) {
  uint32_t y;
  __asm("ssub8 %0, %1, %2" : "=r"(y) : "r"(a), "r"(b));
  return y;
}

/* (low of a, low of b) and (high of a, high of b). */
ECG_INLINE uint32_t ecg_lows(uint32_t a, uint32_t b) {
  uint32_t y;
  __asm("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(a), "r"(b));
  return y;
}

ECG_INLINE uint32_t ecg_highs(uint32_t a, uint32_t b) {
  uint32_t y;
  __asm("pkhtb %0, %1, %2, asr #16" : "=r"(y) : "r"(b), "r"(a));
  return y;
}

ECG_INLINE int32_t ecg_clip8(int32_t x) {
  int32_t y;
  __asm("ssat %0, #8, %1" : "=r"(y) : "r"(x));
  return y;
}

/* max(x, 0) */
ECG_INLINE int32_t ecg_rectify(int32_t x) {
  int32_t y;
  __asm("usat %0, #31, %1" : "=r"(y) : "r"(x));
  return y;
}

/* (x * y + 2^31) >> 32 */
ECG_INLINE int32_t ecg_rounded_high(int32_t x, int32_t y) {
  int32_t z;
  __asm("smmulr %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
  return z;
}

/*
 * Sums of both halves at once: a word is brought to the integer low + 65536 * high, on which additions and
 * multiplications by constants do the same to both halves as long as the results are int16; then back.
 */
ECG_INLINE uint32_t ecg_sign_of_low(uint32_t x) {
  uint32_t y;
  __asm("and %0, %1, #0x8000" : "=r"(y) : "r"(x));
  return y;
}

ECG_INLINE uint32_t ecg_to_sum(uint32_t halves) { return halves - (ecg_sign_of_low(halves) << 1); }

ECG_INLINE uint32_t ecg_from_sum(uint32_t sum) { return sum + (ecg_sign_of_low(sum) << 1); }

ECG_INLINE uint32_t ecg_load_word(const void *from) {
  uint32_t word;
  ecg_copy(&word, from, sizeof word);
  return word;
}

#endif

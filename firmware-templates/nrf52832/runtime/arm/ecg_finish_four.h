/*
 * The arithmetic of ecg_finish.h for one four, to be inlined where pool, size and ReLU are constants.
 */
#ifndef ECG_FINISH_FOUR_H
#define ECG_FINISH_FOUR_H

#include "ecg_dsp.h"
#include "ecg_runtime.h"

ECG_INLINE int32_t ecg_larger(int32_t a, int32_t b) { return a > b ? a : b; }

ECG_INLINE int8_t ecg_scaled8(int32_t x, int32_t scale) { return (int8_t)ecg_clip8(ecg_rounded_high(x, scale)); }

/* Writes 4 / size outputs. ReLU after a maximum is the same as before it. */
ECG_INLINE void ecg_finish_four(int32_t a, int32_t b, int32_t c, int32_t d, int32_t scale, int8_t *y, int32_t pool,
                                int32_t size, int32_t relu) {
  if (pool == ECG_POOL_MAX) {
    a = ecg_larger(a, b);
    c = ecg_larger(c, d);
    if (size == 4) a = ecg_larger(a, c);
  }
  if (relu) {
    a = ecg_rectify(a);
    if (pool != ECG_POOL_MAX) b = ecg_rectify(b);
    if (pool != ECG_POOL_MAX || size == 2) c = ecg_rectify(c);
    if (pool != ECG_POOL_MAX) d = ecg_rectify(d);
  }
  if (pool == ECG_POOL_AVERAGE) {
    a += b;
    c += d;
    if (size == 4) a += c;
  }
  y[0] = ecg_scaled8(a, scale);
  if (size == 1) {
    y[1] = ecg_scaled8(b, scale);
    y[2] = ecg_scaled8(c, scale);
    y[3] = ecg_scaled8(d, scale);
  } else if (size == 2) {
    y[1] = ecg_scaled8(c, scale);
  }
}

#endif

/* Probabilities of a window's logits, in integers, so that a host computes the same. */
#ifndef ECG_SOFTMAX_H
#define ECG_SOFTMAX_H

#include <stdint.h>

/*
 * p[c] = 65535 * exp(q[c] * 2^-fraction) / sum, rounded; within 1/2000 of the exact value. The powers are 2^x by a table of 33
 * entries with linear interpolation. fraction: -15 to 15.
 */
void ecg_softmax(const int16_t *logits /* [count] */, int32_t count, int32_t fraction, uint16_t *probabilities /* [count] */);

#endif

/*
 * int8 values to the int16 pairs that SMLAD takes.
 */
#ifndef ECG_EXPAND_H
#define ECG_EXPAND_H

#include "ecg_runtime.h"

/*
 * One word a position for two channels, (a, b), between zeros before and after, `words` in all. b is NULL where there is
 * one channel: then high is 0. Samples that would stand past the end are left out.
 */
void ecg_expand_channels(const int8_t *a /* [length] */, const int8_t *b /* [length] */, int32_t length,
                         int32_t padding, int32_t words, uint32_t *to /* [words] */);

/* Values of one vector as int16, followed by zeros up to a multiple of four. bits: 8 or 16. */
void ecg_expand_vector(const void *x /* [count] */, int32_t bits, int32_t count, int16_t *to);

#endif

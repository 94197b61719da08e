/*
 * Products of a matrix of int8 weights with a vector of int16 values by SMLAD, four rows in one pass.
 *
 * Weights (ECG_PACKING_ROWS): [four rows][four columns] of four words, one a row, of bytes w0, w2, w1, w3: SXTB16 gives the
 * weights of columns 0 and 1, and those of 2 and 3 after a rotation. Rows and columns are filled up with zeros.
 *
 * Folded (ECG_PACKING_FOLDED): the four words are rows 0 and 1 of columns 0 and 1, the same of columns 2 and 3, and rows 2
 * and 3 likewise; a half is 256 times the weight of the odd row and that of the even one. See ecg_conv1d_direct.c.
 */
#ifndef ECG_ROWS_PACKED_H
#define ECG_ROWS_PACKED_H

#include "ecg_runtime.h"

/* sum[r] = sum over i of w[r][i] * x[i], modulo 2^32. */
void ecg_rows_packed(const int16_t *x /* [4 * quads], aligned to 4 */, const uint32_t *w /* [quads][4 rows] */,
                     int32_t *sum /* [4] */, int32_t quads /* from 1 */);

/* The same with folded weights, for x of int8 values and sums below 2^23. */
void ecg_rows_folded(const int16_t *x, const uint32_t *w, int32_t *sum, int32_t quads);

#endif

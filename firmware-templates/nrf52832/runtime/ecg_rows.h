/*
 * Products of a matrix of int8 weights with a vector of int8 or int16 values, four rows in one pass so that a value is
 * read once for four products.
 */
#ifndef ECG_ROWS_H
#define ECG_ROWS_H

#include "ecg_runtime.h"

/* sum[r] = sum over i of w[r][i] * x[i], r < rows, rows from 1 to 4. bits: 8 or 16, the width of x. */
void ecg_rows(const int8_t *w /* [rows][columns] */, const void *x /* [columns] */, int32_t bits,
              int32_t columns, int32_t rows, int32_t *sum /* [4] */);

#endif

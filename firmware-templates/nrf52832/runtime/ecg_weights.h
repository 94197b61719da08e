/*
 * Rows of a matrix of weights as the kernels multiply by them: int8.
 */
#ifndef ECG_WEIGHTS_H
#define ECG_WEIGHTS_H

#include "ecg_runtime.h"

/*
 * Rows `row` to `row + rows` of weights [..][columns] with `bits` bits. Those of 8 are given where they are; those of 4 are
 * expanded into `room`, from two a byte: the first in the lower half, each row from a whole byte on.
 */
const int8_t *ecg_weight_rows(const void *weights, int32_t bits, int32_t row, int32_t rows, int32_t columns,
                              int8_t *room /* [rows][columns]; of 8 bits not used */);

#endif

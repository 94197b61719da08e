#include "ecg_rows.h"

#define FOUR_ROWS(X)                                                                                         \
  do {                                                                                                       \
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;                                                                  \
    for (int32_t i = 0; i < columns; i++) {                                                                  \
      const int32_t value = (X)[i];                                                                          \
      s0 += value * w[i];                                                                                    \
      s1 += value * w[i + columns];                                                                          \
      s2 += value * w[i + 2 * columns];                                                                      \
      s3 += value * w[i + 3 * columns];                                                                      \
    }                                                                                                        \
    sum[0] = s0;                                                                                             \
    sum[1] = s1;                                                                                             \
    sum[2] = s2;                                                                                             \
    sum[3] = s3;                                                                                             \
  } while (0)

void ecg_rows(const int8_t *w /* [rows][columns] */, const void *x /* [columns] */, int32_t bits,
              int32_t columns, int32_t rows, int32_t *sum /* [4] */) {
  const int8_t *x8 = (const int8_t *)x;
  const int16_t *x16 = (const int16_t *)x;
  if (rows == 4) {
    if (bits == 8) {
      FOUR_ROWS(x8);
    } else {
      FOUR_ROWS(x16);
    }
    return;
  }
  for (int32_t r = 0; r < rows; r++) {
    int32_t s = 0;
    if (bits == 8) {
      for (int32_t i = 0; i < columns; i++) s += (int32_t)x8[i] * w[r * columns + i];
    } else {
      for (int32_t i = 0; i < columns; i++) s += (int32_t)x16[i] * w[r * columns + i];
    }
    sum[r] = s;
  }
}

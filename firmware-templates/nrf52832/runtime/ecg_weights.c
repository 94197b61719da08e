#include "ecg_weights.h"

/* The lower half of a byte with its sign. */
ECG_INLINE int8_t low_half(int32_t byte) { return (int8_t)(((byte & 15) ^ 8) - 8); }

const int8_t *ecg_weight_rows(const void *weights, int32_t bits, int32_t row, int32_t rows, int32_t columns,
                              int8_t *room) {
  if (bits == 8) return (const int8_t *)weights + row * columns;
  const uint8_t *from = (const uint8_t *)weights + row * ((columns + 1) >> 1);
  int8_t *to = room;
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = columns >> 1; i > 0; i--) {
      const int32_t byte = *from++;
      *to++ = low_half(byte);
      *to++ = low_half(byte >> 4);
    }
    if (columns & 1) *to++ = low_half(*from++);
  }
  return room;
}

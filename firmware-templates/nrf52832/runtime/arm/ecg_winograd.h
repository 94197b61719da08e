/*
 * The end of Winograd's convolution: what ecg_finish.h is for the direct one. The descriptor's `finish` is one of these,
 * as ecg_finish.
 */
#ifndef ECG_WINOGRAD_H
#define ECG_WINOGRAD_H

#include "ecg_finish.h"

typedef struct ecg_winograd_tile {
  uint32_t bias[4] __attribute__((aligned(16))); /* of four channels, 16 times */
  int32_t scale[4];                              /* 2^(32 - shift - 4) */
} ecg_winograd_tile;

typedef void (*ecg_winograd_end)(const ecg_winograd_tile *tile, const int32_t *m /* [8 points][4 channels][2], at the tile */,
                                 int8_t *y /* [4][length], at this tile */, int32_t length);

#define ECG_DECLARE_WINOGRAD(name, pool, size)                                                               \
  void ecg_winograd_##name(const ecg_winograd_tile *tile, const int32_t *m, int8_t *y, int32_t length);      \
  void ecg_winograd_##name##_relu(const ecg_winograd_tile *tile, const int32_t *m, int8_t *y, int32_t length);
ECG_FINISHES(ECG_DECLARE_WINOGRAD)

#endif

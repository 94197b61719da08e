/*
 * What one window costs: time by the image's counter, stack by painting.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "ecg_runtime.h"

typedef struct window_cost {
  uint32_t ticks;
  uint32_t stack_bytes;
} window_cost;

/* Run one window and say what it cost. */
window_cost measure_window(const ecg_network *network, uint8_t *memory, const int8_t *window /* [samples] */);

#endif

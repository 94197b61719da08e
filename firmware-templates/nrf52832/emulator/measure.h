/*
 * What one window costs: instructions by the board's timer, stack by painting.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "ecg_runtime.h"

void timer_start(void);

/* Ticks of 25 MHz since the start, modulo 2^32. At one instruction in 64 ns (-icount shift=6) a tick is 5/8 of one. */
uint32_t timer_ticks(void);

typedef struct window_cost {
  uint32_t ticks;
  uint32_t stack_bytes;
} window_cost;

/* Run one window and say what it cost. */
window_cost measure_window(const ecg_network *network, uint8_t *memory, const int8_t *window /* [samples] */);

#endif

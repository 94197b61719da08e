#include "measure.h"

/* CMSDK APB timer 0 of the MPS2 board (Arm DDI 0479): counts down. */
#define TIMER_CTRL (*(volatile uint32_t *)0x40000000)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008)

#define PAINT 0xC5C5C5C5u

extern uint32_t __stack_limit[];

void timer_start(void) {
  TIMER_CTRL = 0;
  TIMER_RELOAD = 0xFFFFFFFFu;
  TIMER_VALUE = 0xFFFFFFFFu;
  TIMER_CTRL = 1;
}

uint32_t timer_ticks(void) { return ~TIMER_VALUE; }

__attribute__((noinline)) window_cost measure_window(const ecg_network *network, uint8_t *memory,
                                                     const int8_t *window /* [samples] */) {
  uint32_t *stack;
  __asm volatile("mov %0, sp" : "=r"(stack));
  volatile uint32_t *const limit = __stack_limit;
  for (volatile uint32_t *word = limit; word < stack; word++) *word = PAINT;
  const uint32_t start = timer_ticks();
  ecg_network_run_window(network, memory, window, NULL, NULL);
  const uint32_t end = timer_ticks();
  volatile uint32_t *untouched = limit;
  while (untouched < stack && *untouched == PAINT) untouched++;
  const window_cost cost = {end - start, (uint32_t)((const uint8_t *)stack - (const uint8_t *)untouched)};
  return cost;
}

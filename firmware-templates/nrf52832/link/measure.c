#include "measure.h"

#include "link.h"

#ifdef ECG_REGISTER_MODEL
/* On the model of the peripherals the stack is another machine's. */
static uint32_t *paint_stack(void) { return NULL; }
static uint32_t painted_over(const uint32_t *stack) {
  (void)stack;
  return 0;
}
#else
#define PAINT 0xC5C5C5C5u

extern uint32_t __stack_limit[];

/* Paint what is free below the caller's stack; returns where that ends. */
static inline __attribute__((always_inline)) uint32_t *paint_stack(void) {
  uint32_t *stack;
  __asm volatile("mov %0, sp" : "=r"(stack));
  for (volatile uint32_t *word = __stack_limit; word < stack; word++) *word = PAINT;
  return stack;
}

/* Bytes below `stack` that were written since. */
static uint32_t painted_over(const uint32_t *stack) {
  const volatile uint32_t *untouched = __stack_limit;
  while (untouched < stack && *untouched == PAINT) untouched++;
  return (uint32_t)((const uint8_t *)stack - (const uint8_t *)untouched);
}
#endif

__attribute__((noinline)) window_cost measure_window(const ecg_network *network, uint8_t *memory,
                                                     const int8_t *window /* [samples] */) {
  const uint32_t *const stack = paint_stack();
  const uint32_t start = link_port_ticks();
  ecg_network_run_window(network, memory, window, NULL, NULL);
  const uint32_t end = link_port_ticks();
  const window_cost cost = {end - start, painted_over(stack)};
  return cost;
}

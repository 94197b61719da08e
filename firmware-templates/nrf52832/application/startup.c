/*
 * Vector table and reset of the application. After a fault nothing is carried on with: the chip resets, and the cause is in the
 * next hello.
 */
#include <stdint.h>

#include "nrf.h"
#include "sampling.h"
#include "serial.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[], __stack_top[];
int main(void);

/* ARMv7-M Architecture Reference Manual, B3.2. */
#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0C)
#define SCB_AIRCR_SYSRESETREQ 0x05FA0004u
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88)

void reset_handler(void) {
  for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  SCB_CPACR |= 0xFu << 20; /* floating point on */
  __asm volatile("dsb\n isb");
  main();
}

static void fault_handler(void) {
  SCB_AIRCR = SCB_AIRCR_SYSRESETREQ;
  for (;;) {}
}

typedef void (*vector)(void);

#define EXCEPTIONS 16
#define INTERRUPTS 39

__attribute__((section(".vectors"), used)) static const vector vectors[EXCEPTIONS + INTERRUPTS] = {
    [0] = (vector)__stack_top,
    [1] = reset_handler,
    [2 ... 6] = fault_handler,
    [11 ... 12] = fault_handler,
    [14 ... EXCEPTIONS + UARTE_IRQ - 1] = fault_handler,
    [EXCEPTIONS + UARTE_IRQ] = serial_interrupt,
    [EXCEPTIONS + UARTE_IRQ + 1 ... EXCEPTIONS + SAADC_IRQ - 1] = fault_handler,
    [EXCEPTIONS + SAADC_IRQ] = sampling_interrupt,
    [EXCEPTIONS + SAADC_IRQ + 1 ... EXCEPTIONS + INTERRUPTS - 1] = fault_handler,
};

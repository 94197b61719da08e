/*
 * Vector table, reset and faults of the emulated Cortex-M4F. A fault is reported and ends the run: nothing is ever
 * carried on after one.
 */
#include "guards.h"
#include "semihosting.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[], __stack_top[];
int main(void);

#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88)
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28)
#define SCB_MMFAR (*(volatile uint32_t *)0xE000ED34)

#define EXIT_FAULT 70

void reset_handler(void) {
  for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  SCB_CPACR |= 0xFu << 20; /* floating point on */
  __asm volatile("dsb\n isb");
  guard_memory();
  semihosting_exit(main());
}

/* `frame`: r0-r3, r12, lr, pc, xpsr, as the exception stacked them. */
__attribute__((used)) static void report_fault(const uint32_t *frame) {
  semihosting_text("ecg-fault cfsr=");
  semihosting_hex(SCB_CFSR);
  semihosting_text(" address=");
  semihosting_hex(SCB_MMFAR);
  semihosting_text(" pc=");
  semihosting_hex(frame[6]);
  semihosting_text("\n");
  semihosting_exit(EXIT_FAULT);
}

__attribute__((naked)) static void fault_handler(void) { __asm volatile("mov r0, sp\n b report_fault"); }

static void unexpected_interrupt(void) {
  semihosting_text("ecg-fault interrupt\n");
  semihosting_exit(EXIT_FAULT);
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)__stack_top, reset_handler, unexpected_interrupt, fault_handler, fault_handler, fault_handler,
    fault_handler, 0, 0, 0, 0, unexpected_interrupt, unexpected_interrupt, 0, unexpected_interrupt,
    unexpected_interrupt,
};

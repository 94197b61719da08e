/*
 * Vector table, reset and faults on the nRF52832. A fault is written to the mailbox and the core waits: nothing is ever
 * carried on after one.
 */
#include "mailbox.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[], __stack_top[];
int main(void);

/* ARMv7-M Architecture Reference Manual, B3.2. */
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28)
#define SCB_CFSR_MMARVALID (1u << 7)
#define SCB_MMFAR (*(volatile uint32_t *)0xE000ED34)
#define SCB_BFAR (*(volatile uint32_t *)0xE000ED38)
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88)

void reset_handler(void) {
  for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  SCB_CPACR |= 0xFu << 20; /* floating point on */
  __asm volatile("dsb\n isb");
  main();
}

/* `frame`: r0-r3, r12, lr, pc, xpsr, as the exception stacked them. */
__attribute__((used, noreturn)) static void report_fault(const uint32_t *frame) {
  const uint32_t status = SCB_CFSR;
  ecg_mailbox.fault_status = status;
  ecg_mailbox.fault_address = status & SCB_CFSR_MMARVALID ? SCB_MMFAR : SCB_BFAR;
  ecg_mailbox.fault_pc = frame[6];
  ecg_mailbox.status = MAILBOX_FAULT;
  __asm volatile("dmb" ::: "memory");
  ecg_mailbox.command = MAILBOX_NONE; /* who waits for the command is told */
  for (;;) {}
}

__attribute__((naked)) static void fault_handler(void) { __asm volatile("mov r0, sp\n b report_fault"); }

typedef void (*vector)(void);

/* No interrupt is ever enabled here; every other exception is a fault. */
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)__stack_top, reset_handler, fault_handler, fault_handler, fault_handler, fault_handler,
    fault_handler, 0, 0, 0, 0, fault_handler, fault_handler, 0, fault_handler, fault_handler,
};

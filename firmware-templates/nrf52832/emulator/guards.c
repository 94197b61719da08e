#include "guards.h"

#include <stdint.h>

/* ARMv7-M Architecture Reference Manual, B3.5: the MPU's registers. */
#define SCB_SHCSR (*(volatile uint32_t *)0xE000ED24)
#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94)
#define MPU_RNR (*(volatile uint32_t *)0xE000ED98)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9C)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0)

#define ENABLE 1u
#define SIZE(log2_bytes) (((log2_bytes) - 1u) << 1)
#define READ_ONLY (6u << 24)
#define READ_WRITE (3u << 24)
#define EXECUTE_NEVER (1u << 28)
#define MEMFAULT_ENABLE (1u << 16)

static void region(uint32_t number, uint32_t address, uint32_t attributes) {
  MPU_RNR = number;
  MPU_RBAR = address;
  MPU_RASR = attributes | ENABLE;
}

void guard_memory(void) {
  region(0, 0x00000000, SIZE(19) | READ_ONLY);                  /* flash, 512 kB */
  region(1, 0x20000000, SIZE(16) | READ_WRITE | EXECUTE_NEVER); /* RAM, 64 kB */
  region(2, 0x40000000, SIZE(29) | READ_WRITE | EXECUTE_NEVER); /* peripherals */
  SCB_SHCSR |= MEMFAULT_ENABLE;
  MPU_CTRL = ENABLE; /* without the default map: whatever is in no region faults */
  __asm volatile("dsb\n isb");
}

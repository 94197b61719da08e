/*
 * The application image. The core sleeps but for a block of samples, a byte from the host and a window every hop.
 */
#include "approtect.h"
#include "board.h"
#include "nrf.h"

/* nRF52832 Product Specification, NVMC: the cache of instructions from flash, off after a reset. */
#define NVMC_ICACHECNF 0x4001E540u
#define NVMC_ICACHECNF_CACHEEN 1u

int main(void) {
  keep_debug_port_open();
  nrf_write(NVMC_ICACHECNF, NVMC_ICACHECNF_CACHEEN);
  board_start();
  for (;;) {
    board_poll();
    /* What comes between the look and the sleep ends the sleep: a pending interrupt wakes the core, masked or not. */
    nrf_mask_interrupts();
    if (!board_pending()) nrf_sleep();
    nrf_unmask_interrupts();
  }
}

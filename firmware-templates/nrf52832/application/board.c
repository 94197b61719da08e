#include "board.h"

#include "application.h"
#include "link.h"
#include "nrf.h"
#include "rtt.h"
#include "sampling.h"
#include "serial.h"
#include "watchdog.h"

/* RTT is for whoever has a probe, UART for everybody else: what one cannot take does not keep the other from it. */
int link_port_write(const uint8_t *bytes, uint32_t count, int wait) {
  (void)rtt_write(bytes, count);
  while (!serial_write(bytes, count)) {
    if (!wait) return 0;
    /* The UARTE sends whether anybody listens or not, so this ends; each frame is a step forward. */
    nrf_mask_interrupts();
    if (serial_room() < count) nrf_sleep();
    nrf_unmask_interrupts();
    watchdog_feed();
  }
  return 1;
}

uint32_t link_port_ticks(void) { return nrf_read(DWT_CYCCNT); }

void board_start(void) {
  /* RESETREAS keeps all causes until they are cleared by writing them back. */
  const uint32_t cause = nrf_read(POWER_RESETREAS);
  nrf_write(POWER_RESETREAS, cause);
#if ECG_BOARD_DCDC
  nrf_write(POWER_DCDCEN, 1);
#endif
  /* What a window takes is told in cycles. */
  nrf_write(DEMCR, nrf_read(DEMCR) | DEMCR_TRCENA);
  nrf_write(DWT_CYCCNT, 0);
  nrf_write(DWT_CTRL, nrf_read(DWT_CTRL) | DWT_CTRL_CYCCNTENA);
  watchdog_start();
  rtt_start();
  serial_start();
  application_start(cause);
  sampling_start();
}

void board_poll(void) {
  watchdog_feed();
  const int16_t *block = sampling_block();
  application_lost(sampling_lost_blocks());
  if (block) {
    application_samples(block, ECG_BOARD_BLOCK);
    sampling_release();
  }
  for (int byte = serial_read(); byte >= 0; byte = serial_read()) application_receive((uint8_t)byte);
}

int board_pending(void) { return sampling_pending() || serial_pending(); }

#include "board.h"

#include "application.h"
#include "nrf.h"
#include "rtt.h"
#include "sampling.h"
#include "serial.h"
#include "watchdog.h"

/* RTT is for whoever has a probe, UART for everybody else: what one cannot take does not keep the other from it. */
int application_send(const uint8_t *frame, uint32_t bytes) {
  (void)rtt_write(frame, bytes);
  return serial_write(frame, bytes);
}

void board_start(void) {
  /* RESETREAS keeps all causes until they are cleared by writing them back. */
  const uint32_t cause = nrf_read(POWER_RESETREAS);
  nrf_write(POWER_RESETREAS, cause);
#if ECG_BOARD_DCDC
  nrf_write(POWER_DCDCEN, 1);
#endif
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

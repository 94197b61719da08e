#include "watchdog.h"

#include "board_config.h"
#include "nrf.h"

/* Hz of the low-frequency clock, which the watchdog starts by itself. */
#define LFCLK 32768u

void watchdog_start(void) {
  /* A watchdog that runs since before a soft reset cannot be configured, only fed. */
  if (nrf_read(WDT_RUNSTATUS) == 0) {
    nrf_write(WDT_CONFIG, WDT_CONFIG_SLEEP_RUN);
    nrf_write(WDT_CRV, ECG_BOARD_WATCHDOG_SECONDS * LFCLK - 1u);
    nrf_write(WDT_RREN, 1);
    nrf_write(WDT_TASKS_START, 1);
  }
  watchdog_feed();
}

void watchdog_feed(void) { nrf_write(WDT_RR0, WDT_RR_RELOAD); }

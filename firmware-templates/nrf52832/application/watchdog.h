/* The watchdog: the chip resets where the main loop has not come round for ECG_BOARD_WATCHDOG_SECONDS. */
#ifndef WATCHDOG_H
#define WATCHDOG_H

void watchdog_start(void);

/* Only from the main loop: an interrupt that still comes says nothing of it. */
void watchdog_feed(void);

#endif

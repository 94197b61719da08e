/*
 * SEGGER's Real Time Transfer, up direction: a debug probe finds the control block in RAM by its name and reads the ring while
 * the core runs (UM08001, chapter 16). Frames that do not fit since nobody reads are dropped whole.
 */
#ifndef RTT_H
#define RTT_H

#include <stddef.h>
#include <stdint.h>

void rtt_start(void);
int rtt_write(const uint8_t *bytes, size_t count);

#endif

/*
 * Samples of one lead at an exact rate, without the core: the timer's compare event triggers the SAADC through the PPI, its result
 * goes to RAM by EasyDMA, and the end of a block starts the next one in the other buffer. The core is woken once a block.
 */
#ifndef SAMPLING_H
#define SAMPLING_H

#include <stdint.h>

#include "board_config.h"

/* Start the crystal, calibrate the SAADC, and begin. */
void sampling_start(void);

/* The interrupt handler of the SAADC. */
void sampling_interrupt(void);

/*
 * The oldest block that is complete, or NULL. It is the caller's until `sampling_release`; the converter fills the other buffer
 * meanwhile.
 */
const int16_t *sampling_block(void);
void sampling_release(void);

/* Whether `sampling_block` has one. */
int sampling_pending(void);

/* Blocks that were overwritten before the caller had released them, since the start. */
uint32_t sampling_lost_blocks(void);

#endif

/*
 * What the firmware does: ADC samples, or those that a host replays, through the front end into windows; the network on each;
 * frames of raw ECG and of results. No register is touched here.
 */
#ifndef APPLICATION_H
#define APPLICATION_H

#include <stdint.h>

/* Clear all state and say hello. `reset_cause`: POWER.RESETREAS. */
void application_start(uint32_t reset_cause);

/* ADC samples in the order of time; ignored while a host replays its own. */
void application_samples(const int16_t *samples, uint32_t count);

/* A byte from the host. */
void application_receive(uint8_t byte);

/* Blocks of samples that were lost, so far: told in a frame when it changes, since the ECG has a gap there. */
void application_lost(uint32_t blocks);

#endif

/*
 * The UARTE: bytes go out of a ring by EasyDMA while the core does something else, and come in one by one by EasyDMA with two
 * buffers of a byte, so that none waits for a buffer to fill.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include <stddef.h>
#include <stdint.h>

void serial_start(void);

/* The interrupt handler of the UARTE. */
void serial_interrupt(void);

/* Queue all of the bytes, or none where there is no room for all: a frame is never cut. Returns whether they were queued. */
int serial_write(const uint8_t *bytes, size_t count);

/* Bytes that there is room for. */
size_t serial_room(void);

/* A byte that has come in, or -1. */
int serial_read(void);

/* Whether `serial_read` has one. */
int serial_pending(void);

#endif

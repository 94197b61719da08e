/*
 * The device's end of the link: frames out, and what a host asks of the network and of the front end alone, so that it can
 * compare every value that they give with its own. It is the same in the application and in the emulator.
 */
#ifndef LINK_H
#define LINK_H

#include "frames.h"

/* What HELLO says besides the network. */
typedef struct link_origin {
  uint32_t adc_timer_hz;
  uint32_t adc_timer_ticks;
  uint32_t ticks_per_second; /* of link_port_ticks */
  uint32_t reset_cause;
} link_origin;

/* Clear all state; frames are counted from 0. */
void link_start(const link_origin *origin);

/* Clear the network's state and the front end's: a record begins. */
void link_clear(void);

void link_send_hello(void);

/* Send a frame. `wait`: until there is room for it; otherwise it is dropped, and counted, where there is none. */
void link_send(uint8_t type, const uint8_t *payload, uint32_t length, int wait);

/* Frames that were dropped since the start. */
uint32_t link_dropped(void);

/* Serve WINDOW or FILTER. Returns 0 where the frame is another one. */
int link_serve(const frame *received);

/* Of the image: take the bytes of a frame, all or none. Returns whether they were taken; with `wait` they are. */
int link_port_write(const uint8_t *bytes, uint32_t count, int wait);

/* Of the image: a counter that wraps at 2^32. */
uint32_t link_port_ticks(void);

#endif

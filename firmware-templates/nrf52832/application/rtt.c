#include "rtt.h"

#define RING 1024u

/* The layout is the protocol. */
typedef struct rtt_ring {
  const char *name;
  uint8_t *buffer;
  uint32_t size;
  volatile uint32_t write; /* ours; a ring whose two places are the same is empty */
  volatile uint32_t read;  /* the probe's */
  uint32_t flags;
} rtt_ring;

static uint8_t ring[RING];

static struct {
  char id[16];
  int32_t up_count;
  int32_t down_count;
  rtt_ring up[1];
} control;

void rtt_start(void) {
  static const char backwards[16] = "TTR REGGES\0\0\0\0\0";
  control.up_count = 1;
  control.down_count = 0;
  control.up[0].name = "ecg frames";
  control.up[0].buffer = ring;
  control.up[0].size = RING;
  control.up[0].write = control.up[0].read = 0;
  control.up[0].flags = 0;
  /* The name last, and made of its mirror image, so that a probe finds no block that is not ready, and none in flash. */
  for (int i = 0; i < 10; i++) control.id[i] = backwards[9 - i];
}

int rtt_write(const uint8_t *bytes, size_t count) {
  rtt_ring *const up = &control.up[0];
  uint32_t at = up->write;
  const uint32_t used = (at - up->read) % RING;
  if (count > RING - 1u - used) return 0;
  for (size_t i = 0; i < count; i++) {
    ring[at] = bytes[i];
    at = at + 1u == RING ? 0 : at + 1u;
  }
#ifndef ECG_REGISTER_MODEL
  __asm volatile("dmb" ::: "memory");
#endif
  up->write = at;
  return 1;
}

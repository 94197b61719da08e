/*
 * The board's mailbox: one struct in RAM, at the symbol `ecg_mailbox`, through which a debugger runs the network on
 * windows of the host and reads what comes out. The host
 *   1. waits for `magic`, compares `version` and `hash`;
 *   2. writes `window` (or `samples` and `sample_count`), then `command`;
 *   3. waits until `command` is MAILBOX_NONE again, then reads `status` and the results.
 * All is little-endian. The layout is part of the version.
 */
#ifndef MAILBOX_H
#define MAILBOX_H

#include "frontend.h"
#include "network.h"

#define MAILBOX_MAGIC 0x4D474345u /* "ECGM" */
#define MAILBOX_VERSION 1u

#if ECG_MODEL_FRONT_END
#define MAILBOX_SAMPLES ECG_MODEL_DECIMATION
#else
#define MAILBOX_SAMPLES 1
#endif

enum {
  MAILBOX_NONE = 0,
  MAILBOX_RESET = 1,        /* clear the recurrent state and the front end: a record starts */
  MAILBOX_RUN_WINDOW = 2,   /* `window` to `logits` */
  MAILBOX_PUSH_SAMPLES = 3, /* `samples` of the ADC through the front end to `filtered` */
};

enum {
  MAILBOX_DONE = 0,
  MAILBOX_UNKNOWN_COMMAND = 1,
  MAILBOX_NO_FRONT_END = 2,
  MAILBOX_FAULT = 3, /* the core has faulted and waits for a reset: see `fault_status`, `fault_address`, `fault_pc` */
};

typedef struct ecg_mailbox_t {
  uint32_t magic; /* written last at start: until then nothing else here is valid */
  uint32_t version;
  uint8_t hash[32]; /* of the network */
  uint32_t window_samples;
  uint32_t logit_count;
  volatile uint32_t command;
  volatile uint32_t status;
  uint32_t cycles; /* of the last command, by DWT CYCCNT */
  uint32_t windows; /* run since the last MAILBOX_RESET */
  uint32_t fault_status;  /* CFSR */
  uint32_t fault_address; /* MMFAR or BFAR */
  uint32_t fault_pc;
  uint32_t sample_count;  /* at most MAILBOX_SAMPLES */
  uint32_t filtered_count;
  int16_t samples[MAILBOX_SAMPLES] __attribute__((aligned(4)));
  int8_t filtered[4];
  int16_t logits[ECG_MODEL_CLASSES] __attribute__((aligned(4)));
  int8_t window[ECG_MODEL_WINDOW] __attribute__((aligned(4)));
} ecg_mailbox_t;

extern ecg_mailbox_t ecg_mailbox;

#endif

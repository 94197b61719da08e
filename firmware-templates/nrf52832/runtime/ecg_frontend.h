/*
 * The causal front end: ADC samples to the network's int8 samples. An anti-alias FIR decimates from the ADC's rate, a
 * whole multiple of the network's; Butterworth sections filter; one multiplier turns counts into the network's format.
 * All coefficients are constant tables made by src/quantization/front-end-design.ts, which proves that nothing overflows.
 */
#ifndef ECG_FRONTEND_H
#define ECG_FRONTEND_H

#include "ecg_port.h"

/* Fraction bits of the tables. */
#define ECG_FIR_FRACTION 14
#define ECG_SECTION_FRACTION 29

typedef struct ecg_frontend {
  const int16_t *taps;      /* [tap_count], Q1.14; taps[0] meets the newest sample */
  const int32_t *sections;  /* [section_count][b0, b1, b2, a1, a2], Q2.29, a0 = 1 */
  int32_t tap_count;
  int32_t decimation;       /* ADC samples for each output */
  int32_t section_count;
  int32_t fraction;         /* of the values between the FIR and the multiplier, in counts; at most 14 */
  int32_t multiplier;       /* output = value * multiplier * 2^-shift */
  int32_t shift;
} ecg_frontend;

/* What is kept between two calls; the caller gives the memory, all zero at the start of a record. */
typedef struct ecg_frontend_state {
  int16_t *history;         /* [tap_count], a ring of ADC samples */
  int32_t *delays;          /* [section_count][x1, x2, y1, y2] */
  int32_t newest;           /* place of the newest sample in the ring */
  int32_t phase;            /* ADC samples until the next output */
} ecg_frontend_state;

void ecg_frontend_reset(const ecg_frontend *frontend, ecg_frontend_state *state);

/* Returns how many samples were written: of the ADC samples 0, D, 2D… since the reset, one output each. */
int32_t ecg_frontend_push(const ecg_frontend *frontend, ecg_frontend_state *state,
                          const int16_t *samples /* [count] */, int32_t count,
                          int8_t *out /* [count / decimation + 1] */);

#endif

#include "ecg_frontend.h"

#include "ecg_fixed.h"

void ecg_frontend_reset(const ecg_frontend *frontend, ecg_frontend_state *state) {
  ecg_clear(state->history, (size_t)frontend->tap_count * sizeof *state->history);
  ecg_clear(state->delays, (size_t)frontend->section_count * 4 * sizeof *state->delays);
  state->newest = 0;
  state->phase = 0;
}

static int32_t saturate32(int64_t x) {
  return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
}

/* The ring from the newest sample back to its start, then from its end: two runs without a test inside. */
static int32_t fir(const ecg_frontend *frontend, const ecg_frontend_state *state) {
  const int16_t *tap = frontend->taps;        /* [tap_count] */
  const int16_t *history = state->history;    /* [tap_count] */
  int32_t sum = 0;
  for (int32_t i = state->newest; i >= 0; i--) sum += *tap++ * history[i];
  for (int32_t i = frontend->tap_count - 1; i > state->newest; i--) sum += *tap++ * history[i];
  return ecg_round_shift(sum, ECG_FIR_FRACTION - frontend->fraction);
}

/* One second-order section in direct form I: one rounding, of the output. */
static int32_t section(const int32_t *c /* [b0, b1, b2, a1, a2] */, int32_t *d /* [x1, x2, y1, y2] */, int32_t x) {
  const int64_t sum = (int64_t)c[0] * x + (int64_t)c[1] * d[0] + (int64_t)c[2] * d[1] - (int64_t)c[3] * d[2] -
                      (int64_t)c[4] * d[3];
  const int32_t y = saturate32(ecg_round_shift64(sum, ECG_SECTION_FRACTION));
  d[1] = d[0];
  d[0] = x;
  d[3] = d[2];
  d[2] = y;
  return y;
}

int32_t ecg_frontend_push(const ecg_frontend *frontend, ecg_frontend_state *state,
                          const int16_t *samples /* [count] */, int32_t count,
                          int8_t *out /* [count / decimation + 1] */) {
  int32_t written = 0;
  for (int32_t n = 0; n < count; n++) {
    state->newest = state->newest + 1 == frontend->tap_count ? 0 : state->newest + 1;
    state->history[state->newest] = samples[n];
    if (state->phase > 0) {
      state->phase--;
      continue;
    }
    state->phase = frontend->decimation - 1;
    int32_t value = fir(frontend, state);
    for (int32_t s = 0; s < frontend->section_count; s++)
      value = section(frontend->sections + 5 * s, state->delays + 4 * s, value);
    const int64_t scaled = ecg_round_shift64((int64_t)value * frontend->multiplier, frontend->shift);
    out[written++] = (int8_t)ecg_saturate8(ecg_saturate16_64(scaled));
  }
  return written;
}

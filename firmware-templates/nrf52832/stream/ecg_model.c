#include "ecg_model.h"

#include "ecg_softmax.h"

static struct {
  uint32_t outputs; /* of the front end, since the reset */
  uint32_t windows; /* run since the reset */
  int32_t filled;   /* samples of `window`; below 0: so many are still left out between two windows */
  int8_t window[ECG_MODEL_WINDOW];
} stream;

void ecg_model_reset(void) {
  ecg_network_reset(&ecg_model, ecg_model_memory);
  ecg_frontend_reset(&ecg_model_front_end, &ecg_model_front_end_state);
  stream.outputs = stream.windows = 0;
  stream.filled = 0;
}

static void run_window(ecg_result *result) {
#if ECG_MODEL_RESET_EVERY > 0
  /* The model's policy: the recurrent state starts anew after so many windows. */
  if (stream.windows % ECG_MODEL_RESET_EVERY == 0) ecg_network_reset(&ecg_model, ecg_model_memory);
#endif
  ecg_network_run_window(&ecg_model, ecg_model_memory, stream.window, NULL, NULL);
  const int16_t *logits = (const int16_t *)(ecg_model_memory + ecg_model.logits.offset);
  result->window = stream.windows++;
  result->last_sample = stream.outputs - 1u;
  result->best = 0;
  for (uint8_t c = 0; c < ECG_MODEL_CLASSES; c++) {
    result->logits[c] = logits[c];
    if (logits[c] > logits[result->best]) result->best = c;
  }
  ecg_softmax(logits, ECG_MODEL_CLASSES, ECG_MODEL_LOGIT_FRACTION, result->probabilities);
}

/* One output of the front end. Returns whether it completes a window. */
static int take_output(int8_t value) {
  stream.outputs++;
  if (stream.filled < 0) {
    stream.filled++;
    return 0;
  }
  stream.window[stream.filled++] = value;
  return stream.filled == ECG_MODEL_WINDOW;
}

/* What the next window has of this one; a hop that is longer than the window leaves samples out. */
static void advance(void) {
  const int32_t kept = ECG_MODEL_WINDOW - ECG_MODEL_HOP;
  if (kept > 0) __builtin_memmove(stream.window, stream.window + ECG_MODEL_HOP, (size_t)kept);
  stream.filled = kept;
}

void ecg_model_push(const int16_t *samples /* [count] */, uint32_t count, ecg_result_handler handler, void *context) {
  while (count > 0) {
    /* So few that at most two outputs come of them. */
    const uint32_t part = count < ECG_MODEL_DECIMATION ? count : ECG_MODEL_DECIMATION;
    int8_t out[2];
    const int32_t written =
        ecg_frontend_push(&ecg_model_front_end, &ecg_model_front_end_state, samples, (int32_t)part, out);
    for (int32_t i = 0; i < written; i++) {
      if (!take_output(out[i])) continue;
      ecg_result result;
      run_window(&result);
      advance();
      handler(&result, context);
    }
    samples += part;
    count -= part;
  }
}

/*
 * The trained network as firmware uses it: ADC samples in, a class after each window. It has no heap, calls nothing of the system,
 * and keeps one stream's state in static memory; it is not to be called from two threads at a time.
 */
#ifndef ECG_MODEL_H
#define ECG_MODEL_H

#include <stdint.h>

#include "frontend.h"
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecg_result {
  uint32_t window;      /* since the reset, from 0 */
  uint32_t last_sample; /* of the window, in samples at ECG_MODEL_RATE since the reset */
  uint8_t best;         /* index of the class; network.h has their names */
  int16_t logits[ECG_MODEL_CLASSES];         /* times 2^-ECG_MODEL_LOGIT_FRACTION */
  uint16_t probabilities[ECG_MODEL_CLASSES]; /* in 1/65535 */
} ecg_result;

typedef void (*ecg_result_handler)(const ecg_result *result, void *context);

/* Forget everything: before the first sample, and wherever the ECG has a gap. */
void ecg_model_reset(void);

/*
 * ADC samples in the order of time, ECG_MODEL_ADC_RATE a second, any number at a time. `handler` is called for each window that
 * they complete, from within; a window takes as long as the generator's report says.
 */
void ecg_model_push(const int16_t *samples /* [count] */, uint32_t count, ecg_result_handler handler, void *context);

#ifdef __cplusplus
}
#endif

#endif

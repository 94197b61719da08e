#include "application.h"

#include "board_config.h"
#include "ecg_model.h"
#include "link.h"

static struct {
  int replaying;
  uint32_t samples;  /* taken since the start */
  uint32_t lost;     /* blocks of samples */
  frame_reader reader;
} app;

static void send(uint8_t type, const uint8_t *payload, uint32_t length) { link_send(type, payload, length, 0); }

static void send_status(void) {
  uint8_t payload[12];
  put32(payload, app.lost);
  put32(payload + 4, link_dropped());
  put32(payload + 8, app.reader.damaged);
  send(ECG_FRAME_STATUS, payload, sizeof payload);
}

static void send_samples(const int16_t *samples, uint32_t count) {
  uint8_t payload[ECG_FRAME_MOST];
  while (count > 0) {
    const uint32_t most = (ECG_FRAME_MOST - 4u) / 2u;
    const uint32_t part = count < most ? count : most;
    put32(payload, app.samples);
    for (uint32_t i = 0; i < part; i++) put16(payload + 4 + 2 * i, (uint16_t)samples[i]);
    send(ECG_FRAME_SAMPLES, payload, 4 + 2 * part);
    app.samples += part;
    samples += part;
    count -= part;
  }
}

static void send_result(const ecg_result *result, void *context) {
  (void)context;
  uint8_t payload[10 + 4 * ECG_MODEL_CLASSES];
  put32(payload, result->window);
  put32(payload + 4, result->last_sample);
  payload[8] = result->best;
  payload[9] = 0;
  for (uint32_t c = 0; c < ECG_MODEL_CLASSES; c++) {
    put16(payload + 10 + 2 * c, (uint16_t)result->logits[c]);
    put16(payload + 10 + 2 * ECG_MODEL_CLASSES + 2 * c, result->probabilities[c]);
  }
  send(ECG_FRAME_RESULT, payload, sizeof payload);
}

static void process(const int16_t *samples, uint32_t count) {
  send_samples(samples, count);
  ecg_model_push(samples, count, send_result, NULL);
}

static void clear(void) {
  ecg_model_reset();
  link_clear();
  app.samples = 0;
}

void application_start(uint32_t reset_cause) {
  const link_origin origin = {ECG_BOARD_TIMER_HZ, ECG_BOARD_TIMER_TICKS, ECG_BOARD_CORE_HZ, reset_cause};
  link_start(&origin);
  app.replaying = 0;
  app.lost = 0;
  app.reader.count = app.reader.done = 0;
  app.reader.damaged = 0;
  clear();
  link_send_hello();
}

void application_samples(const int16_t *samples, uint32_t count) {
  if (!app.replaying) process(samples, count);
}

void application_lost(uint32_t blocks) {
  if (blocks == app.lost) return;
  app.lost = blocks;
  send_status();
}

static void replay(const uint8_t *payload, uint32_t length) {
  int16_t samples[ECG_FRAME_MOST / 2];
  const uint32_t count = length / 2;
  for (uint32_t i = 0; i < count; i++) samples[i] = (int16_t)(payload[2 * i] | payload[2 * i + 1] << 8);
  process(samples, count);
  uint8_t taken[4];
  put32(taken, app.samples);
  send(ECG_FRAME_TAKEN, taken, sizeof taken);
}

void application_receive(uint8_t byte) {
  frame received;
  const uint32_t damaged = app.reader.damaged;
  const int whole = frame_take(&app.reader, byte, &received);
  if (app.reader.damaged != damaged) send_status();
  if (!whole) return;
  switch (received.type) {
    case ECG_FRAME_ASK: link_send_hello(); break;
    case ECG_FRAME_START:
    case ECG_FRAME_LIVE:
      app.replaying = received.type == ECG_FRAME_START;
      clear();
      link_send_hello();
      break;
    case ECG_FRAME_REPLAY:
      if (app.replaying) replay(received.payload, received.length);
      break;
    default: /* what is none of its own either is of a later version */
      if (app.replaying) (void)link_serve(&received);
      break;
  }
}

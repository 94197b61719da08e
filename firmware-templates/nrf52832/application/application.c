#include "application.h"

#include "board_config.h"
#include "frames.h"
#include "frontend.h"
#include "network.h"
#include "softmax.h"

static struct {
  uint8_t sequence;
  int replaying;
  uint32_t samples;  /* taken since the start */
  uint32_t outputs;  /* of the front end, since the start */
  uint32_t windows;  /* run since the start */
  int32_t filled;    /* samples of `window` */
  uint32_t dropped;  /* frames that did not fit */
  uint32_t lost;     /* blocks of samples */
  uint32_t reset_cause;
  int8_t window[ECG_MODEL_WINDOW];
  frame_reader reader;
} app;

static void put16(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)value;
  to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value) {
  put16(to, value);
  put16(to + 2, value >> 16);
}

static void send(uint8_t type, const uint8_t *payload, uint32_t length) {
  uint8_t bytes[ECG_FRAME_MOST + ECG_FRAME_OVERHEAD];
  const uint32_t count = (uint32_t)frame_write(bytes, type, app.sequence++, payload, length);
  if (!application_send(bytes, count)) app.dropped++;
}

static void send_hello(void) {
  uint8_t payload[28];
  payload[0] = ECG_FRAME_VERSION;
  payload[1] = ECG_MODEL_CLASSES;
  for (int i = 0; i < 8; i++) payload[2 + i] = ecg_model.hash[i];
  put32(payload + 10, ECG_BOARD_TIMER_HZ);
  put32(payload + 14, ECG_BOARD_TIMER_TICKS);
  put16(payload + 18, ECG_MODEL_DECIMATION);
  put16(payload + 20, ECG_MODEL_WINDOW);
  put16(payload + 22, ECG_MODEL_HOP);
  put32(payload + 24, app.reset_cause);
  send(ECG_FRAME_HELLO, payload, sizeof payload);
}

static void send_status(void) {
  uint8_t payload[12];
  put32(payload, app.lost);
  put32(payload + 4, app.dropped);
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

static void run_window(void) {
  uint8_t payload[10 + 4 * ECG_MODEL_CLASSES];
  uint16_t probabilities[ECG_MODEL_CLASSES];
  /* The model's policy: the recurrent state starts anew after so many windows. */
  if (ECG_MODEL_RESET_EVERY != 0 && app.windows % (ECG_MODEL_RESET_EVERY ? ECG_MODEL_RESET_EVERY : 1) == 0)
    ecg_network_reset(&ecg_model, ecg_model_memory);
  ecg_network_run_window(&ecg_model, ecg_model_memory, app.window, NULL, NULL);
  const int16_t *logits = (const int16_t *)(ecg_model_memory + ecg_model.logits.offset);
  softmax(logits, ECG_MODEL_CLASSES, ECG_MODEL_LOGIT_FRACTION, probabilities);
  uint32_t best = 0;
  for (uint32_t c = 1; c < ECG_MODEL_CLASSES; c++) best = logits[c] > logits[best] ? c : best;
  put32(payload, app.windows++);
  put32(payload + 4, app.outputs - 1u);
  payload[8] = (uint8_t)best;
  payload[9] = 0;
  for (uint32_t c = 0; c < ECG_MODEL_CLASSES; c++) {
    put16(payload + 10 + 2 * c, (uint16_t)logits[c]);
    put16(payload + 10 + 2 * ECG_MODEL_CLASSES + 2 * c, probabilities[c]);
  }
  send(ECG_FRAME_RESULT, payload, sizeof payload);
}

/* One output of the front end: a window is whole with the hop that completes it. */
static void take_output(int8_t value) {
  app.outputs++;
  if (app.filled < 0) {
    app.filled++; /* between two windows of a hop that is longer */
    return;
  }
  app.window[app.filled++] = value;
  if (app.filled < ECG_MODEL_WINDOW) return;
  run_window();
  /* A hop that is longer than the window leaves samples out. */
  const int32_t kept = ECG_MODEL_WINDOW > ECG_MODEL_HOP ? ECG_MODEL_WINDOW - ECG_MODEL_HOP : 0;
  __builtin_memmove(app.window, app.window + ECG_MODEL_WINDOW - kept, (size_t)kept);
  app.filled = kept + (ECG_MODEL_HOP > ECG_MODEL_WINDOW ? ECG_MODEL_WINDOW - ECG_MODEL_HOP : 0);
}

static void process(const int16_t *samples, uint32_t count) {
  send_samples(samples, count);
  while (count > 0) {
    const uint32_t part = count < ECG_MODEL_DECIMATION ? count : ECG_MODEL_DECIMATION;
    int8_t out[2];
    const int32_t written =
        ecg_frontend_push(&ecg_model_front_end, &ecg_model_front_end_state, samples, (int32_t)part, out);
    for (int32_t i = 0; i < written; i++) take_output(out[i]);
    samples += part;
    count -= part;
  }
}

static void clear(void) {
  ecg_network_reset(&ecg_model, ecg_model_memory);
  ecg_frontend_reset(&ecg_model_front_end, &ecg_model_front_end_state);
  app.samples = app.outputs = app.windows = 0;
  app.filled = 0;
}

void application_start(uint32_t reset_cause) {
  app.sequence = 0;
  app.replaying = 0;
  app.dropped = app.lost = 0;
  app.reset_cause = reset_cause;
  app.reader.count = app.reader.done = 0;
  app.reader.damaged = 0;
  clear();
  send_hello();
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
    case ECG_FRAME_ASK: send_hello(); break;
    case ECG_FRAME_START:
    case ECG_FRAME_LIVE:
      app.replaying = received.type == ECG_FRAME_START;
      clear();
      send_hello();
      break;
    case ECG_FRAME_REPLAY:
      if (app.replaying) replay(received.payload, received.length);
      break;
    default: break; /* of a later version */
  }
}

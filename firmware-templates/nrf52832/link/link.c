#include "link.h"

#include "frontend.h"
#include "measure.h"
#include "network.h"

/* Arrays of C have a member. */
#define STATE_ROOM (ECG_MODEL_STATE_BYTES > 0 ? ECG_MODEL_STATE_BYTES : 1)

static struct {
  link_origin origin;
  uint8_t sequence;
  uint32_t dropped;
  uint32_t windows; /* since the last link_clear */
  uint32_t filled;  /* samples of `window` */
  int8_t window[ECG_MODEL_WINDOW];
  uint8_t state[STATE_ROOM]; /* before the window */
  uint32_t block_ticks[ECG_MODEL_BLOCKS];
  uint32_t last_ticks;
} served;

void link_start(const link_origin *origin) {
  served.origin = *origin;
  served.sequence = 0;
  served.dropped = 0;
  link_clear();
}

void link_clear(void) {
  ecg_network_reset(&ecg_model, ecg_model_memory);
#if ECG_MODEL_FRONT_END
  ecg_frontend_reset(&ecg_model_front_end, &ecg_model_front_end_state);
#endif
  served.windows = 0;
  served.filled = 0;
}

void link_send(uint8_t type, const uint8_t *payload, uint32_t length, int wait) {
  uint8_t bytes[ECG_FRAME_MOST + ECG_FRAME_OVERHEAD];
  const uint32_t count = (uint32_t)frame_write(bytes, type, served.sequence++, payload, length);
  if (!link_port_write(bytes, count, wait)) served.dropped++;
}

uint32_t link_dropped(void) { return served.dropped; }

void link_send_hello(void) {
  uint8_t payload[28 + sizeof ecg_model.hash] = {ECG_FRAME_VERSION, ECG_MODEL_CLASSES};
  put16(payload + 2, ECG_MODEL_BLOCKS);
  put32(payload + 4, served.origin.adc_timer_hz);
  put32(payload + 8, served.origin.adc_timer_ticks);
#if ECG_MODEL_FRONT_END
  put16(payload + 12, ECG_MODEL_DECIMATION);
#endif
  put16(payload + 14, ECG_MODEL_WINDOW);
  put16(payload + 16, ECG_MODEL_HOP);
  put32(payload + 20, served.origin.ticks_per_second);
  put32(payload + 24, served.origin.reset_cause);
  __builtin_memcpy(payload + 28, ecg_model.hash, sizeof ecg_model.hash);
  link_send(ECG_FRAME_HELLO, payload, sizeof payload, 1);
}

static void refuse(uint8_t type) { link_send(ECG_FRAME_REFUSED, &type, 1, 1); }

/* Bytes in as many frames as they need, each of which begins with `head` [4] and the place of its first byte. */
static void send_bytes(uint8_t type, const uint8_t *head, const uint8_t *bytes, uint32_t count) {
  uint8_t payload[ECG_FRAME_MOST];
  const uint32_t most = ECG_FRAME_MOST - 8u;
  __builtin_memcpy(payload, head, 4u);
  for (uint32_t at = 0; at < count; at += most) {
    const uint32_t part = count - at < most ? count - at : most;
    put32(payload + 4, at);
    __builtin_memcpy(payload + 8, bytes + at, part);
    link_send(type, payload, 8u + part, 1);
  }
}

/* What a block cost, without the sending of its output. */
static void trace_block(void *context, const ecg_network *network, int32_t block, const uint8_t *memory) {
  (void)context;
  served.block_ticks[block] = link_port_ticks() - served.last_ticks;
  const ecg_tensor *output = &network->blocks[block].output;
  uint8_t head[4] = {0};
  put16(head, (uint32_t)block);
  send_bytes(ECG_FRAME_OUTPUT, head, memory + output->offset,
             (uint32_t)output->channels * output->length * (output->bits / 8u));
  served.last_ticks = link_port_ticks();
}

static void send_cost(window_cost cost, uint32_t blocks) {
  uint8_t payload[ECG_FRAME_MOST];
  const uint32_t most = (ECG_FRAME_MOST - 16u) / 4u;
  uint32_t at = 0;
  do {
    const uint32_t part = blocks - at < most ? blocks - at : most;
    put32(payload, served.windows);
    put32(payload + 4, cost.ticks);
    put32(payload + 8, cost.stack_bytes);
    put32(payload + 12, at);
    for (uint32_t i = 0; i < part; i++) put32(payload + 16 + 4 * i, served.block_ticks[at + i]);
    link_send(ECG_FRAME_COST, payload, 16 + 4 * part, 1);
    at += part;
  } while (at < blocks);
}

static void run_window(int outputs) {
  uint8_t *const memory = ecg_model_memory;
  const size_t state_bytes = (size_t)ecg_model.state_bytes;
  if (outputs) __builtin_memcpy(served.state, memory, state_bytes);
  const window_cost cost = measure_window(&ecg_model, memory, served.window);
  if (outputs) {
    /* Once more from the same state: what a window costs is told of a run that nothing looks into. */
    __builtin_memcpy(memory, served.state, state_bytes);
    served.last_ticks = link_port_ticks();
    ecg_network_run_window(&ecg_model, memory, served.window, trace_block, NULL);
  }
  uint8_t head[4];
  put32(head, served.windows);
  send_bytes(ECG_FRAME_STATE, head, memory, (uint32_t)state_bytes);
  send_cost(cost, outputs ? ECG_MODEL_BLOCKS : 0);
  uint8_t payload[4 + 2 * ECG_MODEL_CLASSES];
  put32(payload, served.windows++);
  __builtin_memcpy(payload + 4, memory + ecg_model.logits.offset, 2 * ECG_MODEL_CLASSES);
  link_send(ECG_FRAME_LOGITS, payload, sizeof payload, 1);
}

static void take_window(const frame *received) {
  const uint8_t *const payload = received->payload;
  const uint32_t count = received->length - 4u;
  if (received->length < 4u || (payload[2] | (uint32_t)payload[3] << 8) != served.filled ||
      count > ECG_MODEL_WINDOW - served.filled) {
    served.filled = 0;
    refuse(received->type);
    return;
  }
  __builtin_memcpy(served.window + served.filled, payload + 4, count);
  served.filled += count;
  if (served.filled < ECG_MODEL_WINDOW) return;
  served.filled = 0;
  run_window(payload[0]);
}

#if ECG_MODEL_FRONT_END
static void filter(const frame *received) {
  uint8_t payload[ECG_FRAME_MOST];
  uint32_t written = 0, most_ticks = 0;
  uint32_t count = received->length / 2u;
  for (const uint8_t *from = received->payload; count > 0;) {
    /* So few that at most two outputs come of them. */
    const uint32_t part = count < ECG_MODEL_DECIMATION ? count : ECG_MODEL_DECIMATION;
    int16_t samples[ECG_MODEL_DECIMATION];
    int8_t out[2];
    __builtin_memcpy(samples, from, 2u * part);
    const uint32_t start = link_port_ticks();
    const int32_t outputs =
        ecg_frontend_push(&ecg_model_front_end, &ecg_model_front_end_state, samples, (int32_t)part, out);
    const uint32_t ticks = link_port_ticks() - start;
    if (ticks > most_ticks) most_ticks = ticks;
    for (int32_t i = 0; i < outputs; i++) payload[4u + written++] = (uint8_t)out[i];
    from += 2u * part;
    count -= part;
  }
  put32(payload, most_ticks);
  link_send(ECG_FRAME_FILTERED, payload, 4u + written, 1);
}
#else
static void filter(const frame *received) { refuse(received->type); }
#endif

int link_serve(const frame *received) {
  switch (received->type) {
    case ECG_FRAME_WINDOW: take_window(received); return 1;
    case ECG_FRAME_FILTER: filter(received); return 1;
    default: return 0;
  }
}

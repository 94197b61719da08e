/*
 * Runs the network on the windows that the host sends and sends back every logit, the recurrent state after each window
 * and what each window cost.
 */
#include "frontend.h"
#include "link.h"
#include "measure.h"
#include "network.h"

static int8_t window[ECG_MODEL_WINDOW];
static uint32_t block_ticks[ECG_MODEL_BLOCKS];

static void check_header(const windows_header *header) {
  if (__builtin_memcmp(header->magic, "ECGW", 4) != 0 || header->version != LINK_VERSION)
    link_fail("windows.bin is not of this version");
  if (__builtin_memcmp(header->hash, ecg_model.hash, sizeof header->hash) != 0)
    link_fail("windows.bin is for another network");
  if (header->command != COMMAND_FRONT_END && header->samples != sizeof window) link_fail("windows.bin has windows of another size");
}

/* A store that the memory guards must turn into a fault. */
static void probe_guards(uint32_t command) {
  volatile uint32_t *const address = (volatile uint32_t *)(command == COMMAND_STORE_TO_FLASH ? 0x0007FFFC : 0x20010000);
  *address = 0;
  link_fail("the memory guards let a store pass");
}

static void run_record(uint32_t windows, uint32_t *stack_bytes) {
  ecg_network_reset(&ecg_model, ecg_model_memory);
  for (uint32_t i = 0; i < windows; i++) {
    link_read(window, sizeof window);
    const window_cost cost = measure_window(&ecg_model, ecg_model_memory, window);
    if (cost.stack_bytes > *stack_bytes) *stack_bytes = cost.stack_bytes;
    link_write(&cost.ticks, sizeof cost.ticks);
    link_write(ecg_model_memory + ecg_model.logits.offset, ecg_model.logits.channels * sizeof(int16_t));
    link_write(ecg_model_memory, (size_t)ecg_model.state_bytes);
  }
}

static uint32_t last_ticks;

static void trace_block(void *context, const ecg_network *network, int32_t block, const uint8_t *memory) {
  (void)context, (void)network, (void)memory;
  const uint32_t now = timer_ticks();
  block_ticks[block] = now - last_ticks;
  last_ticks = timer_ticks();
}

#if ECG_MODEL_FRONT_END
/* One record of ADC samples through the front end, an output at a time. */
static void filter_record(uint32_t *most_ticks) {
  int16_t samples[ECG_MODEL_DECIMATION];
  uint32_t count;
  link_read(&count, sizeof count);
  const uint32_t outputs = (count + ECG_MODEL_DECIMATION - 1) / ECG_MODEL_DECIMATION;
  link_write(&outputs, sizeof outputs);
  ecg_frontend_reset(&ecg_model_front_end, &ecg_model_front_end_state);
  while (count > 0) {
    const uint32_t part = count < ECG_MODEL_DECIMATION ? count : ECG_MODEL_DECIMATION;
    int8_t out[2];
    link_read(samples, part * sizeof *samples);
    const uint32_t start = timer_ticks();
    const int32_t written =
        ecg_frontend_push(&ecg_model_front_end, &ecg_model_front_end_state, samples, (int32_t)part, out);
    const uint32_t ticks = timer_ticks() - start;
    if (ticks > *most_ticks) *most_ticks = ticks;
    link_write(out, (size_t)written);
    count -= part;
  }
}
#endif

static void run_front_end(const windows_header *header, const results_header *results) {
#if ECG_MODEL_FRONT_END
  uint32_t most_ticks = 0;
  link_write(results, sizeof *results);
  for (uint32_t record = 0; record < header->records; record++) filter_record(&most_ticks);
  link_end_of_windows();
  link_write(&most_ticks, sizeof most_ticks);
  link_end_of_results();
#else
  (void)header, (void)results;
  link_fail("this firmware has no front end");
#endif
}

int main(void) {
  windows_header header;
  uint32_t stack_bytes = 0;
  timer_start();
  link_open();
  link_read(&header, sizeof header);
  check_header(&header);
  if (header.command == COMMAND_STORE_TO_FLASH || header.command == COMMAND_STORE_PAST_RAM)
    probe_guards(header.command);

  results_header results = {"ECGR", LINK_VERSION, {0}, 0, 0, 0, 0};
  __builtin_memcpy(results.hash, ecg_model.hash, sizeof results.hash);
  if (header.command == COMMAND_FRONT_END) {
    run_front_end(&header, &results);
    return 0;
  }
  results.windows = header.windows;
  results.logits = ecg_model.logits.channels;
  results.states = (uint32_t)ecg_model.state_bytes / sizeof(int16_t);
  results.blocks = (uint32_t)ecg_model.block_count;
  link_write(&results, sizeof results);
  for (uint32_t record = 0; record < header.records; record++) {
    uint32_t windows;
    link_read(&windows, sizeof windows);
    run_record(windows, &stack_bytes);
  }
  link_end_of_windows();

  /* The last window once more, block by block; its results are not sent. */
  last_ticks = timer_ticks();
  ecg_network_run_window(&ecg_model, ecg_model_memory, window, trace_block, NULL);
  link_write(&stack_bytes, sizeof stack_bytes);
  link_write(block_ticks, sizeof block_ticks);
  link_end_of_results();
  return 0;
}

#include "ecg_runtime.h"

void ecg_network_reset(const ecg_network *network, uint8_t *memory /* [memory_bytes] */) {
  ecg_clear(memory, (size_t)network->state_bytes);
}

void ecg_network_run_window(const ecg_network *network, uint8_t *memory /* [memory_bytes] */,
                            const int8_t *window /* [input.channels][input.length] */, ecg_trace trace,
                            void *context) {
  const ecg_tensor *input = &network->input;
  ecg_copy(memory + input->offset, window, (size_t)input->channels * input->length);
  for (int32_t i = 0; i < network->block_count; i++) {
    const ecg_block *block = &network->blocks[i];
    block->run(block, memory);
    if (trace) trace(context, network, i, memory);
  }
}

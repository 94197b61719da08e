/*
 * The host's side of the runtime, compiled to wasm only: the host writes descriptors into linear memory but cannot
 * know the addresses of functions, so they are filled in here. It also tells the layout of the descriptors, which a
 * test compares with the host's table.
 */
#include "../ecg_frontend.h"
#include "../ecg_runtime.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

#define GATED(name, suffix, gates) name##suffix,
static const ecg_kernel grus[] = {ECG_EACH_GATES(GATED, ecg_gru)};
static const ecg_kernel lstms[] = {ECG_EACH_GATES(GATED, ecg_lstm)};

static ecg_kernel kernel_of(const ecg_block *block) {
  const int32_t gates = block->gates & (ECG_GATES_LINEAR | ECG_GATES_HARD);
  switch (block->kind) {
    case ECG_CONV1D: return ecg_conv1d;
    case ECG_AVERAGE_POOL: return ecg_average_pool;
    case ECG_MAX_POOL: return ecg_max_pool;
    case ECG_GLOBAL_AVERAGE_POOL: return ecg_average_pool;
    case ECG_GRU: return grus[gates];
    case ECG_LSTM: return lstms[gates];
    case ECG_DENSE: return ecg_dense;
    case ECG_ADD: return ecg_add;
    case ECG_MAX_AFFINE: return ecg_max_affine;
    case ECG_CHANNEL_SCALE: return gates & ECG_GATES_LINEAR ? ecg_channel_scale_linear : ecg_channel_scale;
    default: return NULL;
  }
}

/* Returns the number of blocks whose kind has no kernel: 0 where all is well. */
int32_t EXPORT(ecg_host_bind)(const ecg_network *network) {
  int32_t unknown = 0;
  for (int32_t i = 0; i < network->block_count; i++) {
    ecg_block *block = (ecg_block *)&network->blocks[i];
    block->run = kernel_of(block);
    if (!block->run) unknown++;
  }
  return unknown;
}

void EXPORT(ecg_host_reset)(const ecg_network *network, uint8_t *memory) { ecg_network_reset(network, memory); }

void EXPORT(ecg_host_run_window)(const ecg_network *network, uint8_t *memory, const int8_t *window) {
  ecg_network_run_window(network, memory, window, NULL, NULL);
}

/* Copies a block's output behind those of the blocks before. `context`: where to, a uint8_t **. */
static void copy_output(void *context, const ecg_network *network, int32_t block, const uint8_t *memory) {
  const ecg_tensor *output = &network->blocks[block].output;
  const size_t bytes = (size_t)output->channels * output->length * (output->bits / 8u);
  uint8_t **to = context;
  ecg_copy(*to, memory + output->offset, bytes);
  *to += bytes;
}

/* `outputs`: of all blocks, one behind the other. */
void EXPORT(ecg_host_trace_window)(const ecg_network *network, uint8_t *memory, const int8_t *window,
                                   uint8_t *outputs) {
  ecg_network_run_window(network, memory, window, copy_output, &outputs);
}

/* The descriptor and the state are written by src/quantization/front-end.ts, eight and four words. */
_Static_assert(sizeof(ecg_frontend) == 32 && sizeof(ecg_frontend_state) == 16, "layout of the front end");

void EXPORT(ecg_host_frontend_reset)(const ecg_frontend *frontend, ecg_frontend_state *state) {
  ecg_frontend_reset(frontend, state);
}

int32_t EXPORT(ecg_host_frontend_push)(const ecg_frontend *frontend, ecg_frontend_state *state,
                                       const int16_t *samples /* [count] */, int32_t count,
                                       int8_t *out /* [count / decimation + 1] */) {
  return ecg_frontend_push(frontend, state, samples, count, out);
}

/* Fields of the descriptors in the order of src/quantization/descriptor.ts. */
static const uint16_t layout[] = {
    sizeof(ecg_tensor),
    offsetof(ecg_tensor, offset),
    offsetof(ecg_tensor, channels),
    offsetof(ecg_tensor, length),
    offsetof(ecg_tensor, bits),
    offsetof(ecg_tensor, fraction),
    sizeof(ecg_block),
    offsetof(ecg_block, kind),
    offsetof(ecg_block, activation),
    offsetof(ecg_block, pool),
    offsetof(ecg_block, packing),
    offsetof(ecg_block, weight_bits),
    offsetof(ecg_block, bias_bits),
    offsetof(ecg_block, state_bits),
    offsetof(ecg_block, slope_shift),
    offsetof(ecg_block, groups),
    offsetof(ecg_block, kernel),
    offsetof(ecg_block, stride),
    offsetof(ecg_block, padding),
    offsetof(ecg_block, pool_size),
    offsetof(ecg_block, pool_stride),
    offsetof(ecg_block, pool_multiplier),
    offsetof(ecg_block, bias_shift),
    offsetof(ecg_block, shift_step),
    offsetof(ecg_block, left_shift),
    offsetof(ecg_block, gates),
    offsetof(ecg_block, input),
    offsetof(ecg_block, output),
    offsetof(ecg_block, weights),
    offsetof(ecg_block, recurrent),
    offsetof(ecg_block, bias),
    offsetof(ecg_block, shifts),
    offsetof(ecg_block, cell_offset),
    offsetof(ecg_block, scratch_offset),
    offsetof(ecg_block, scratch_bytes),
    offsetof(ecg_block, finish),
    sizeof(ecg_network),
    offsetof(ecg_network, blocks),
    offsetof(ecg_network, block_count),
    offsetof(ecg_network, memory_bytes),
    offsetof(ecg_network, state_bytes),
    offsetof(ecg_network, input),
    offsetof(ecg_network, logits),
    offsetof(ecg_network, hash),
};

int32_t EXPORT(ecg_host_layout_count)(void) { return sizeof layout / sizeof layout[0]; }

const uint16_t *EXPORT(ecg_host_layout)(void) { return layout; }

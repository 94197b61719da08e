// The kernels compiled for one instruction set, and the table by which JavaScript calls them. The build compiles this file
// once for each, with ECG_TABLE naming the table.
#include "kernel-table.h"

#include "../kernels/activation.c"
#include "../kernels/adam.c"
#include "../kernels/batch-norm.c"
#include "../kernels/convolution.c"
#include "../kernels/depthwise.c"
#include "../kernels/dropout.c"
#include "../kernels/functions.c"
#include "../kernels/head.c"
#include "../kernels/peak.c"
#include "../kernels/pooling.c"
#include "../kernels/quantise.c"
#include "../kernels/recurrent.c"
#include "../kernels/stride.c"
#include "../kernels/weight-gradient.c"
#include "../kernels/winograd.c"

// Arguments as the WebAssembly build takes them: addresses are byte offsets into the shared memory, 0 is null.
#define P(i) (c->arguments[i] == 0 ? (void *)0 : (void *)(c->memory + (uint32_t)c->arguments[i]))
#define I(i) ((int)c->arguments[i])
#define F(i) ((float)c->arguments[i])
#define KERNEL(name, ...) \
  static double call_##name(const KernelCall *c) { \
    name(__VA_ARGS__); \
    return 0; \
  }

KERNEL(convolve, P(0), P(1), P(2), P(3), P(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), I(14))
KERNEL(pack_forward, P(0), P(1), I(2), I(3), I(4))
KERNEL(pack_backward, P(0), P(1), I(2), I(3), I(4))
KERNEL(weight_gradient, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13))
KERNEL(winograd_convolve, P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), I(14),
       I(15))
KERNEL(winograd_gradient, P(0), P(1), P(2), P(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12), I(13), I(14))
KERNEL(winograd_pack, P(0), P(1), I(2), I(3), I(4), I(5), I(6), I(7))
KERNEL(activation_backward, P(0), P(1), P(2), F(3), I(4), I(5), I(6))
KERNEL(activate, P(0), P(1), F(2), I(3), I(4), I(5))
KERNEL(add, P(0), P(1), P(2), I(3))
KERNEL(scale_channels, P(0), P(1), P(2), I(3), I(4), I(5))
KERNEL(scale_channels_backward, P(0), P(1), P(2), P(3), P(4), I(5), I(6), I(7))
KERNEL(space_to_depth, P(0), P(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8))
KERNEL(depth_to_space, P(0), P(1), I(2), I(3), I(4), I(5), I(6), I(7), I(8))
KERNEL(clear_columns, P(0), I(1), I(2), I(3))
KERNEL(depthwise, P(0), P(1), P(2), P(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11), I(12))
KERNEL(depthwise_backward, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11))
KERNEL(depthwise_gradient, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10), I(11))
KERNEL(measure, P(0), P(1), P(2), I(3), I(4), I(5), I(6))
KERNEL(join_measures, P(0), P(1), I(2), I(3), I(4), F(5))
KERNEL(update_statistics, P(0), P(1), P(2), I(3), F(4))
KERNEL(inverse_deviation, P(0), P(1), I(2), F(3))
KERNEL(normalise, P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), I(8))
KERNEL(measure_backward, P(0), P(1), P(2), P(3), I(4), I(5), I(6))
KERNEL(join_backward, P(0), P(1), P(2), P(3), I(4), I(5), I(6))
KERNEL(normalise_backward, P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), I(8), I(9), I(10))
KERNEL(scale_backward, P(0), P(1), P(2), P(3), I(4), I(5), I(6), I(7))
KERNEL(fake_quantise, P(0), P(1), I(2), I(3), I(4), I(5))
KERNEL(quantise_range, P(0), P(1), P(2), I(3), I(4), I(5))
KERNEL(quantise_range_backward, P(0), P(1), P(2), P(3), P(4), I(5), I(6), I(7))
KERNEL(dropout, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7), I(8), I(9), I(10))
KERNEL(average_pool, P(0), P(1), I(2), I(3), I(4), I(5), I(6))
KERNEL(average_pool_backward, P(0), P(1), I(2), I(3), I(4), I(5), I(6), I(7))
KERNEL(max_pool, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7))
KERNEL(max_pool_backward, P(0), P(1), P(2), I(3), I(4), I(5), I(6), I(7), I(8))
KERNEL(gru_gates, P(0), P(1), P(2), I(3))
KERNEL(gru_state, P(0), P(1), P(2), P(3), I(4), I(5))
KERNEL(gru_backward_candidate, P(0), P(1), P(2), P(3), P(4), I(5))
KERNEL(gru_backward_reset, P(0), P(1), P(2), P(3), P(4), I(5))
KERNEL(lstm_state, P(0), P(1), P(2), P(3), P(4), P(5), P(6), I(7), I(8))
KERNEL(lstm_backward, P(0), P(1), P(2), P(3), P(4), P(5), P(6), I(7))
KERNEL(sum_shards, P(0), P(1), I(2), I(3))
KERNEL(adam, P(0), P(1), P(2), P(3), I(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13))
KERNEL(clear, P(0), I(1))
KERNEL(copy, P(0), P(1), I(2))
KERNEL(extract_window, P(0), c->memory, P(2), P(3), P(4), I(5), I(6), I(7))
KERNEL(softmax, P(0), P(1), I(2), F(3))
KERNEL(gather_last, P(0), P(1), P(2), I(3), I(4))
KERNEL(mean_softmax, P(0), P(1), P(2), P(3), I(4), I(5), I(6), I(7), F(8))
KERNEL(cross_entropy, P(0), P(1), P(2), P(3), I(4))
KERNEL(squared_error, P(0), P(1), P(2), P(3), P(4), P(5), P(6), I(7), I(8), I(9))
KERNEL(last_backward, P(0), P(1), P(2), P(3), P(4), I(5), I(6))
KERNEL(mean_backward, P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), I(8), I(9))
KERNEL(map_function, I(0), P(1), P(2), I(3))
static double call_squared_norm(const KernelCall *c) { return squared_norm(P(0), I(1)); }
static double call_largest_magnitude(const KernelCall *c) { return largest_magnitude(P(0), I(1)); }
static double call_multiply_add_peak(const KernelCall *c) { return multiply_add_peak(P(0), I(1)); }
static double call_fused_probe(const KernelCall *c) { return fused_probe(F(0)); }

#define ENTRY(name, count) {#name, count, call_##name}
const Kernel ECG_TABLE[] = {
    ENTRY(convolve, 15), ENTRY(pack_forward, 5), ENTRY(pack_backward, 5), ENTRY(weight_gradient, 14),
    ENTRY(winograd_convolve, 16), ENTRY(winograd_gradient, 15), ENTRY(winograd_pack, 8),
    ENTRY(activation_backward, 7), ENTRY(average_pool, 7), ENTRY(average_pool_backward, 8), ENTRY(max_pool, 8),
    ENTRY(max_pool_backward, 9), ENTRY(gru_gates, 4), ENTRY(gru_state, 6), ENTRY(gru_backward_candidate, 6),
    ENTRY(gru_backward_reset, 6), ENTRY(lstm_state, 9), ENTRY(lstm_backward, 8), ENTRY(sum_shards, 4),
    ENTRY(squared_norm, 2), ENTRY(adam, 14), ENTRY(clear, 2), ENTRY(copy, 3), ENTRY(extract_window, 8), ENTRY(softmax, 4),
    ENTRY(gather_last, 5), ENTRY(mean_softmax, 9), ENTRY(cross_entropy, 5), ENTRY(last_backward, 7),
    ENTRY(mean_backward, 10), ENTRY(map_function, 4), ENTRY(fused_probe, 1), ENTRY(multiply_add_peak, 2),
    ENTRY(activate, 6), ENTRY(add, 4), ENTRY(scale_channels, 6), ENTRY(scale_channels_backward, 8), ENTRY(space_to_depth, 9), ENTRY(depth_to_space, 9),
    ENTRY(clear_columns, 4), ENTRY(depthwise, 13), ENTRY(depthwise_backward, 12),
    ENTRY(depthwise_gradient, 12), ENTRY(measure, 7), ENTRY(join_measures, 6),
    ENTRY(update_statistics, 5), ENTRY(inverse_deviation, 4), ENTRY(normalise, 9),
    ENTRY(measure_backward, 7), ENTRY(join_backward, 7), ENTRY(normalise_backward, 11),
    ENTRY(scale_backward, 8), ENTRY(dropout, 11), ENTRY(fake_quantise, 6), ENTRY(squared_error, 10),
    ENTRY(quantise_range, 6), ENTRY(quantise_range_backward, 8), ENTRY(largest_magnitude, 2),
    {0},
};

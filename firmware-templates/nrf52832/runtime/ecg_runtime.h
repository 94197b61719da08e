/*
 * The integer network: constant descriptors, one per block, and the loop that runs them.
 *
 * A block is one layer, or a convolution with the pool that follows it. Descriptors have the same layout on wasm32
 * (host inference writes them into linear memory) and on Cortex-M4 (generated C holds them as constant tables), because
 * both have 32-bit pointers.
 *
 * All tensors live in one piece of memory given by the caller: the first `state_bytes` of it are kept from window to
 * window (recurrent states), the rest is the arena, laid out by the planner. Tensors are [channel][position].
 */
#ifndef ECG_RUNTIME_H
#define ECG_RUNTIME_H

#include "ecg_port.h"

/* Kinds of blocks; the numbers are part of the stored format. */
enum {
  ECG_CONV1D = 1,
  ECG_AVERAGE_POOL = 2,
  ECG_MAX_POOL = 3,
  ECG_GLOBAL_AVERAGE_POOL = 4,
  ECG_GRU = 5,
  ECG_LSTM = 6,
  ECG_DENSE = 7,
  ECG_ADD = 8,
  ECG_MAX_AFFINE = 9,
  ECG_CHANNEL_SCALE = 10
};

enum { ECG_ACTIVATION_NONE = 0, ECG_ACTIVATION_RELU = 1, ECG_ACTIVATION_LEAKY_RELU = 2 };
enum { ECG_POOL_NONE = 0, ECG_POOL_AVERAGE = 1, ECG_POOL_MAX = 2 };

/* How a block computes sigmoid and tanh, see ecg_gate.h: bits. None: both from tables. */
enum {
  ECG_GATES_LINEAR = 1, /* piecewise linear */
  ECG_GATES_HARD = 2    /* hard sigmoid instead of either */
};

/*
 * Order of the weights in memory. Canonical is the order of the model's parameters, row by row; the others are those of
 * the kernels in arm/, which say what they are.
 */
enum {
  ECG_PACKING_CANONICAL = 0,
  ECG_PACKING_DIRECT = 1,
  ECG_PACKING_FOLDED = 2,
  ECG_PACKING_WINOGRAD = 3,
  ECG_PACKING_ROWS = 4
};

typedef struct ecg_tensor {
  int32_t offset;    /* bytes from the start of the memory */
  uint16_t channels;
  uint16_t length;
  uint8_t bits;      /* 8: int8, 16: int16 */
  int8_t fraction;   /* a stored q means q * 2^-fraction */
  uint16_t reserved;
} ecg_tensor;

/*
 * The end of a convolution on the device, see arm/ecg_finish.h: sums of four neighbouring positions each to int8.
 * `stride`: int32 values from one four to the next. `scale`: 2^(32 - shift).
 */
typedef void (*ecg_finish)(const int32_t *sums /* [fours][stride] */, int32_t stride, int32_t fours, int32_t scale,
                           int8_t *y /* [fours][4 / pool size] */);

struct ecg_block;
typedef void (*ecg_kernel)(const struct ecg_block *block, uint8_t *memory);

typedef struct ecg_block {
  ecg_kernel run;
  uint8_t kind;
  uint8_t activation;
  uint8_t pool;              /* of a convolution: the pool fused into it; it does not overlap */
  uint8_t packing;
  uint8_t weight_bits;       /* 8, or 4: see ecg_weights.h, arm/ecg_weight_words.h */
  uint8_t bias_bits;         /* 8 or 16 */
  uint8_t state_bits;        /* recurrent: 16, or 8 where h is rounded to Q0.7 after each step */
  uint8_t slope_shift;       /* leaky ReLU: k of the slope 2^-k, see ecg_activate; else 0 */
  uint16_t groups;
  uint16_t kernel;           /* taps */
  uint16_t stride;
  uint16_t padding;          /* zeros before the input; those after it follow from the output length */
  uint16_t pool_size;        /* 1 where there is no pool; max-affine: affine functions of each output */
  uint16_t pool_stride;
  uint16_t pool_multiplier;  /* average over a size that is no power of two, see ecg_requantize8; else 0 */
  int8_t bias_shift;         /* the bias is multiplied by 2^bias_shift before it is added */
  int8_t shift_step;         /* 1: a shift for each output channel; 0: one for all */
  int8_t left_shift[2];      /* add: of the two inputs; recurrent: of the input's and the state's product */
  uint8_t gates;             /* recurrent, channel-scale: ECG_GATES_... */
  uint8_t reserved;
  ecg_tensor input[2];       /* the second one only of `add` and `channel-scale` */
  ecg_tensor output;         /* of a recurrent block: h, in the state */
  const void *weights;       /* conv1d [output channels][input channels / groups][taps]; dense [units][channels];
                                max-affine [units][pool_size][channels][length];
                                recurrent [gates * units][channels] */
  const void *recurrent;     /* [gates * units][units] */
  const void *bias;          /* [output channels], max-affine [units][pool_size], recurrent [gates * units] */
  const int8_t *shifts;      /* [output channels] or [1]: bits to the right, negative to the left */
  int32_t cell_offset;       /* LSTM: c [units] int16, in the state */
  int32_t scratch_offset;    /* bytes from the start of the memory */
  int32_t scratch_bytes;     /* with four-bit weights, four rows of them as int8 come last */
  ecg_finish finish;         /* of a kernel in arm/ */
} ecg_block;

typedef struct ecg_network {
  const ecg_block *blocks;   /* [block_count], in the order in which they run */
  int32_t block_count;
  int32_t memory_bytes;      /* state and arena */
  int32_t state_bytes;
  ecg_tensor input;          /* one window of samples, int8 */
  ecg_tensor logits;         /* one int16 a class */
  uint8_t hash[32];          /* SHA-256 of the network's content */
} ecg_network;

/* Called after each block with its output in place; for probes and measurements. */
typedef void (*ecg_trace)(void *context, const ecg_network *network, int32_t block, const uint8_t *memory);

/* Set the recurrent states to zero: at the start of a record. */
void ecg_network_reset(const ecg_network *network, uint8_t *memory /* [memory_bytes], aligned to 4 */);

/* Run one window. Afterwards the logits are at network->logits in the memory. `trace` may be NULL. */
void ecg_network_run_window(const ecg_network *network, uint8_t *memory /* [memory_bytes], aligned to 4 */,
                            const int8_t *window /* [input.channels][input.length] */, ecg_trace trace,
                            void *context);

void ecg_conv1d(const ecg_block *block, uint8_t *memory);
void ecg_average_pool(const ecg_block *block, uint8_t *memory);
void ecg_max_pool(const ecg_block *block, uint8_t *memory);

/* A kernel for each value of `gates`, so that an image holds the tables or not: X(name, suffix, gates). */
#define ECG_EACH_GATES(X, name)                                                                              \
  X(name, , 0)                                                                                               \
  X(name, _linear, ECG_GATES_LINEAR)                                                                         \
  X(name, _hard, ECG_GATES_HARD)                                                                             \
  X(name, _hard_linear, ECG_GATES_HARD | ECG_GATES_LINEAR)

#define ECG_DECLARE_GATED(name, suffix, gates) void name##suffix(const ecg_block *block, uint8_t *memory);
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_gru)
ECG_EACH_GATES(ECG_DECLARE_GATED, ecg_lstm)

void ecg_dense(const ecg_block *block, uint8_t *memory);
void ecg_add(const ecg_block *block, uint8_t *memory);
void ecg_max_affine(const ecg_block *block, uint8_t *memory);
void ecg_channel_scale(const ecg_block *block, uint8_t *memory);
void ecg_channel_scale_linear(const ecg_block *block, uint8_t *memory);

#endif

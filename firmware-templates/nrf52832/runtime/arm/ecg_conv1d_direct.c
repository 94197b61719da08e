/*
 * Convolution by SMLAD. Two input channels stand in one word, so that a tap of two channels is one instruction for one
 * output channel and one position. Two output channels and four positions share what is loaded.
 *
 * Weights: [pair of output channels A, B][pair of input channels][tap] of one word. Direct: its bytes are A, B for the one
 * input channel and A, B for the other, so that SXTB16 gives the two of A, and of B after a rotation. Folded: its halves
 * are 256 * B + A as int16. SMLAD with the word itself then sums 256 B + A, from which the sum of A is taken in the end:
 * one instruction a tap is saved. It needs sums of B below 2^23.
 *
 * One input channel: its taps stand in pairs (t, t + `kernel`), the second meets the samples `kernel` later.
 */
#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_finish.h"
#include "ecg_weight_words.h"

#define FOURS 8 /* in one call of an inner loop */

/* In the order in which an inner loop takes it into s0 to s7. */
typedef struct pass {
  int32_t skip;        /* bytes from after the last tap of a pair of input channels to the first of the next */
  const uint32_t *end; /* of the weights of these two channels */
  const uint32_t *x;   /* first position of the first pair of input channels */
  const uint32_t *w;
  int32_t *sums;       /* [fours][2 channels][4 positions] */
  int32_t *sums_end;
  int32_t first[2];    /* the sums of A and B begin with: the biases, or folded the bias of A and 256 bias of B + it */
} pass;

typedef void (*inner_loop)(const pass *p);

/* r0 x, r1 w, r4-r7 sums of A, r8-r11 sums of B, r2 r3 two samples, lr weights of A, r12 of B. A tap moves r0 on. */
#define TAP(weights_of_b)                                                                                    \
  "ldr r12, [r1], #4\n"                                                                                      \
  "ldrd r2, r3, [r0, #8]\n"                                                                                  \
  "sxtb16 lr, r12\n" weights_of_b                                                                            \
  "smlad r6, r2, lr, r6\n"                                                                                   \
  "smlad r7, r3, lr, r7\n"                                                                                   \
  "smlad r10, r2, r12, r10\n"                                                                                \
  "smlad r11, r3, r12, r11\n"                                                                                \
  "ldrd r2, r3, [r0], #4\n"                                                                                  \
  "smlad r4, r2, lr, r4\n"                                                                                   \
  "smlad r5, r3, lr, r5\n"                                                                                   \
  "smlad r8, r2, r12, r8\n"                                                                                  \
  "smlad r9, r3, r12, r9\n"

#define TAP_DIRECT TAP("sxtb16 r12, r12, ror #8\n")
#define TAP_FOLDED TAP("")

#define BEGIN                                                                                                \
  "push {r4-r11, lr}\n"                                                                                      \
  "vldm r0, {s0-s7}\n"                                                                                       \
  "1:\n"                                                                                                     \
  "vmov r4, r8, s6, s7\n"                                                                                    \
  "vmov r0, r1, s2, s3\n"                                                                                    \
  "mov r5, r4\n"                                                                                             \
  "mov r6, r4\n"                                                                                             \
  "mov r7, r4\n"                                                                                             \
  "mov r9, r8\n"                                                                                             \
  "mov r10, r8\n"                                                                                            \
  "mov r11, r8\n"                                                                                            \
  "2:\n"

#define NEXT_CHANNELS                                                                                        \
  "vmov r2, r3, s0, s1\n"                                                                                    \
  "add r0, r0, r2\n"                                                                                         \
  "cmp r1, r3\n"                                                                                             \
  "bne 2b\n"

#define UNFOLD                                                                                               \
  "sub r8, r8, r4\n"                                                                                         \
  "sub r9, r9, r5\n"                                                                                         \
  "sub r10, r10, r6\n"                                                                                       \
  "sub r11, r11, r7\n"                                                                                       \
  "asr r8, r8, #8\n"                                                                                         \
  "asr r9, r9, #8\n"                                                                                         \
  "asr r10, r10, #8\n"                                                                                       \
  "asr r11, r11, #8\n"

#define NEXT_FOUR                                                                                            \
  "vmov r2, r3, s4, s5\n"                                                                                    \
  "vmov r0, s2\n"                                                                                            \
  "stm r2!, {r4-r11}\n"                                                                                      \
  "add r0, r0, #16\n"                                                                                        \
  "vmov s4, r2\n"                                                                                            \
  "vmov s2, r0\n"                                                                                            \
  "cmp r2, r3\n"                                                                                             \
  "bne 1b\n"                                                                                                 \
  "pop {r4-r11, pc}\n"

/* The input as words in the scratch memory; returns how many there are of each pair of channels. */
ECG_NOINLINE int32_t expand_input(const ecg_block *block, uint8_t *memory, int32_t taps, int32_t quads) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  uint32_t *words = (uint32_t *)(memory + block->scratch_offset);
  const int32_t channels = block->input[0].channels;
  const int32_t length = block->input[0].length;
  const int32_t padded = quads * 4 + taps - 1;
  if (channels == 1) {
    /* The second half of a word is the sample `taps` later. */
    ecg_expand_channels(x, NULL, length, block->padding, padded + taps, words);
    for (int32_t i = 0; i < padded; i++) words[i] = ecg_lows(words[i], words[i + taps]);
    return padded;
  }
  for (int32_t c = 0; c < channels; c += 2) {
    ecg_expand_channels(x, c + 1 < channels ? x + length : NULL, length, block->padding, padded, words);
    x += 2 * length;
    words += padded;
  }
  return padded;
}

ECG_NOINLINE void convolve(const ecg_block *block, uint8_t *memory, inner_loop run, int32_t taps, int32_t fold) {
  uint32_t *const words = (uint32_t *)(memory + block->scratch_offset);
  int8_t *y = (int8_t *)(memory + block->output.offset); /* [output channels][output length] */
  const int32_t length = block->output.length;
  const int32_t quads = (length * block->pool_size + 3) >> 2;
  const int32_t padded = expand_input(block, memory, taps, quads);
  const int32_t pairs = (block->input[0].channels + 1) >> 1;
  const int32_t weights = ecg_stored_words(block, pairs * taps);
  uint32_t *const room = words + pairs * padded + (block->input[0].channels == 1 ? taps : 0);
  const int32_t channels = block->output.channels;
  const int32_t outputs = ecg_outputs_of_four(block);
  int32_t sums[FOURS * 8];
  pass p;
  p.skip = (padded - taps) * 4;
  p.sums = sums;
  for (int32_t c = 0; c < channels; c += 2) {
    const int32_t other = c + 1 < channels ? c + 1 : c; /* of an odd number, the last is computed twice */
    p.w = ecg_weight_words(block, block->weights, (c >> 1) * weights, weights, room);
    p.end = p.w + pairs * taps;
    p.first[0] = ecg_bias(block, c);
    p.first[1] = ecg_bias(block, other);
    if (fold) p.first[1] = p.first[0] + p.first[1] * 256;
    int8_t *const y_a = y + c * length, *const y_b = y + other * length;
    ecg_pool_place place_a = {y_a, y_a + length, 0, 0}, place_b = {y_b, y_b + length, 0, 0};
    for (int32_t four = 0; four < quads; four += FOURS) {
      const int32_t fours = quads - four < FOURS ? quads - four : FOURS;
      const int32_t at = four * outputs;
      p.x = words + 4 * four;
      p.sums_end = sums + 8 * fours;
      run(&p);
      if (block->finish) {
        ecg_finish_channel(block, sums, 8, fours, length - at, ecg_scale(block, c, 0), y_a + at);
        ecg_finish_channel(block, sums + 4, 8, fours, length - at, ecg_scale(block, other, 0), y_b + at);
      } else {
        ecg_finish_any(block, sums, 8, fours, c, &place_a);
        ecg_finish_any(block, sums + 4, 8, fours, other, &place_b);
      }
    }
  }
}

#define KERNELS(taps, direct_taps, folded_taps)                                                              \
  ECG_NAKED void direct_##taps(ECG_UNUSED const pass *p) {                                                   \
    __asm volatile(BEGIN direct_taps NEXT_CHANNELS NEXT_FOUR);                                               \
  }                                                                                                          \
  ECG_NAKED void folded_##taps(ECG_UNUSED const pass *p) {                                                   \
    __asm volatile(BEGIN folded_taps NEXT_CHANNELS UNFOLD NEXT_FOUR);                                        \
  }                                                                                                          \
  void ecg_conv1d_direct_##taps(const ecg_block *block, uint8_t *memory) {                                   \
    convolve(block, memory, direct_##taps, taps, 0);                                                         \
  }                                                                                                          \
  void ecg_conv1d_folded_##taps(const ecg_block *block, uint8_t *memory) {                                   \
    convolve(block, memory, folded_##taps, taps, 1);                                                         \
  }

#define D TAP_DIRECT
#define F TAP_FOLDED
KERNELS(1, D, F)
KERNELS(2, D D, F F)
KERNELS(3, D D D, F F F)
KERNELS(4, D D D D, F F F F)
KERNELS(5, D D D D D, F F F F F)
KERNELS(6, D D D D D D, F F F F F F)
KERNELS(7, D D D D D D D, F F F F F F F)
KERNELS(8, D D D D D D D D, F F F F F F F F)

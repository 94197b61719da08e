/*
 * The last convolutions of a network that pools often have two positions left. Of any kernel with as many zeros before as
 * after, three taps then meet samples: the first position sees taps 1 and 2, the second one taps 0 and 1.
 * The packing is the folded one, see ecg_conv1d_direct.c.
 */
#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_finish.h"

/*
 * A by SXTB16, 256 B + A by the words themselves. r8 r9 two samples of a pair of channels, r10 r11 r12 three weights.
 */
#define PAIR_OF_CHANNELS                                                                                     \
  "ldrd r8, r9, [r0], #8\n"                                                                                  \
  "ldm r1!, {r10-r12}\n"                                                                                     \
  "sxtb16 lr, r10\n"                                                                                         \
  "smlad r7, r8, r10, r7\n"                                                                                  \
  "smlad r5, r8, lr, r5\n"                                                                                   \
  "sxtb16 lr, r11\n"                                                                                         \
  "smlad r6, r8, r11, r6\n"                                                                                  \
  "smlad r7, r9, r11, r7\n"                                                                                  \
  "smlad r4, r8, lr, r4\n"                                                                                   \
  "smlad r5, r9, lr, r5\n"                                                                                   \
  "sxtb16 lr, r12\n"                                                                                         \
  "smlad r6, r9, r12, r6\n"                                                                                  \
  "smlad r4, r9, lr, r4\n"

/*
 * r0 x, r1 w, r2 sums, r3 end of w. r4 r5 sums of A, r6 r7 of 256 B + A.
 */
ECG_NAKED void two_positions(ECG_UNUSED const uint32_t *x /* [pairs of channels][2] */,
                             ECG_UNUSED const uint32_t *w /* [pairs of channels][3] */,
                             ECG_UNUSED int32_t *sum /* [2 channels][2 positions]; before: bias of A, twice, 256 bias of B + bias of A, twice */,
                             ECG_UNUSED const uint32_t *end /* of w */) {
  __asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r2, {r4-r7}\n"
      "1:\n" PAIR_OF_CHANNELS
      "cmp r1, r3\n"
      "beq 2f\n" PAIR_OF_CHANNELS
      "cmp r1, r3\n"
      "bne 1b\n"
      "2:\n"
      "sub r6, r6, r4\n"
      "sub r7, r7, r5\n"
      "asr r6, r6, #8\n"
      "asr r7, r7, #8\n"
      "stm r2, {r4-r7}\n"
      "pop {r4-r11, pc}\n");
}

void ecg_conv1d_two_positions(const ecg_block *block, uint8_t *memory) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][2] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [output channels][output length] */
  uint32_t *words = (uint32_t *)(memory + block->scratch_offset);      /* [pairs of channels][2] */
  const uint32_t *w = (const uint32_t *)block->weights;
  const int32_t length = block->output.length;
  const int32_t channels = block->output.channels;
  const int32_t inputs = block->input[0].channels;
  const int32_t weights = ((inputs + 1) >> 1) * 3;
  for (int32_t c = 0; c < inputs; c += 2)
    ecg_expand_channels(x + 2 * c, c + 1 < inputs ? x + 2 * c + 2 : NULL, 2, 0, 2, words + c);
  for (int32_t c = 0; c < channels; c += 2) {
    const int32_t other = c + 1 < channels ? c + 1 : c;
    const int32_t first_a = ecg_bias(block, c), first_b = first_a + 256 * ecg_bias(block, other);
    int32_t sum[6] = {first_a, first_a, first_b, first_b}; /* two more, that a four of B can be read */
    two_positions(words, w, sum, w + weights);
    const int32_t scale_a = ecg_scale(block, c, 0), scale_b = ecg_scale(block, other, 0);
    if (c + 4 <= channels) {
      /* What is written past a channel's end is overwritten by the next one. */
      block->finish(sum, 0, 1, scale_a, y + c * length);
      block->finish(sum + 2, 0, 1, scale_b, y + other * length);
    } else {
      ecg_finish_rest(block, sum, 0, 1, length, scale_a, y + c * length);
      ecg_finish_rest(block, sum + 2, 0, 1, length, scale_b, y + other * length);
    }
    w += weights;
  }
}

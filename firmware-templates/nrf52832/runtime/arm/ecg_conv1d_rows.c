/*
 * Convolution by rows of SMLAD: of any stride, groups, taps, pool and activation. The input of a group is laid out
 * [position][channel] as int16, zeros before and after, so that what the taps of a position meet stands in one piece; four
 * output channels are four rows of a matrix with the columns [tap][channel]. Where the stride is odd, channels are filled
 * up to an even number, so that every position begins with a word. Packing: ecg_rows_packed.h, for each group.
 */
#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_finish.h"
#include "ecg_rows_packed.h"
#include "ecg_weight_words.h"

typedef struct layout {
  int32_t channels; /* of a group, filled up */
  int32_t rows;     /* positions of the input, padding included */
  int32_t quads;    /* of columns */
} layout;

static layout layout_of(const ecg_block *block) {
  const int32_t inner = block->input[0].channels / block->groups;
  layout l;
  l.channels = block->stride & 1 ? (inner + 1) & ~1 : inner;
  l.rows = (block->output.length * block->pool_size - 1) * block->stride + block->kernel;
  l.quads = (block->kernel * l.channels + 3) >> 2;
  return l;
}

/* Values of the input, of which the last columns may read up to three more. */
static int32_t values(const layout *l) { return (l->rows * l->channels + 4) & ~1; }

ECG_NOINLINE void lay_out(const ecg_block *block, const layout *l, const int8_t *x /* [inner][length], of the group */,
                          int16_t *to /* [rows][channels] */) {
  const int32_t inner = block->input[0].channels / block->groups;
  const int32_t length = block->input[0].length;
  const int32_t room = l->rows - block->padding;
  const int32_t count = length < room ? length : room;
  ecg_clear(to, (size_t)values(l) * sizeof *to);
  to += block->padding * l->channels;
  for (int32_t i = 0; i < inner; i++, x += length, to++) {
    int16_t *at = to;
    for (const int8_t *from = x, *const end = x + count; from < end; at += l->channels) *at = *from++;
  }
}

/* Up to four output channels over all positions. */
ECG_NOINLINE void convolve(const ecg_block *block, const layout *l, const int16_t *x, const uint32_t *w, int32_t channel,
                           int32_t channels, int8_t *y /* [channels][output length] */) {
  const ecg_pooling pooling = ecg_pooling_of(block);
  const int32_t step = block->stride * l->channels;
  const int32_t length = block->output.length;
  int32_t bias[4] = {0, 0, 0, 0};
  ecg_rounding rounding[4];
  for (int32_t r = 0; r < channels; r++) {
    bias[r] = ecg_bias(block, channel + r);
    rounding[r] = ecg_rounding_of(block, channel + r);
  }
  for (int32_t i = 0; i < length; i++) {
    int32_t value[4] = {pooling.first, pooling.first, pooling.first, pooling.first};
    for (int32_t p = block->pool_size; p > 0; p--, x += step) {
      int32_t sum[4];
      ecg_rows_packed(x, w, sum, l->quads);
      for (int32_t r = 0; r < 4; r++) value[r] = ecg_pooled(&pooling, value[r], sum[r] + bias[r]);
    }
    int8_t *to = y + i;
    ECG_NO_UNROLL
    for (int32_t r = 0; r < channels; r++, to += length) *to = ecg_rounded(block, &rounding[r], channel + r, value[r]);
  }
}

void ecg_conv1d_rows(const ecg_block *block, uint8_t *memory) {
  const layout l = layout_of(block);
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [input channels][length] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [output channels][output length] */
  int16_t *laid_out = (int16_t *)(memory + block->scratch_offset);
  uint32_t *const room = (uint32_t *)(laid_out + values(&l));
  const int32_t outer = block->output.channels / block->groups;
  const int32_t words = 4 * l.quads; /* of four rows */
  int32_t at = 0;
  for (int32_t channel = 0; channel < block->output.channels; channel += outer) {
    lay_out(block, &l, x, laid_out);
    x += block->input[0].channels / block->groups * block->input[0].length;
    for (int32_t c = 0; c < outer; c += 4, at += words) {
      const uint32_t *w = ecg_weight_words(block, block->weights, at, words, room);
      convolve(block, &l, laid_out, w, channel + c, outer - c < 4 ? outer - c : 4, y + (channel + c) * block->output.length);
    }
  }
}

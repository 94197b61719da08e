/*
 * Convolution with five taps by Winograd's F(4,5) with the points 0, 1, -1, 2, -2, 3, -3 and infinity: four positions from
 * eight products instead of twenty, exactly, in integers (Lavin and Gray 2016; Toom and Cook's construction).
 *
 *   V = B d:  V0 = d6 - 14 d4 + 49 d2 - 36 d0             U0 = -20 g0
 *             V1, V-1 = (d6 - 13 d4 + 36 d2) +- (d5 - 13 d3 + 36 d1)       U1, U-1 = 15 (g0 +- g1 + g2 +- g3 + g4)
 *             V2, V-2 = (d6 - 10 d4 + 9 d2) +- 2 (d5 - 10 d3 + 9 d1)       U2, U-2 = -6 (g0 +- 2 g1 + 4 g2 +- ...)
 *             V3, V-3 = (d6 - 5 d4 + 4 d2) +- 3 (d5 - 5 d3 + 4 d1)         U3, U-3 = g0 +- 3 g1 + 9 g2 +- 27 g3 + 81 g4
 *             Vi = d7 - 14 d5 + 49 d3 - 36 d1             Ui = g4
 *   M = sum over channels of U V
 *   720 y(p) = M0 [p = 0] + sum over a of a^p Ma, and y(3) has Mi besides.
 *
 * |V| <= 100 * 128 and |U| <= 186 * 128 are int16; sums wrap modulo 2^32. The product with 1/45 modulo 2^32 gives 16 y, which
 * is right as long as |y| < 2^27; so are sums of it with bias, pool and rounding, which the generator has proved.
 *
 * ECG_PACKING_WINOGRAD: U as [four output channels][point][pair of input channels][output channel] words, pairs filled
 * up with zeros to a multiple of four. ECG_PACKING_DIRECT: see ecg_conv1d_direct.c; U is made as it is needed.
 */
#include "ecg_arm.h"
#include "ecg_dsp.h"
#include "ecg_expand.h"
#include "ecg_finish_four.h"
#include "ecg_weight_words.h"
#include "ecg_winograd.h"

#define POINTS 8

/*
 * For each point, sums of U V for four channels and two tiles.
 * r0 v [pair of channels][point][2 tiles], r1 u [point][pair of channels][4], r2 m [point][4][2], r3 bytes of u a point, a quarter of those
 * of v of all points.
 * r4-r11 sums, r2 r3 v, r12 lr u; s0 m, s1 end of m, s2 bytes, s3 end of the point's u,
 * s4 bytes of all v, but for one point of two tiles.
 */
#define PAIR(first)                                                                                          \
  "ldrd r2, r3, [r0], #64\n"                                                                                 \
  "ldrd r12, lr, [r1], #8\n" first

#define FOUR_SUMS(a, b, c, d)                                                                                \
  "smlad " a ", r2, r12, " a "\n"                                                                            \
  "smlad " b ", r3, r12, " b "\n"                                                                            \
  "smlad " c ", r2, lr, " c "\n"                                                                             \
  "smlad " d ", r3, lr, " d "\n"

#define FOUR_PRODUCTS(a, b, c, d)                                                                            \
  "smuad " a ", r2, r12\n"                                                                                   \
  "smuad " b ", r3, r12\n"                                                                                   \
  "smuad " c ", r2, lr\n"                                                                                    \
  "smuad " d ", r3, lr\n"

#define FIRST                                                                                                \
  PAIR(FOUR_PRODUCTS("r4", "r5", "r6", "r7"))                                                                \
  "ldrd r12, lr, [r1], #8\n" FOUR_PRODUCTS("r8", "r9", "r10", "r11")

#define NEXT                                                                                                 \
  PAIR(FOUR_SUMS("r4", "r5", "r6", "r7"))                                                                    \
  "ldrd r12, lr, [r1], #8\n" FOUR_SUMS("r8", "r9", "r10", "r11")

ECG_NAKED void multiply_two_tiles(ECG_UNUSED const uint32_t *v, ECG_UNUSED const uint32_t *u, ECG_UNUSED int32_t *m,
                                  ECG_UNUSED int32_t bytes) {
  __asm volatile(
      "push {r4-r11, lr}\n"
      "add r12, r2, #256\n"
      "vmov s0, s1, r2, r12\n"
      "lsl r4, r3, #2\n"
      "sub r4, r4, #8\n"
      "vmov s2, r3\n"
      "vmov s4, r4\n"
      "1:\n"
      "vmov r12, s2\n"
      "add r12, r12, r1\n"
      "vmov s3, r12\n"
      FIRST NEXT NEXT NEXT
      "vmov r12, lr, s3, s4\n"
      "cmp r1, r12\n"
      "bne 3f\n"
      "2:\n"
      "sub r0, r0, lr\n"
      "vmov r12, lr, s0, s1\n"
      "stm r12!, {r4-r11}\n"
      "vmov s0, r12\n"
      "cmp r12, lr\n"
      "bne 1b\n"
      "pop {r4-r11, pc}\n"
      "3:\n"
      NEXT NEXT NEXT NEXT
      "vmov r12, lr, s3, s4\n"
      "cmp r1, r12\n"
      "bne 3b\n"
      "b 2b\n");
}

/* The same for one tile: v [point][pair of channels], m [point][4][2] of which the second is not
 * used. r4-r7 sums, r8-r11 u, r2 r3 v of two pairs. */
#define TWO_PAIRS                                                                                            \
  "ldrd r2, r3, [r0], #8\n"                                                                                  \
  "ldm r1!, {r8-r11}\n"                                                                                      \
  "smlad r4, r2, r8, r4\n"                                                                                   \
  "smlad r5, r2, r9, r5\n"                                                                                   \
  "smlad r6, r2, r10, r6\n"                                                                                  \
  "smlad r7, r2, r11, r7\n"                                                                                  \
  "ldm r1!, {r8-r11}\n"                                                                                      \
  "smlad r4, r3, r8, r4\n"                                                                                   \
  "smlad r5, r3, r9, r5\n"                                                                                   \
  "smlad r6, r3, r10, r6\n"                                                                                  \
  "smlad r7, r3, r11, r7\n"

ECG_NAKED void multiply_one_tile(ECG_UNUSED const uint32_t *v, ECG_UNUSED const uint32_t *u, ECG_UNUSED int32_t *m,
                                 ECG_UNUSED int32_t bytes) {
  __asm volatile(
      "push {r4-r11, lr}\n"
      "add r12, r2, #256\n"
      "vmov s0, s1, r2, r12\n"
      "vmov s2, r3\n"
      "1:\n"
      "vmov r12, s2\n"
      "add r12, r12, r1\n"
      "mov r4, #0\n"
      "mov r5, #0\n"
      "mov r6, #0\n"
      "mov r7, #0\n"
      "2:\n"
      TWO_PAIRS TWO_PAIRS
      "cmp r1, r12\n"
      "bne 2b\n"
      "vmov r12, lr, s0, s1\n"
      "str r4, [r12], #8\n"
      "str r5, [r12], #8\n"
      "str r6, [r12], #8\n"
      "str r7, [r12], #8\n"
      "vmov s0, r12\n"
      "cmp r12, lr\n"
      "bne 1b\n"
      "pop {r4-r11, pc}\n");
}

/*
 * V of tiles of one pair of channels, `step` words from one point to the next, and from one tile to the next first one
 * word, then `next`, in turn. In differences a = d6 - d4, b = d4 - d2, c = d2 - d0 and a', b', c' of d7 to d1, which go on into the next
 * tile: V0 = a - 13 b + 36 c, and so on.
 */
ECG_INLINE void transform_tiles(const uint32_t *d /* [4 * tiles + 4] */, uint32_t *v, const uint32_t *end,
                                int32_t step, int32_t next) {
  uint32_t d1 = ecg_to_sum(d[1]), d2 = ecg_to_sum(d[2]), d3 = ecg_to_sum(d[3]);
  uint32_t c = d2 - ecg_to_sum(d[0]), odd_c = d3 - d1;
  int32_t to_next = 1;
  while (v != end) {
    d += 4;
    const uint32_t d4 = ecg_to_sum(d[0]), d6 = ecg_to_sum(d[2]);
    const uint32_t a = d6 - d4, b = d4 - d2;
    const uint32_t even3 = a - 4 * b;
    const uint32_t even2 = even3 - 4 * b - b;
    const uint32_t even1 = even3 - 8 * (b - (d2 + 2 * d2));
    v[0] = ecg_from_sum(even2 - 4 * (b - (c + 8 * c)));
    const uint32_t d5 = ecg_to_sum(d[1]), d7 = ecg_to_sum(d[3]);
    const uint32_t odd_a = d7 - d5, odd_b = d5 - d3;
    const uint32_t odd3 = odd_b - 4 * odd_c;
    const uint32_t odd2 = odd3 - 4 * odd_c - odd_c;
    const uint32_t odd1 = odd3 - 8 * (odd_c - (d1 + 2 * d1));
    v[step] = ecg_from_sum(even1 + odd1);
    v[2 * step] = ecg_from_sum(even1 - odd1);
    v[3 * step] = ecg_from_sum(even2 + 2 * odd2);
    v[4 * step] = ecg_from_sum(even2 - 2 * odd2);
    const uint32_t three = odd3 + 2 * odd3;
    v[5 * step] = ecg_from_sum(even3 + three);
    v[6 * step] = ecg_from_sum(even3 - three);
    v[7 * step] = ecg_from_sum(odd_a - 4 * odd_b - (odd3 + 8 * odd3));
    c = a;
    odd_c = odd_a;
    d1 = d5;
    d2 = d6;
    d3 = d7;
    v += to_next;
    to_next = next - to_next;
  }
}

ECG_NOINLINE void transform_tile_pairs(const uint32_t *d, uint32_t *v, const uint32_t *end, int32_t next) {
  transform_tiles(d, v, end, 2, next);
}

ECG_NOINLINE void transform_one_tile(const uint32_t *d, uint32_t *v, int32_t step) {
  transform_tiles(d, v, v + 1, step, 0);
}

/* U of one pair of input channels for one output channel, from halves; `step` words lie between two points. */
ECG_NOINLINE void transform_weights(uint32_t h0, uint32_t h1, uint32_t h2, uint32_t h3, uint32_t h4, uint32_t *u,
                                  int32_t step) {
  const uint32_t g0 = ecg_to_sum(h0), g1 = ecg_to_sum(h1), g2 = ecg_to_sum(h2), g3 = ecg_to_sum(h3),
                 g4 = ecg_to_sum(h4);
  *u = ecg_from_sum(0u - 4 * (g0 + 4 * g0));
  u += step;
  uint32_t even = g0 + g2 + g4, odd = g1 + g3;
  uint32_t x = even + odd, y = even - odd;
  *u = ecg_from_sum(16 * x - x);
  u += step;
  *u = ecg_from_sum(16 * y - y);
  u += step;
  even = g0 + 4 * (g2 + 4 * g4);
  odd = g1 + 4 * g3;
  x = even + 2 * odd;
  y = even - 2 * odd;
  *u = ecg_from_sum(2 * (x - 4 * x));
  u += step;
  *u = ecg_from_sum(2 * (y - 4 * y));
  u += step;
  even = g2 + (g4 + 8 * g4);
  even = g0 + (even + 8 * even);
  odd = g1 + (g3 + 8 * g3);
  odd += 2 * odd;
  *u = ecg_from_sum(even + odd);
  u += step;
  *u = ecg_from_sum(even - odd);
  u += step;
  *u = h4;
}

/*
 * The end of one tile of four channels: 16 y with 16 times the bias, and from there as in ecg_finish.h. `pool`, `size` and
 * `relu` are constants where this is called.
 */
ECG_INLINE void end_tile(const ecg_winograd_tile *tile, const int32_t *m, int8_t *y, int32_t length, int32_t pool,
                         int32_t size, int32_t relu) {
  const uint32_t *s = (const uint32_t *)m;
  const uint32_t inverse = 0xA4FA4FA5u; /* of 45 */
  const uint32_t *bias = tile->bias;
  ECG_NO_UNROLL
  do {
    const uint32_t m0 = s[0], m1 = s[8], m2 = s[16], m3 = s[24], m4 = s[32], m5 = s[40], m6 = s[48];
    const uint32_t sum1 = m1 + m2, sum2 = m3 + m4, sum3 = m5 + m6;
    const uint32_t difference1 = m1 - m2, difference2 = m3 - m4, difference3 = m5 - m6;
    const uint32_t three = difference3 + 2 * difference3;
    const uint32_t b = *bias;
    const int32_t scale = (int32_t)bias[4];
    bias++;
    const uint32_t y0 = (m0 + sum1 + sum2 + sum3) * inverse + b;
    const uint32_t y1 = (difference1 + 2 * difference2 + three) * inverse + b;
    const uint32_t y2 = (sum1 + 4 * sum2 + (sum3 + 8 * sum3)) * inverse + b;
    const uint32_t y3 = (difference1 + 8 * difference2 + (three + 8 * three)) * inverse + b + 16 * s[56];
    ecg_finish_four((int32_t)y0, (int32_t)y1, (int32_t)y2, (int32_t)y3, scale, y, pool, size, relu);
    y += length;
    s += 2;
  } while (((uintptr_t)bias & 15) != 0); /* they are aligned to 16: the address tells the last */
}

#define END_TILE(name, pool, size)                                                                           \
  void ecg_winograd_##name(const ecg_winograd_tile *tile, const int32_t *m, int8_t *y, int32_t length) {     \
    end_tile(tile, m, y, length, pool, size, 0);                                                             \
  }                                                                                                          \
  void ecg_winograd_##name##_relu(const ecg_winograd_tile *tile, const int32_t *m, int8_t *y, int32_t length) { \
    end_tile(tile, m, y, length, pool, size, 1);                                                             \
  }
ECG_FINISHES(END_TILE)

/* U of four output channels. */
typedef const uint32_t *(*weights_of)(const ecg_block *block, int32_t channel, int32_t pairs, uint32_t *room);

static const uint32_t *stored_weights(const ecg_block *block, int32_t channel, int32_t pairs,
                                      ECG_UNUSED uint32_t *room) {
  return (const uint32_t *)block->weights + channel * POINTS * pairs;
}

static const uint32_t *made_weights(const ecg_block *block, int32_t channel, int32_t pairs, uint32_t *room) {
  const int32_t used = (block->input[0].channels + 1) >> 1;
  const int32_t weights = ecg_stored_words(block, used * 5);
  const int32_t step = 4 * pairs;
  if (pairs != used) ecg_clear(room, (size_t)(POINTS * step) * sizeof *room);
  for (int32_t half = 0; half < 4; half += 2) {
    const uint32_t *w = ecg_weight_words(block, block->weights, ((channel + half) >> 1) * weights, weights,
                                         room + POINTS * step);
    uint32_t *u = room + half;
    for (int32_t c = 0; c < used; c++) {
      const uint32_t w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4];
      transform_weights(ecg_even_bytes(w0), ecg_even_bytes(w1), ecg_even_bytes(w2), ecg_even_bytes(w3),
                        ecg_even_bytes(w4), u, step);
      transform_weights(ecg_odd_bytes(w0), ecg_odd_bytes(w1), ecg_odd_bytes(w2), ecg_odd_bytes(w3), ecg_odd_bytes(w4),
                        u + 1, step);
      w += 5;
      u += 4;
    }
  }
  return room;
}

/* V of the whole input: [pair of tiles][pair of channels][point][2 tiles], of a single tile [point][pair of channels]. */
ECG_NOINLINE void expand_input(const ecg_block *block, uint8_t *memory, int32_t tiles, int32_t pairs, uint32_t *v,
                               uint32_t *row /* [4 * tiles + 4] */) {
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  const int32_t channels = block->input[0].channels;
  const int32_t length = block->input[0].length;
  const int32_t size = tiles * POINTS * pairs;
  if (2 * pairs > channels + 1) ecg_clear(v, (size_t)size * sizeof *v);
  for (int32_t c = 0; c < channels; c += 2) {
    ecg_expand_channels(x, c + 1 < channels ? x + length : NULL, length, block->padding, 4 * tiles + 4, row);
    if (tiles == 1) {
      transform_one_tile(row, v, pairs);
      v++;
    } else {
      transform_tile_pairs(row, v, v + size, 2 * POINTS * pairs);
      v += 2 * POINTS;
    }
    x += 2 * length;
  }
}

ECG_NOINLINE void convolve(const ecg_block *block, uint8_t *memory, weights_of weights) {
  int8_t *y = (int8_t *)(memory + block->output.offset); /* [output channels][output length] */
  const int32_t length = block->output.length;
  const int32_t needed = (length * block->pool_size + 3) >> 2;
  const int32_t tiles = needed > 1 ? (needed + 1) & ~1 : 1;
  const int32_t pairs = ((block->input[0].channels + 7) >> 3) << 2;
  const int32_t outputs = ecg_outputs_of_four(block);
  const ecg_winograd_end end = (ecg_winograd_end)block->finish;
  uint32_t *const v = (uint32_t *)(memory + block->scratch_offset);
  uint32_t *const row = v + tiles * POINTS * pairs;
  expand_input(block, memory, tiles, pairs, v, row);

  int32_t m[POINTS * 8];
  ecg_winograd_tile t;
  const int32_t wide = tiles > 1 ? 2 : 1;
  for (int32_t c = 0; c < block->output.channels; c += 4) {
    const uint32_t *const u = weights(block, c, pairs, row + 4 * tiles + 4);
    const uint32_t *of_tiles = v;
    for (int32_t k = 0; k < 4; k++) {
      t.bias[k] = 16u * (uint32_t)ecg_bias(block, c + k);
      t.scale[k] = ecg_scale(block, c + k, 4);
    }
    for (int32_t left = length; left > 0;) {
      if (tiles == 1) {
        multiply_one_tile(of_tiles, u, m, 16 * pairs);
      } else {
        multiply_two_tiles(of_tiles, u, m, 16 * pairs);
      }
      of_tiles += 2 * POINTS * pairs;
      for (int32_t k = 0; k < wide && left > 0; k++) {
        if (left >= outputs) {
          end(&t, m + k, y, length);
          y += outputs;
          left -= outputs;
        } else {
          /* The positions end within this tile. */
          int8_t last[4][4];
          end(&t, m + k, last[0], 4);
          for (int32_t channel = 0; channel < 4; channel++)
            for (int32_t i = 0; i < left; i++) y[channel * length + i] = last[channel][i];
          y += left;
          left = 0;
        }
      }
    }
    y += 3 * length;
  }
}

void ecg_conv1d_winograd(const ecg_block *block, uint8_t *memory) { convolve(block, memory, stored_weights); }

void ecg_conv1d_winograd_direct(const ecg_block *block, uint8_t *memory) { convolve(block, memory, made_weights); }

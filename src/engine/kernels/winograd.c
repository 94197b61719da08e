// Convolution by Winograd's minimal filtering along positions (Lavin and Gray 2016) at the points 0, 1, -1, 2, -2, 1/2,
// -1/2 and infinity: eight products give 9 - taps outputs, 4 of 5 taps instead of 20 products, 6 of 3 taps instead of 18.
// A tile of outputs is y = gather(product(spread(w) scaled, analyse(x))); the weights' gradient is its transpose,
// dw = gather(scaled product(spread(dy), analyse(x))).
#include "product.h"

enum {
  POINTS = 8,
  // Tiles of outputs that are computed at a time.
  BLOCK = 4,
  CHAIN = 16,
  // Those of a weight gradient, and outputs or channels of one: what they span stays in a second-level cache.
  GRADIENT_BLOCK = 16,
  GRADIENT_ROWS = 64,
};

// Of the points 1, -1; 2, -2; 1/2, -1/2: 1 / the product of their differences from all other points.
static const double scales[3] = {-2.0 / 9, 1.0 / 90, 32.0 / 45};

INLINE vec times(float a, vec x) { return splat(a) * x; }

// What the points make of a tile of inputs, for the lanes of one vector.
// u: [8], `next` floats apart; at: the tile's positions
INLINE void analyse_lanes(float *u, int next, const float *const at[POINTS], int lane) {
  const vec x0 = load(at[0] + lane), x1 = load(at[1] + lane), x2 = load(at[2] + lane), x3 = load(at[3] + lane);
  const vec x4 = load(at[4] + lane), x5 = load(at[5] + lane), x6 = load(at[6] + lane), x7 = load(at[7] + lane);
  store(u, fma(splat(5.25f), x4 - x2, x0 - x6));
  store(u + 7 * next, fma(splat(5.25f), x3 - x5, x7 - x1));
  vec even = fma(splat(-4.25f), x4, x2 + x6), odd = fma(splat(-4.25f), x3, x1 + x5);
  store(u + next, even + odd), store(u + 2 * next, even - odd);
  even = fma(splat(-1.25f), x4, fma(splat(0.25f), x2, x6));
  odd = fma(splat(-2.5f), x3, fma(splat(2), x5, times(0.5f, x1)));
  store(u + 3 * next, even + odd), store(u + 4 * next, even - odd);
  even = fma(splat(-5), x4, fma(splat(4), x2, x6));
  odd = fma(splat(-2.5f), x3, fma(splat(0.5f), x5, times(2, x1)));
  store(u + 5 * next, even + odd), store(u + 6 * next, even - odd);
}

// u: [8][16], the points `next` floats apart; the tile begins at position p of the row, zeros are outside of it
INLINE void analyse(float *u, int next, const float *row, int p, int length) {
  static const float zeros[LANES] __attribute__((aligned(64)));
  const float *at[POINTS];
  if (p >= 0 && p + POINTS <= length) {
    UNROLL
    for (int i = 0; i < POINTS; i++) at[i] = row + (p + i) * LANES;
    NO_UNROLL
    for (int lane = 0; lane < LANES; lane += WIDTH) analyse_lanes(u + lane, next, at, lane);
  } else {
    UNROLL
    for (int i = 0; i < POINTS; i++) at[i] = p + i >= 0 && p + i < length ? row + (p + i) * LANES : zeros;
    NO_UNROLL
    for (int lane = 0; lane < LANES; lane += WIDTH) analyse_lanes(u + lane, next, at, lane);
  }
}

// A polynomial's values at the points; at infinity its last coefficient.
// u: [8], `next` floats apart; x: [count][16]
INLINE void spread(float *u, int next, const float *x, const int count) {
  store(u, load(x));
  store(u + 7 * next, load(x + (count - 1) * LANES));
  UNROLL
  for (int i = 0; i < 3; i++) {
    const float point = i == 0 ? 1 : i == 1 ? 2 : 0.5f;
    vec even = splat(0), odd = splat(0);
    // Horner's scheme in the square of the point.
    UNROLL
    for (int j = count - 1; j >= 0; j--) {
      vec *part = j % 2 ? &odd : &even;
      *part = j >= count - 2 ? load(x + j * LANES) : fma(splat(point * point), *part, load(x + j * LANES));
    }
    odd = times(point, odd);
    store(u + (2 * i + 1) * next, even + odd), store(u + (2 * i + 2) * next, even - odd);
  }
}

// The transpose of spread, a coefficient at a time.
typedef struct {
  vec first, last, even[3], odd[3];
} Gathered;

// m: [8], `next` floats apart
INLINE Gathered gather(const float *m, int next) {
  Gathered g = {.first = load(m), .last = load(m + 7 * next)};
  UNROLL
  for (int i = 0; i < 3; i++) {
    const vec plus = load(m + (2 * i + 1) * next), minus = load(m + (2 * i + 2) * next);
    g.even[i] = plus + minus, g.odd[i] = plus - minus;
  }
  return g;
}

INLINE vec coefficient(const Gathered *g, const int j, const int count) {
  const vec *part = j % 2 ? g->odd : g->even;
  vec sum = part[0];
  if (j == 0) sum += g->first;
  if (j == count - 1) sum += g->last;
  const float power = (float)(1 << j);
  return fma(splat(power), part[1], fma(splat(1 / power), part[2], sum));
}

// count positions from p on, zeros behind the row: where they stand, or a copy of them.
INLINE const float *positions_at(float *copy, const float *row, int p, int length, int count) {
  if (p + count <= length) return row + p * LANES;
  for (int i = 0; i < count; i++)
    EACH(v) store(copy + i * LANES + v * WIDTH, p + i < length ? load(row + (p + i) * LANES + v * WIDTH) : splat(0));
  return copy;
}

// Sums over channels are made of sums over CHAIN of them: gathering multiplies their rounding, which grows with the
// length of a sum.
INLINE void multiply_tiles(float *m, const float *w, const float *u, int channels, int step, const int tiles) {
  for (int c = 0; c < channels; c += CHAIN, u += CHAIN * step, w += CHAIN * TILE_OUTPUTS) {
    const int here = channels - c < CHAIN ? channels - c : CHAIN;
    vec a[TILE_OUTPUTS][TILE_POSITIONS][VECTORS];
    UNROLL
    for (int i = 0; i < TILE_OUTPUTS; i++) {
      UNROLL
      for (int q = 0; q < tiles; q++) EACH(v) a[i][q][v] = splat(0);
    }
    multiply_tile(a, w, w + here * TILE_OUTPUTS, u, step, tiles);
    UNROLL
    for (int i = 0; i < TILE_OUTPUTS; i++) {
      UNROLL
      for (int q = 0; q < tiles; q++) {
        float *to = m + (i * BLOCK + q) * LANES;
        EACH(v) store(to + v * WIDTH, c > 0 ? load(to + v * WIDTH) + a[i][q][v] : a[i][q][v]);
      }
    }
  }
}

// Products of one point: `tiles` tiles of TILE_OUTPUTS outputs.
// m: [TILE_OUTPUTS][BLOCK][16]; w: [channels][TILE_OUTPUTS]; u: [channels][tiles][16], `step` floats apart
static void multiply_point(float *m, const float *w, const float *u, int channels, int step, int tiles) {
  int t = 0;
  if (TILE_POSITIONS > 1)
    for (; t + 2 <= tiles; t += 2) multiply_tiles(m + t * LANES, w, u + t * LANES, channels, step, 2);
  for (; t < tiles; t++) multiply_tiles(m + t * LANES, w, u + t * LANES, channels, step, 1);
}

// y: [count][16], of which `have` are stored, or added to with `add`
INLINE void store_tile(float *y, const float *m, int next, float bias, int add, int relu, uint16_t *mask, int have,
                       const int count) {
  // Of four positions each.
  uint64_t masks[2] = {0, 0};
  NO_UNROLL
  for (int v = 0; v < VECTORS; v++) {
    const Gathered g = gather(m + v * WIDTH, next);
    UNROLL
    for (int j = 0; j < count; j++) {
      if (j >= have) break;
      vec sum = coefficient(&g, j, count) + (add ? load(y + j * LANES + v * WIDTH) : splat(bias));
      if (relu) {
        sum = larger(splat(0), sum);
        masks[j / 4] |= (uint64_t)positive_vector(sum) << (j % 4 * LANES + v * WIDTH);
      }
      store(y + j * LANES + v * WIDTH, sum);
    }
  }
  if (!mask) return;
  UNROLL
  for (int j = 0; j < count; j++) {
    if (j < have) mask[j] = (uint16_t)(masks[j / 4] >> j % 4 * LANES);
  }
}

INLINE void convolve_of(float *y, const float *x, const float *w, const float *bias, uint16_t *mask, float *u,
                        int start, int relu, int outputs, int channels, int length, int xLength, int before, int yRow, int xRow,
                        const int taps) {
  const int count = POINTS + 1 - taps;
  const int tiles = (length + count - 1) / count, block = tiles < BLOCK ? tiles : BLOCK;
  const int uNext = channels * block * LANES, mNext = TILE_OUTPUTS * BLOCK * LANES;
  float *m = u + POINTS * uNext;
  for (int first = 0; first < tiles; first += block) {
    const int here = tiles - first < block ? tiles - first : block;
    for (int c = 0; c < channels; c++) {
      for (int t = 0; t < here; t++) {
        analyse(u + (c * block + t) * LANES, uNext, x + c * xRow, (first + t) * count - before, xLength);
      }
    }
    const float *weights = w;
    for (int o = 0; o < outputs; o += TILE_OUTPUTS) {
      for (int f = 0; f < POINTS; f++, weights += channels * TILE_OUTPUTS)
        multiply_point(m + f * mNext, weights, u + f * uNext, channels, block * LANES, here);
      const int rows = outputs - o < TILE_OUTPUTS ? outputs - o : TILE_OUTPUTS;
      for (int i = 0; i < rows; i++) {
        for (int t = 0; t < here; t++) {
          const int p = (first + t) * count, add = start == START_OUTPUT;
          float *to = y + (o + i) * yRow + p * LANES;
          const float *from = m + (i * BLOCK + t) * LANES;
          uint16_t *bits = mask ? mask + (o + i) * length + p : 0;
          const float b = start == START_BIAS ? bias[o + i] : 0;
          // Each case of a whole tile is code of its own, without branches.
          if (length - p < count) store_tile(to, from, mNext, b, add, relu, bits, length - p, count);
          else if (relu) store_tile(to, from, mNext, b, 0, 1, bits, count, count);
          else if (add) store_tile(to, from, mNext, 0, 1, 0, 0, count, count);
          else store_tile(to, from, mNext, b, 0, 0, 0, count, count);
        }
      }
    }
  }
}

// y: [outputs][length][16], rows yRow apart
// x: [channels][xLength][16], rows xRow apart; y's position p reads x's positions p - before ... p - before + taps - 1
// w: [outputs / TILE_OUTPUTS, rounded up][8][channels][TILE_OUTPUTS], see winograd_pack
// bias: [outputs], read where start is START_BIAS
// mask: uint16 [outputs][length] or null: bit of lane l set where the output is positive
// scratch: [8][channels + TILE_OUTPUTS][BLOCK][16], too much for a stack
// taps: 3 or 5
EXPORT(winograd_convolve)
void winograd_convolve(float *restrict y, const float *restrict x, const float *restrict w,
                       const float *restrict bias, uint16_t *restrict mask, float *restrict scratch, int start, int relu,
                       int outputs, int channels, int length, int xLength, int taps, int before, int yRow, int xRow) {
  if (taps == 5)
    convolve_of(y, x, w, bias, mask, scratch, start, relu, outputs, channels, length, xLength, before, yRow, xRow, 5);
  else convolve_of(y, x, w, bias, mask, scratch, start, relu, outputs, channels, length, xLength, before, yRow, xRow, 3);
}

INLINE void gradient_of(float *gradient, const float *dy, const float *x, float *scratch, int windows, int outputs,
                        int channels, int length, int xLength, int before, int dyWindow, int dyRow, int xWindow,
                        int xRow, const int taps) {
  const int count = POINTS + 1 - taps;
  const int tiles = (length + count - 1) / count;
  const int all = windows * tiles;
  enum { ROW = (GRADIENT_BLOCK + 1) * LANES, NEXT = GRADIENT_ROWS * ROW };
  float *u = scratch, *z = u + POINTS * NEXT, *d = z + POINTS * NEXT;
  enum { SUMS = GRADIENT_ROWS * GRADIENT_ROWS };
  const Rows l = {.windows = 1, .dyRow = ROW, .xRow = ROW};
  float copy[POINTS * LANES];
  for (int c0 = 0; c0 < channels; c0 += GRADIENT_ROWS) {
    const int cs = channels - c0 < GRADIENT_ROWS ? channels - c0 : GRADIENT_ROWS;
    for (int o0 = 0; o0 < outputs; o0 += GRADIENT_ROWS) {
      const int os = outputs - o0 < GRADIENT_ROWS ? outputs - o0 : GRADIENT_ROWS;
      for (int i = 0; i < POINTS * SUMS; i += WIDTH) store(d + i, splat(0));
      for (int first = 0; first < all; first += GRADIENT_BLOCK) {
        const int here = all - first < GRADIENT_BLOCK ? all - first : GRADIENT_BLOCK;
        // The first tile's window, and its place in it.
        const int n0 = first / tiles, t0 = first % tiles;
        for (int c = 0; c < cs; c++) {
          const float *row = x + n0 * xWindow + (c0 + c) * xRow;
          for (int i = 0, t = t0; i < here; i++) {
            analyse(u + c * ROW + i * LANES, NEXT, row, t * count - before, xLength);
            if (++t == tiles) t = 0, row += xWindow;
          }
        }
        for (int o = 0; o < os; o++) {
          const float *row = dy + n0 * dyWindow + (o0 + o) * dyRow;
          for (int i = 0, t = t0; i < here; i++) {
            const float *from = positions_at(copy, row, t * count, length, count);
            NO_UNROLL
            for (int lane = 0; lane < LANES; lane += WIDTH)
              spread(z + o * ROW + i * LANES + lane, NEXT, from + lane, count);
            if (++t == tiles) t = 0, row += dyWindow;
          }
        }
        for (int f = 0; f < POINTS; f++) {
          for (int c = 0; c < cs; c += GRADIENT_CHANNELS) {
            for (int o = 0; o < os; o += GRADIENT_OUTPUTS)
              gradient_tile(d + f * SUMS + o * GRADIENT_ROWS + c, GRADIENT_ROWS, &l, z + f * NEXT + o * ROW,
                            u + f * NEXT + c * ROW, here * LANES, os - o, GRADIENT_OUTPUTS, GRADIENT_CHANNELS);
          }
        }
      }
      for (int o = 0; o < os; o++) {
        for (int c = 0; c < cs; c += WIDTH) {
          Gathered g = gather(d + o * GRADIENT_ROWS + c, SUMS);
          UNROLL
          for (int i = 0; i < 3; i++) g.even[i] *= splat((float)scales[i]), g.odd[i] *= splat((float)scales[i]);
          UNROLL
          for (int k = 0; k < taps; k++) {
            float *to = gradient + ((o0 + o) * taps + k) * channels + c0 + c;
            const vec sum = coefficient(&g, k, taps);
            if (cs - c >= WIDTH) store(to, load(to) + sum);
            else
              for (int i = 0; i < cs - c; i++) to[i] += sum[i];
          }
        }
      }
    }
  }
}

// gradient: [outputs][taps][channels], added to; channels a multiple of 4
// dy: [windows][outputs][length][16], windows dyWindow and rows dyRow apart
// x: [windows][channels][xLength][16], windows xWindow and rows xRow apart
// scratch: GRADIENT_SCRATCH of kernels.ts
// taps: 3 or 5
EXPORT(winograd_gradient)
void winograd_gradient(float *restrict gradient, const float *restrict dy, const float *restrict x,
                       float *restrict scratch, int windows, int outputs, int channels, int length, int xLength,
                       int taps, int before, int dyWindow, int dyRow, int xWindow, int xRow) {
  if (taps == 5)
    gradient_of(gradient, dy, x, scratch, windows, outputs, channels, length, xLength, before, dyWindow, dyRow, xWindow,
                xRow, 5);
  else
    gradient_of(gradient, dy, x, scratch, windows, outputs, channels, length, xLength, before, dyWindow, dyRow, xWindow,
                xRow, 3);
}

// Weights for winograd_convolve, the rows of a tile interleaved; a last tile is filled up with zeros.
// to: [rows / TILE_OUTPUTS, rounded up][8][columns][TILE_OUTPUTS]
// w: weight k of row r and column c at r * row + c * column + k * tap
EXPORT(winograd_pack)
void winograd_pack(float *restrict to, const float *restrict w, int rows, int columns, int taps, int row, int column,
                   int tap) {
  // In float64: rounding here would be the largest error of all.
  static const double points[3] = {1, 2, 0.5};
  for (int r = 0; r < rows; r += TILE_OUTPUTS, to += POINTS * columns * TILE_OUTPUTS) {
    for (int c = 0; c < columns; c++) {
      for (int t = 0; t < TILE_OUTPUTS; t++) {
        float *value = to + c * TILE_OUTPUTS + t;
        const int next = columns * TILE_OUTPUTS;
        if (r + t >= rows) {
          for (int f = 0; f < POINTS; f++) value[f * next] = 0;
          continue;
        }
        const float *from = w + (r + t) * row + c * column;
        value[0] = from[0];
        value[7 * next] = from[(taps - 1) * tap];
        for (int i = 0; i < 3; i++) {
          double even = 0, odd = 0, power = scales[i];
          for (int k = 0; k < taps; k++, power *= points[i]) *(k % 2 ? &odd : &even) += power * from[k * tap];
          value[(2 * i + 1) * next] = (float)(even + odd);
          value[(2 * i + 2) * next] = (float)(even - odd);
        }
      }
    }
  }
}

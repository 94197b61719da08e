// The two inner products of training, as tiles of sums that are held in registers: outputs x positions summed over
// channels, and outputs x channels summed over positions.
#pragma once
#include "simd.h"

// What an output starts from.
enum { START_ZERO, START_BIAS, START_OUTPUT };

// Sums of the first kind: outputs x positions x VECTORS of them.
#if WIDTH == 16
enum { TILE_OUTPUTS = 8, TILE_POSITIONS = 3 };
#elif WIDTH == 8
enum { TILE_OUTPUTS = 4, TILE_POSITIONS = 1 };
#else
enum { TILE_OUTPUTS = 2, TILE_POSITIONS = 1 };
#endif

// Of the second kind, one vector each.
#if WIDTH == 16
enum { GRADIENT_OUTPUTS = 4, GRADIENT_CHANNELS = 4 };
#else
enum { GRADIENT_OUTPUTS = 2, GRADIENT_CHANNELS = 4 };
#endif
enum { LARGEST_TILE = 4 };

// a += w x over the steps from w to end.
// w: [steps][TILE_OUTPUTS]; x: [steps][positions][16], `step` floats apart
INLINE void multiply_tile(vec a[TILE_OUTPUTS][TILE_POSITIONS][VECTORS], const float *w, const float *end,
                          const float *x, int step, const int positions) {
  NO_UNROLL
  do {
    vec xs[TILE_POSITIONS][VECTORS];
    UNROLL
    for (int q = 0; q < positions; q++) EACH(v) xs[q][v] = load(x + q * LANES + v * WIDTH);
    UNROLL
    for (int i = 0; i < TILE_OUTPUTS; i++) {
      const vec weight = splat(w[i]);
      UNROLL
      for (int q = 0; q < positions; q++) EACH(v) a[i][q][v] = fma(weight, xs[q][v], a[i][q][v]);
    }
    x += step;
    w += TILE_OUTPUTS;
  } while (w != end);
}

typedef struct {
  int windows, dyWindow, dyRow, xWindow, xRow;
} Rows;

// gradient: of the tile's first output and channel, outputs `next` floats apart; dy, x: its first rows at their first
// positions; floats: length of the stretches. Rows beyond `rows` outputs are computed and dropped.
INLINE void gradient_tile(float *gradient, int next, const Rows *l, const float *dy, const float *x, int floats,
                          int rows, const int outputs, const int channels) {
  vec a[LARGEST_TILE][LARGEST_TILE];
  UNROLL
  for (int i = 0; i < outputs; i++) {
    UNROLL
    for (int j = 0; j < channels; j++) a[i][j] = splat(0);
  }
  for (int n = 0; n < l->windows; n++, dy += l->dyWindow, x += l->xWindow) {
    const float *d[LARGEST_TILE], *s[LARGEST_TILE];
    UNROLL
    for (int i = 0; i < outputs; i++) d[i] = dy + (i < rows ? i : 0) * l->dyRow;
    UNROLL
    for (int j = 0; j < channels; j++) s[j] = x + j * l->xRow;
    const float *end = d[0] + floats;
    NO_UNROLL
    do {
      vec u[LARGEST_TILE];
      UNROLL
      for (int i = 0; i < outputs; i++) u[i] = load(d[i]), d[i] += WIDTH;
      UNROLL
      for (int j = 0; j < channels; j++) {
        const vec v = load(s[j]);
        s[j] += WIDTH;
        UNROLL
        for (int i = 0; i < outputs; i++) a[i][j] = fma(u[i], v, a[i][j]);
      }
    } while (d[0] != end);
  }
  if (channels == 4) {
    enum { AT_ONCE = WIDTH / 4 };
    UNROLL
    for (int i = 0; i < outputs; i += AT_ONCE) {
      const vec sums = sums_of(a + i);
      UNROLL
      for (int k = 0; k < AT_ONCE; k++) {
        if (i + k >= rows) break;
        UNROLL
        for (int j = 0; j < 4; j++) gradient[(i + k) * next + j] += sums[4 * k + j];
      }
    }
    return;
  }
  UNROLL
  for (int i = 0; i < outputs; i++) {
    if (i >= rows) break;
    UNROLL
    for (int j = 0; j < channels; j++) gradient[i * next + j] += sum(a[i][j]);
  }
}

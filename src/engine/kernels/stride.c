// A convolution of stride s is one of stride 1 over s times the channels: channel r * C + c holds every s-th position of
// channel c from r on.
#include "simd.h"

// to[r * channels + c][j] = x[c][j * stride + r - before], zero outside of x.
// to: [stride * channels][toLength][16], rows toRow apart; x: [channels][xLength][16], rows xRow apart
EXPORT(space_to_depth)
void space_to_depth(float *restrict to, const float *restrict x, int channels, int stride, int before, int xLength,
                    int toLength, int toRow, int xRow) {
  for (int r = 0; r < stride; r++) {
    for (int c = 0; c < channels; c++, to += toRow) {
      for (int j = 0; j < toLength; j++) {
        const int at = j * stride + r - before;
        const int inside = at >= 0 && at < xLength;
        EACH(v) store(to + j * LANES + v * WIDTH, inside ? load(x + c * xRow + at * LANES + v * WIDTH) : splat(0));
      }
    }
  }
}

// The gradient's way back: dx is written, zero where no output reads it.
EXPORT(depth_to_space)
void depth_to_space(float *restrict dx, const float *restrict from, int channels, int stride, int before, int xLength,
                    int fromLength, int fromRow, int xRow) {
  for (int c = 0; c < channels; c++, dx += xRow) {
    for (int i = 0; i < xLength; i++) {
      const int j = (i + before) / stride, r = (i + before) % stride;
      const float *d = from + (r * channels + c) * fromRow + j * LANES;
      EACH(v) store(dx + i * LANES + v * WIDTH, j < fromLength ? load(d + v * WIDTH) : splat(0));
    }
  }
}

// Zeros in columns `from` to the end of a matrix [rows][columns].
EXPORT(clear_columns)
void clear_columns(float *restrict x, int rows, int columns, int from) {
  for (int r = 0; r < rows; r++, x += columns)
    for (int i = from; i < columns; i++) x[i] = 0;
}

// Batch normalisation (Ioffe and Szegedy 2015) of a channel over records, windows and positions. Windows that a record
// has not are left out of every sum. A window measures its own figures, which are joined over the batch in a fixed order
// in float64, so that no thread's pace can show.
#include "simd.h"

// Floats that are summed in float32 before a sum goes on in float64: what is left of the gradient when its means are
// taken away can be small.
enum { SUM_CHAIN = 8 * LANES };

// Of a window, `partial`: [16] with the number of values in [0]; mean, sum of squared deviations, sum of the gradient,
// sum of gradient times normalised value, each [channels].
// Of the batch, `statistics`: mean, 1 / deviation, unbiased variance, mean of the gradient, mean of gradient times
// normalised value, each [channels].

// partial: number of values, mean and squares written; x: [channels][length][16], rows xRow apart
EXPORT(measure)
void measure(float *restrict partial, const float *restrict x, const int32_t *restrict counts, int window, int channels,
             int length, int xRow) {
  bits here[VECTORS];
  int lanes = 0;
  EACH(v) here[v] = has_window(counts, v, window);
  for (int l = 0; l < LANES; l++) lanes += counts[l] > window;
  float *mean = partial + LANES, *squares = mean + channels;
  partial[0] = (float)(lanes * length);
  const float scale = lanes > 0 ? 1 / partial[0] : 0;
  for (int c = 0; c < channels; c++, x += xRow) {
    vec a[VECTORS];
    EACH(v) a[v] = splat(0);
    for (const float *p = x; p < x + length * LANES; p += LANES) EACH(v) a[v] += load(p + v * WIDTH);
    float total = 0;
    EACH(v) total += sum(keep(a[v], here[v]));
    mean[c] = total * scale;
    EACH(v) a[v] = splat(0);
    for (const float *p = x; p < x + length * LANES; p += LANES) {
      EACH(v) {
        const vec d = load(p + v * WIDTH) - splat(mean[c]);
        a[v] = fma(d, d, a[v]);
      }
    }
    total = 0;
    EACH(v) total += sum(keep(a[v], here[v]));
    squares[c] = total;
  }
}

// Means and squares joined as by Chan, Golub and LeVeque (1979).
// partial: of the first window; the windows' are `next` floats apart
EXPORT(join_measures)
void join_measures(float *restrict statistics, const float *restrict partial, int next, int windows, int channels,
                   float epsilon) {
  for (int c = 0; c < channels; c++) {
    double count = 0, mean = 0, squares = 0;
    const float *p = partial;
    for (int n = 0; n < windows; n++, p += next) {
      if (p[0] == 0) continue;
      const double more = p[0], total = count + more, delta = p[LANES + c] - mean;
      mean += delta * (more / total);
      squares += p[LANES + channels + c] + delta * delta * (count * more / total);
      count = total;
    }
    statistics[c] = (float)mean;
    statistics[channels + c] = (float)(1 / __builtin_sqrt(squares / count + epsilon));
    statistics[2 * channels + c] = (float)(squares / (count > 1 ? count - 1 : 1));
  }
}

// running += rate * (of the batch - running). running: mean, variance; statistics: of the batch; [channels]
EXPORT(update_statistics)
void update_statistics(float *restrict mean, float *restrict variance, const float *restrict statistics, int channels,
                       float rate) {
  for (int c = 0; c < channels; c++) {
    mean[c] += rate * (statistics[c] - mean[c]);
    variance[c] += rate * (statistics[2 * channels + c] - variance[c]);
  }
}

// to = 1 / sqrt(variance + epsilon): [channels]
EXPORT(inverse_deviation)
void inverse_deviation(float *restrict to, const float *restrict variance, int channels, float epsilon) {
  for (int c = 0; c < channels; c++) to[c] = 1 / __builtin_sqrtf(variance[c] + epsilon);
}

// y = (x - mean) * inverse * scale + offset. x, y: [channels][length][16], rows `row` apart
// mean, inverse, scale, offset: [channels]
EXPORT(normalise)
void normalise(float *restrict y, const float *restrict x, const float *restrict mean, const float *restrict inverse,
               const float *restrict scale, const float *restrict offset, int channels, int length, int row) {
  for (int c = 0; c < channels; c++, x += row, y += row) {
    const vec m = splat(mean[c]), s = splat(inverse[c] * scale[c]), o = splat(offset[c]);
    for (int i = 0; i < length * LANES; i += WIDTH) store(y + i, fma(load(x + i) - m, s, o));
  }
}

// partial: sums of the gradient and of gradient times normalised value written; dy is zero where a record has no window.
// dy, x: [channels][length][16], rows `row` apart; statistics: of the batch
EXPORT(measure_backward)
void measure_backward(float *restrict partial, const float *restrict dy, const float *restrict x,
                      const float *restrict statistics, int channels, int length, int row) {
  float *sums = partial + LANES + 2 * channels;
  for (int c = 0; c < channels; c++, x += row, dy += row) {
    const vec m = splat(statistics[c]);
    double total = 0, product = 0;
    for (int i = 0; i < length * LANES;) {
      const int end = i + SUM_CHAIN < length * LANES ? i + SUM_CHAIN : length * LANES;
      vec a = splat(0), b = splat(0);
      for (; i < end; i += WIDTH) {
        const vec d = load(dy + i);
        a += d;
        b = fma(d, load(x + i) - m, b);
      }
      total += sum(a), product += sum(b);
    }
    sums[c] = (float)total;
    sums[channels + c] = (float)(product * statistics[channels + c]);
  }
}

// dScale, dOffset: [channels], added to; statistics: means of the gradients written
EXPORT(join_backward)
void join_backward(float *restrict statistics, float *restrict dScale, float *restrict dOffset,
                   const float *restrict partial, int next, int windows, int channels) {
  for (int c = 0; c < channels; c++) {
    double count = 0, sum = 0, product = 0;
    const float *p = partial;
    for (int n = 0; n < windows; n++, p += next) {
      count += p[0];
      sum += p[LANES + 2 * channels + c];
      product += p[LANES + 3 * channels + c];
    }
    dOffset[c] += (float)sum;
    dScale[c] += (float)product;
    statistics[3 * channels + c] = (float)(sum / count);
    statistics[4 * channels + c] = (float)(product / count);
  }
}

// dx = scale * inverse * (dy - mean of dy - normalised x * mean of dy times normalised x), zero where a record has no
// window. dx, dy, x: [channels][length][16], rows `row` apart; add: to dx instead of in its place
EXPORT(normalise_backward)
void normalise_backward(float *restrict dx, const float *restrict dy, const float *restrict x,
                        const float *restrict statistics, const float *restrict scale, const int32_t *restrict counts,
                        int window, int channels, int length, int row, int add) {
  bits here[VECTORS];
  EACH(v) here[v] = has_window(counts, v, window);
  for (int c = 0; c < channels; c++, x += row, dy += row, dx += row) {
    const float inverse = statistics[channels + c];
    const vec m = splat(statistics[c]), s = splat(scale[c] * inverse), a = splat(statistics[3 * channels + c]);
    const vec b = splat(statistics[4 * channels + c] * inverse);
    for (int i = 0; i < length * LANES; i += LANES) {
      EACH(v) {
        const int at = i + v * WIDTH;
        const vec d = s * ((load(dy + at) - a) - (load(x + at) - m) * b);
        store(dx + at, add ? load(dx + at) + keep(d, here[v]) : keep(d, here[v]));
      }
    }
  }
}

// The gradient where mean and deviation are constants. inverse, scale: [channels]
EXPORT(scale_backward)
void scale_backward(float *restrict dx, const float *restrict dy, const float *restrict inverse,
                    const float *restrict scale, int channels, int length, int row, int add) {
  for (int c = 0; c < channels; c++, dy += row, dx += row) {
    const vec s = splat(inverse[c] * scale[c]);
    for (int i = 0; i < length * LANES; i += WIDTH) {
      const vec d = s * load(dy + i);
      store(dx + i, add ? load(dx + i) + d : d);
    }
  }
}

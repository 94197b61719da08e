// Windows out of records, softmax, and the loss with its gradient.
#include "functions.h"

// One window of the 16 records of a group, interleaved; zeros behind a record's end and in lanes without the window.
// to: [length][16]
// memory: what the addresses in `signals` count from
// signals: uint32 addresses [16]; lengths: samples [16]; counts: windows [16]
EXPORT(extract_window)
void extract_window(float *restrict to, const char *memory, const uint32_t *restrict signals,
                    const int32_t *restrict lengths, const int32_t *restrict counts, int window, int hop,
                    int length) {
  for (int lane = 0; lane < LANES; lane++) {
    const float *from = (const float *)(memory + signals[lane]) + window * hop;
    int have = window < counts[lane] ? lengths[lane] - window * hop : 0;
    if (have > length) have = length;
    float *t = to + lane;
    for (int p = 0; p < have; p++, t += LANES) *t = from[p];
    for (int p = have; p < length; p++, t += LANES) *t = 0;
  }
}

// p, z: [classes][16]; temperature divides the logits
EXPORT(softmax)
void softmax(float *restrict p, const float *restrict z, int classes, float temperature) {
  const vec scale = splat(1 / temperature);
  for (int v = 0; v < LANES; v += WIDTH) {
    vec largest = load(z + v);
    for (int j = 1; j < classes; j++) largest = larger(largest, load(z + j * LANES + v));
    vec sum = splat(0);
    for (int j = 0; j < classes; j++) {
      vec e = exponential((load(z + j * LANES + v) - largest) * scale);
      store(p + j * LANES + v, e);
      sum = sum + e;
    }
    for (int j = 0; j < classes; j++) store(p + j * LANES + v, load(p + j * LANES + v) / sum);
  }
}

// Logits of each lane's last window; zeros in lanes without any.
// to: [classes][16]; z: [windows][classes][16], zWindow floats apart; counts: int32 [16]
EXPORT(gather_last)
void gather_last(float *restrict to, const float *restrict z, const int32_t *restrict counts, int classes,
                 int zWindow) {
  for (int lane = 0; lane < LANES; lane++)
    for (int j = 0; j < classes; j++)
      to[j * LANES + lane] = counts[lane] > 0 ? z[(counts[lane] - 1) * zWindow + j * LANES + lane] : 0;
}

// Mean over each lane's windows of the softmax.
// mean: [classes][16]; p: [windows][classes][16] written, pWindow floats apart; z: the same with zWindow
EXPORT(mean_softmax)
void mean_softmax(float *restrict mean, float *restrict p, const float *restrict z, const int32_t *restrict counts,
                  int windows, int classes, int pWindow, int zWindow, float temperature) {
  for (int i = 0; i < classes * LANES; i += WIDTH) store(mean + i, splat(0));
  for (int n = 0; n < windows; n++) {
    float *pn = p + n * pWindow;
    softmax(pn, z + n * zWindow, classes, temperature);
    for (int i = 0; i < classes * LANES; i += WIDTH) {
      bits here = has_window(counts, (i % LANES) / WIDTH, n);
      store(mean + i, load(mean + i) + keep(load(pn + i), here));
    }
  }
  for (int v = 0; v < VECTORS; v++) {
    vec count = larger(to_float(load_bits(counts + v * WIDTH)), splat(1));
    for (int i = v * WIDTH; i < classes * LANES; i += LANES) store(mean + i, load(mean + i) / count);
  }
}

// Cross-entropy of probabilities p with targets q; lanes of weight 0 have none.
// loss: [16], added to; p, q: [classes][16]; weight: [16]
EXPORT(cross_entropy)
void cross_entropy(float *restrict loss, const float *restrict p, const float *restrict q,
                   const float *restrict weight, int classes) {
  for (int v = 0; v < LANES; v += WIDTH) {
    vec sum = splat(0);
    for (int j = 0; j < classes; j++)
      sum = fma(load(q + j * LANES + v), logarithm(load(p + j * LANES + v)), sum);
    store(loss + v, load(loss + v) - (sum * load(weight + v)));
  }
}

// Mean over channels of (y - target)^2 at each lane's last window, and its gradient there.
// loss: [16], added to; dy: [windows][channels][16], dyWindow floats apart, added to; y: the same with yWindow
// target: [channels][16]; lossWeight, gradientWeight: [16]
EXPORT(squared_error)
void squared_error(float *restrict loss, float *restrict dy, const float *restrict y, const float *restrict target,
                   const float *restrict lossWeight, const float *restrict gradientWeight,
                   const int32_t *restrict counts, int channels, int dyWindow, int yWindow) {
  for (int lane = 0; lane < LANES; lane++) {
    if (counts[lane] == 0) continue;
    const float *from = y + (counts[lane] - 1) * yWindow + lane;
    float *to = dy + (counts[lane] - 1) * dyWindow + lane;
    float total = 0;
    for (int i = 0; i < channels * LANES; i += LANES) {
      const float difference = from[i] - target[i + lane];
      total += difference * difference;
      to[i] += gradientWeight[lane] * (2 * difference / (float)channels);
    }
    loss[lane] += lossWeight[lane] * (total / (float)channels);
  }
}

// Gradient of cross_entropy(softmax(z / temperature), q) to z, added at each lane's last window.
// dz: [windows][classes][16], dzWindow floats apart; p, q: [classes][16]; weight: [16], with the 1 / temperature
EXPORT(last_backward)
void last_backward(float *restrict dz, const float *restrict p, const float *restrict q,
                   const float *restrict weight, const int32_t *restrict counts, int classes, int dzWindow) {
  for (int lane = 0; lane < LANES; lane++) {
    if (counts[lane] == 0) continue;
    float total = 0;
    for (int j = 0; j < classes; j++) total += q[j * LANES + lane];
    float *d = dz + (counts[lane] - 1) * dzWindow + lane;
    for (int j = 0; j < classes; j++)
      d[j * LANES] += weight[lane] * (p[j * LANES + lane] * total - q[j * LANES + lane]);
  }
}

// Gradient of cross_entropy(mean over windows of softmax(z / temperature), q) to z, added.
// dz, p: [windows][classes][16]; mean, q: [classes][16]; weight: [16], with the 1 / temperature
EXPORT(mean_backward)
void mean_backward(float *restrict dz, const float *restrict p, const float *restrict mean, const float *restrict q,
                   const float *restrict weight, const int32_t *restrict counts, int windows, int classes,
                   int dzWindow, int pWindow) {
  const vec smallest = splat(1.17549435e-38f);
  for (int n = 0; n < windows; n++, dz += dzWindow, p += pWindow) {
    for (int v = 0; v < VECTORS; v++) {
      const bits here = has_window(counts, v, n);
      vec count = larger(to_float(load_bits(counts + v * WIDTH)), splat(1));
      vec scale = keep(load(weight + v * WIDTH) / count, here);
      vec dot = splat(0);
      for (int i = v * WIDTH; i < classes * LANES; i += LANES)
        dot = fma(load(q + i) / larger(load(mean + i), smallest), load(p + i), dot);
      for (int i = v * WIDTH; i < classes * LANES; i += LANES) {
        vec slope = load(q + i) / larger(load(mean + i), smallest);
        vec d = (scale * load(p + i)) * (dot - slope);
        store(dz + i, load(dz + i) + d);
      }
    }
  }
}

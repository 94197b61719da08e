// Sum of the shards' gradients in a fixed tree, their norm, and Adam (Kingma and Ba 2015, algorithm 1; with decoupled weight
// decay Loshchilov and Hutter 2019, algorithm 2).
#include "simd.h"

#define SHARDS 8

// sum: [count] and may be shard 0; shards: [8] gradients, `stride` floats apart, each [count]; count a multiple of 16
EXPORT(sum_shards)
void sum_shards(float *sum, const float *shards, int stride, int count) {
  for (int i = 0; i < count; i += WIDTH) {
    const float *s = shards + i;
    vec a = (load(s) + load(s + stride)) + (load(s + 2 * stride) + load(s + 3 * stride));
    s += 4 * stride;
    vec b = (load(s) + load(s + stride)) + (load(s + 2 * stride) + load(s + 3 * stride));
    store(sum + i, a + b);
  }
}

// Sum of squares; x: [count], count a multiple of 16
EXPORT(squared_norm)
float squared_norm(const float *x, int count) {
  vec total = splat(0);
  for (int i = 0; i < count; i += WIDTH) total = fma(load(x + i), load(x + i), total);
  return sum(total);
}

// g = scale * gradient + l2 * w; w -= rate * (m / correction1) / (sqrt(v / correction2) + epsilon) + decay * w,
// corrections 1 - beta^step
// w, m, v, gradient: [count], count a multiple of 16
EXPORT(adam)
void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict gradient, int count,
          float rate, float beta1, float beta2, float epsilon, float correction1, float correction2, float scale,
          float l2, float decay) {
  const vec b1 = splat(beta1), b2 = splat(beta2), n1 = splat(1 - beta1), n2 = splat(1 - beta2);
  const vec step = splat(rate / correction1), unbias = splat(1 / correction2), e = splat(epsilon);
  for (int i = 0; i < count; i += WIDTH) {
    vec weight = load(w + i);
    vec g = fma(splat(l2), weight, splat(scale) * load(gradient + i));
    vec mean = fma(b1, load(m + i), n1 * g);
    vec square = fma(b2, load(v + i), n2 * (g * g));
    store(m + i, mean), store(v + i, square);
    vec size = root(square * unbias) + e;
    store(w + i, weight - fma(splat(decay), weight, (step * mean) / size));
  }
}

// x: [count], count a multiple of 16
EXPORT(clear)
void clear(float *x, int count) {
  for (int i = 0; i < count; i += WIDTH) store(x + i, splat(0));
}

// to, from: [count], count a multiple of 16
EXPORT(copy)
void copy(float *restrict to, const float *restrict from, int count) {
  for (int i = 0; i < count; i += WIDTH) store(to + i, load(from + i));
}

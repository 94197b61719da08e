// Sum of the shards' gradients in a fixed tree, and Adam (Kingma and Ba 2015, algorithm 1).
#include "simd.h"

#define SHARDS 8

// sum: [count] and may be shard 0; shards: [8] gradients, `stride` floats apart, each [count]; count a multiple of 4
EXPORT(sum_shards)
void sum_shards(float *sum, const float *shards, int stride, int count) {
  for (int i = 0; i < count; i += 4) {
    const float *s = shards + i;
    f4 a = add4(add4(load4(s), load4(s + stride)), add4(load4(s + 2 * stride), load4(s + 3 * stride)));
    s += 4 * stride;
    f4 b = add4(add4(load4(s), load4(s + stride)), add4(load4(s + 2 * stride), load4(s + 3 * stride)));
    store4(sum + i, add4(a, b));
  }
}

// w -= rate * (m / correction1) / (sqrt(v / correction2) + epsilon), corrections 1 - beta^step
// w, m, v, gradient: [count], count a multiple of 4
EXPORT(adam)
void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict gradient, int count,
          float rate, float beta1, float beta2, float epsilon, float correction1, float correction2) {
  const f4 b1 = splat4(beta1), b2 = splat4(beta2), n1 = splat4(1 - beta1), n2 = splat4(1 - beta2);
  const f4 step = splat4(rate / correction1), scale = splat4(1 / correction2), e = splat4(epsilon);
  for (int i = 0; i < count; i += 4) {
    f4 g = load4(gradient + i);
    f4 mean = fma4(b1, load4(m + i), mul4(n1, g));
    f4 square = fma4(b2, load4(v + i), mul4(n2, mul4(g, g)));
    store4(m + i, mean), store4(v + i, square);
    f4 size = add4(wasm_f32x4_sqrt(mul4(square, scale)), e);
    store4(w + i, sub4(load4(w + i), div4(mul4(step, mean), size)));
  }
}

// x: [count], count a multiple of 4
EXPORT(clear)
void clear(float *x, int count) {
  for (int i = 0; i < count; i += 4) store4(x + i, splat4(0));
}

// to, from: [count], count a multiple of 4
EXPORT(copy)
void copy(float *restrict to, const float *restrict from, int count) {
  for (int i = 0; i < count; i += 4) store4(to + i, load4(from + i));
}

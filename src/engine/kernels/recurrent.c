// One time step of GRU and LSTM, after the matrix products. All tensors are [unit][16 records]; gates follow each
// other by `units` rows. Equations: numerics.md, "Networks".
#include "functions.h"

// Update and reset gate: z = sigmoid(.), r = sigmoid(.) in place, and r * h for the candidate's product.
// gates: [3 * units][16], z, r, n before their activations
// product, h: [units][16]
EXPORT(gru_gates)
void gru_gates(float *restrict gates, float *restrict product, const float *restrict h, int units) {
  const int size = units * LANES;
  float *r = gates + size;
  for (int i = 0; i < size; i += WIDTH) {
    store(gates + i, logistic(load(gates + i)));
    vec reset = logistic(load(r + i));
    store(r + i, reset);
    store(product + i, reset * load(h + i));
  }
}

// Candidate and new state: n = tanh(.) in place, h' = z h + (1 - z) n; lanes without this window keep h.
// gates: [3 * units][16]; next, h: [units][16]; counts: int32 [16]
EXPORT(gru_state)
void gru_state(float *restrict gates, float *restrict next, const float *restrict h, const int32_t *restrict counts,
               int window, int units) {
  const int size = units * LANES;
  float *n = gates + 2 * size;
  for (int v = 0; v < VECTORS; v++) {
    const bits here = has_window(counts, v, window);
    for (int i = v * WIDTH; i < size; i += LANES) {
      vec z = load(gates + i), before = load(h + i), candidate = hyperbolic_tangent(load(n + i));
      store(n + i, candidate);
      vec state = fma(z, before - candidate, candidate);
      store(next + i, select(state, before, here));
    }
  }
}

// carry arrives as the gradient that the later windows give to h', leaves as z * dh', its first term for h.
// dgates: [3 * units][16], rows z and n written
// carry, dy, h: [units][16]; gates: [3 * units][16] after their activations
EXPORT(gru_backward_candidate)
void gru_backward_candidate(float *restrict dgates, float *restrict carry, const float *restrict dy,
                            const float *restrict gates, const float *restrict h, int units) {
  const int size = units * LANES;
  const vec one = splat(1);
  for (int i = 0; i < size; i += WIDTH) {
    vec dh = load(carry + i) + load(dy + i);
    vec z = load(gates + i), n = load(gates + 2 * size + i);
    vec keep = one - z;
    store(dgates + i, (dh * (load(h + i) - n)) * (z * keep));
    store(dgates + 2 * size + i, (dh * keep) * (one - n * n));
    store(carry + i, dh * z);
  }
}

// dgates: [3 * units][16], row r written; carry, dproduct, h: [units][16]; gates: [3 * units][16]
EXPORT(gru_backward_reset)
void gru_backward_reset(float *restrict dgates, float *restrict carry, const float *restrict dproduct,
                        const float *restrict gates, const float *restrict h, int units) {
  const int size = units * LANES;
  for (int i = 0; i < size; i += WIDTH) {
    vec r = load(gates + size + i), d = load(dproduct + i);
    store(dgates + size + i, (d * load(h + i)) * (r * (splat(1) - r)));
    store(carry + i, fma(d, r, load(carry + i)));
  }
}

// i, f, o = sigmoid, g = tanh in place; c' = f c + i g; h' = o tanh(c'); lanes without this window keep h and c.
// gates: [4 * units][16], i, f, g, o; cell, cellTanh, next, previous, h: [units][16]; counts: int32 [16]
EXPORT(lstm_state)
void lstm_state(float *restrict gates, float *restrict cell, float *restrict cellTanh, float *restrict next,
                const float *restrict previous, const float *restrict h, const int32_t *restrict counts, int window,
                int units) {
  const int size = units * LANES;
  for (int v = 0; v < VECTORS; v++) {
    const bits here = has_window(counts, v, window);
    for (int k = v * WIDTH; k < size; k += LANES) {
      vec i = logistic(load(gates + k)), f = logistic(load(gates + size + k));
      vec g = hyperbolic_tangent(load(gates + 2 * size + k)), o = logistic(load(gates + 3 * size + k));
      store(gates + k, i), store(gates + size + k, f);
      store(gates + 2 * size + k, g), store(gates + 3 * size + k, o);
      vec before = load(previous + k);
      vec c = fma(f, before, i * g);
      vec t = hyperbolic_tangent(c);
      store(cell + k, select(c, before, here));
      store(cellTanh + k, t);
      store(next + k, select(o * t, load(h + k), here));
    }
  }
}

// carry: gradient of h' from later windows; cellCarry: gradient of c' on arrival, of c on leaving.
// dgates: [4 * units][16], written; cellCarry, carry, dy, cellTanh, previous: [units][16]; gates: [4 * units][16]
EXPORT(lstm_backward)
void lstm_backward(float *restrict dgates, float *restrict cellCarry, const float *restrict carry,
                   const float *restrict dy, const float *restrict gates, const float *restrict cellTanh,
                   const float *restrict previous, int units) {
  const int size = units * LANES;
  const vec one = splat(1);
  for (int k = 0; k < size; k += WIDTH) {
    vec i = load(gates + k), f = load(gates + size + k);
    vec g = load(gates + 2 * size + k), o = load(gates + 3 * size + k);
    vec t = load(cellTanh + k);
    vec dh = load(carry + k) + load(dy + k);
    vec dc = fma(dh * o, one - t * t, load(cellCarry + k));
    store(dgates + k, (dc * g) * (i * (one - i)));
    store(dgates + size + k, (dc * load(previous + k)) * (f * (one - f)));
    store(dgates + 2 * size + k, (dc * i) * (one - g * g));
    store(dgates + 3 * size + k, (dh * t) * (o * (one - o)));
    store(cellCarry + k, dc * f);
  }
}

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
  for (int i = 0; i < size; i += 4) {
    store4(gates + i, sigmoid4(load4(gates + i)));
    f4 reset = sigmoid4(load4(r + i));
    store4(r + i, reset);
    store4(product + i, mul4(reset, load4(h + i)));
  }
}

// Candidate and new state: n = tanh(.) in place, h' = z h + (1 - z) n; lanes without this window keep h.
// gates: [3 * units][16]; next, h: [units][16]; counts: int32 [16]
EXPORT(gru_state)
void gru_state(float *restrict gates, float *restrict next, const float *restrict h, const int32_t *restrict counts,
               int window, int units) {
  const int size = units * LANES;
  float *n = gates + 2 * size;
  for (int v = 0; v < LANES / 4; v++) {
    const f4 active = active4(counts, v, window);
    for (int i = v * 4; i < size; i += LANES) {
      f4 z = load4(gates + i), before = load4(h + i), candidate = tanh4(load4(n + i));
      store4(n + i, candidate);
      f4 state = fma4(z, sub4(before, candidate), candidate);
      store4(next + i, select4(state, before, active));
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
  const f4 one = splat4(1);
  for (int i = 0; i < size; i += 4) {
    f4 dh = add4(load4(carry + i), load4(dy + i));
    f4 z = load4(gates + i), n = load4(gates + 2 * size + i);
    f4 keep = sub4(one, z);
    store4(dgates + i, mul4(mul4(dh, sub4(load4(h + i), n)), mul4(z, keep)));
    store4(dgates + 2 * size + i, mul4(mul4(dh, keep), sub4(one, mul4(n, n))));
    store4(carry + i, mul4(dh, z));
  }
}

// dgates: [3 * units][16], row r written; carry, dproduct, h: [units][16]; gates: [3 * units][16]
EXPORT(gru_backward_reset)
void gru_backward_reset(float *restrict dgates, float *restrict carry, const float *restrict dproduct,
                        const float *restrict gates, const float *restrict h, int units) {
  const int size = units * LANES;
  for (int i = 0; i < size; i += 4) {
    f4 r = load4(gates + size + i), d = load4(dproduct + i);
    store4(dgates + size + i, mul4(mul4(d, load4(h + i)), mul4(r, sub4(splat4(1), r))));
    store4(carry + i, fma4(d, r, load4(carry + i)));
  }
}

// i, f, o = sigmoid, g = tanh in place; c' = f c + i g; h' = o tanh(c'); lanes without this window keep h and c.
// gates: [4 * units][16], i, f, g, o; cell, cellTanh, next, previous, h: [units][16]; counts: int32 [16]
EXPORT(lstm_state)
void lstm_state(float *restrict gates, float *restrict cell, float *restrict cellTanh, float *restrict next,
                const float *restrict previous, const float *restrict h, const int32_t *restrict counts, int window,
                int units) {
  const int size = units * LANES;
  for (int v = 0; v < LANES / 4; v++) {
    const f4 active = active4(counts, v, window);
    for (int k = v * 4; k < size; k += LANES) {
      f4 i = sigmoid4(load4(gates + k)), f = sigmoid4(load4(gates + size + k));
      f4 g = tanh4(load4(gates + 2 * size + k)), o = sigmoid4(load4(gates + 3 * size + k));
      store4(gates + k, i), store4(gates + size + k, f);
      store4(gates + 2 * size + k, g), store4(gates + 3 * size + k, o);
      f4 before = load4(previous + k);
      f4 c = fma4(f, before, mul4(i, g));
      f4 t = tanh4(c);
      store4(cell + k, select4(c, before, active));
      store4(cellTanh + k, t);
      store4(next + k, select4(mul4(o, t), load4(h + k), active));
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
  const f4 one = splat4(1);
  for (int k = 0; k < size; k += 4) {
    f4 i = load4(gates + k), f = load4(gates + size + k);
    f4 g = load4(gates + 2 * size + k), o = load4(gates + 3 * size + k);
    f4 t = load4(cellTanh + k);
    f4 dh = add4(load4(carry + k), load4(dy + k));
    f4 dc = fma4(mul4(dh, o), sub4(one, mul4(t, t)), load4(cellCarry + k));
    store4(dgates + k, mul4(mul4(dc, g), mul4(i, sub4(one, i))));
    store4(dgates + size + k, mul4(mul4(dc, load4(previous + k)), mul4(f, sub4(one, f))));
    store4(dgates + 2 * size + k, mul4(mul4(dc, i), sub4(one, mul4(g, g))));
    store4(dgates + 3 * size + k, mul4(mul4(dh, t), mul4(o, sub4(one, o))));
    store4(cellCarry + k, mul4(dc, f));
  }
}

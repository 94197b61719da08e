/*
 * Sigmoid and tanh without tables: a kilobyte of flash less. Arguments are Q3.12, values Q0.15.
 */
#include "ecg_gate.h"

ECG_INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

/*
 * The sigmoid of |x| as the lowest of straight lines whose slopes are powers of two, at most 0.0189 from it. The lines are
 * those of PLAN (Amin, Curtis and Hayes-Gill 1997, "Piecewise linear approximation applied to nonlinear function of a
 * neural network"): 1/2 + |x| / 4, 5/8 + |x| / 8, 27/32 + |x| / 32, 1. From 16384 to 32768.
 */
ECG_INLINE int32_t lines(int32_t x /* |x| */) {
  return smaller(smaller(16384 + 2 * x, 20480 + x), smaller(27648 + ((x + 2) >> 2), 32768));
}

int32_t ecg_sigmoid_linear(int32_t x) { return x < 0 ? 32768 - lines(-x) : smaller(lines(x), 32767); }

/* 2 sigmoid(2 x) - 1, at most 0.0379 from tanh x. */
int32_t ecg_tanh_linear(int32_t x) {
  return x < 0 ? 32768 - 2 * lines(-2 * x) : smaller(2 * lines(2 * x) - 32768, 32767);
}

/* 0.2 x + 1/2 between 0 and 1. */
int32_t ecg_sigmoid_hard(int32_t x) {
  const int32_t y = 16384 + ((x * 52429 + 16384) >> 15);
  return y < 0 ? 0 : smaller(y, 32767);
}

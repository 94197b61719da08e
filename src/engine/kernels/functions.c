// The functions of functions.h over arrays, for the accuracy tests; and the probe of fused multiply-add.
#include "functions.h"

enum { EXP, LOG, TANH, SIGMOID };

// y, x: [count], count a multiple of 16
EXPORT(map_function)
void map_function(int function, float *y, const float *x, int count) {
  for (int i = 0; i < count; i += WIDTH) {
    vec v = load(x + i);
    store(y + i, function == EXP    ? exponential(v)
                 : function == LOG  ? logarithm(v)
                 : function == TANH ? hyperbolic_tangent(v)
                                    : logistic(v));
  }
}

// 1 where fma rounds once: (1 + e)(1 - e) - 1 is -e^2, but 0 when the product is rounded first. `e` comes from the
// caller so that the compiler cannot compute the answer at build time.
EXPORT(fused_probe)
int fused_probe(float e) {
  vec r = fma(splat(1.0f + e), splat(1.0f - e), splat(-1.0f));
  return r[0] != 0.0f;
}

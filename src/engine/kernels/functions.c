// The functions of functions.h over arrays, for the accuracy tests; and the probe of fused multiply-add.
#include "functions.h"

enum { EXP, LOG, TANH, SIGMOID };

// y, x: [count], count a multiple of 4
EXPORT(map_function)
void map_function(int function, float *y, const float *x, int count) {
  for (int i = 0; i < count; i += 4) {
    f4 v = load4(x + i);
    store4(y + i, function == EXP ? exp4(v) : function == LOG ? log4(v) : function == TANH ? tanh4(v) : sigmoid4(v));
  }
}

// 1 where fma4 rounds once: (1 + e)(1 - e) - 1 is -e^2, but 0 when the product is rounded first. `e` comes from the
// caller so that the compiler cannot compute the answer at build time.
EXPORT(fused_probe)
int fused_probe(float e) {
  f4 r = fma4(splat4(1.0f + e), splat4(1.0f - e), splat4(-1.0f));
  return wasm_f32x4_extract_lane(r, 0) != 0.0f;
}

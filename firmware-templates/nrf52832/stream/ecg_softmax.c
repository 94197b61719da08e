#include "ecg_softmax.h"

/* round(65536 * 2^(-i / 32)) */
static const uint32_t powers[33] = {
    65536, 64132, 62757, 61413, 60097, 58809, 57549, 56316, 55109, 53928, 52773,
    51642, 50535, 49452, 48393, 47356, 46341, 45348, 44376, 43425, 42495, 41584,
    40693, 39821, 38968, 38133, 37316, 36516, 35734, 34968, 34219, 33486, 32768,
};

/* log2(e) in Q14. */
#define LOG2E 23637

/* 2^-x in Q16, x in Q20. */
static uint32_t power(int64_t x) {
  const int64_t whole = x >> 20;
  if (whole > 17) return 0;
  const int32_t rest = (int32_t)(x & 0xFFFFF);
  const int32_t i = rest >> 15, between = rest & 0x7FFF;
  const uint32_t value = powers[i] - (((powers[i] - powers[i + 1]) * (uint32_t)between + 0x4000u) >> 15);
  return value >> whole;
}

void ecg_softmax(const int16_t *logits /* [count] */, int32_t count, int32_t fraction, uint16_t *probabilities /* [count] */) {
  int32_t largest = logits[0];
  for (int32_t c = 1; c < count; c++) largest = logits[c] > largest ? logits[c] : largest;
  const int32_t shift = 14 + fraction - 20;
  uint32_t sum = 0;
  for (int32_t c = 0; c < count; c++) {
    const int64_t scaled = (int64_t)(largest - logits[c]) * LOG2E;
    sum += power(shift >= 0 ? scaled >> shift : scaled * ((int64_t)1 << -shift));
  }
  for (int32_t c = 0; c < count; c++) {
    const int64_t scaled = (int64_t)(largest - logits[c]) * LOG2E;
    const uint32_t e = power(shift >= 0 ? scaled >> shift : scaled * ((int64_t)1 << -shift));
    /* In 32 bits, which are 700 bytes of code less: e is at most 65536. The remainder rounds, half up. */
    const uint32_t share = e * 65535u / sum, rest = e * 65535u - share * sum;
    probabilities[c] = (uint16_t)(share + (rest >= sum - rest));
  }
}

#include "ecg_expand.h"

#include "ecg_dsp.h"

/* A few words; the barrier keeps the compiler from calling memset for them. */
ECG_INLINE uint32_t *zeros(uint32_t *to, const uint32_t *end) {
  while (to < end) {
    *to++ = 0;
    __asm volatile("");
  }
  return to;
}

void ecg_expand_channels(const int8_t *a, const int8_t *b, int32_t length, int32_t padding, int32_t words,
                         uint32_t *to) {
  const int32_t room = words - padding;
  int32_t count = length < room ? length : room;
  uint32_t *const end = to + words;
  to = zeros(to, to + padding);
  if (b) {
    for (const int8_t *const last = a + (count & ~3); a != last;) {
      const uint32_t four_a = ecg_load_word(a), four_b = ecg_load_word(b);
      const uint32_t even_a = ecg_even_bytes(four_a), odd_a = ecg_odd_bytes(four_a);
      const uint32_t even_b = ecg_even_bytes(four_b), odd_b = ecg_odd_bytes(four_b);
      to[0] = ecg_lows(even_a, even_b);
      to[1] = ecg_lows(odd_a, odd_b);
      to[2] = ecg_highs(even_a, even_b);
      to[3] = ecg_highs(odd_a, odd_b);
      a += 4;
      b += 4;
      to += 4;
    }
    ECG_NO_UNROLL
    for (count &= 3; count > 0; count--) *to++ = ecg_lows((uint32_t)*a++, (uint32_t)*b++);
  } else {
    for (; count > 0; count--) *to++ = (uint32_t)*a++ & 0xFFFFu;
  }
  zeros(to, end);
}

void ecg_expand_vector(const void *x, int32_t bits, int32_t count, int16_t *to) {
  const int16_t *x16 = (const int16_t *)x;
  const int8_t *x8 = (const int8_t *)x;
  int32_t i = 0;
  if (bits == 16) {
    for (; i < count; i++) to[i] = x16[i];
  } else {
    for (; i + 4 <= count; i += 4) {
      const uint32_t four = ecg_load_word(x8 + i);
      const uint32_t even = ecg_even_bytes(four), odd = ecg_odd_bytes(four);
      uint32_t *const pairs = (uint32_t *)(to + i);
      pairs[0] = ecg_lows(even, odd);
      pairs[1] = ecg_highs(even, odd);
    }
    for (; i < count; i++) to[i] = x8[i];
  }
  for (; i & 3; i++) to[i] = 0;
}

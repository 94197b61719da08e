#include "ecg_weight_words.h"

#include "ecg_dsp.h"

void ecg_expand_words(const uint32_t *from, int32_t words, uint32_t *to) {
  const uint32_t *const end = to + words;
  const uint32_t lower = 0x0F0F0F0Fu, eights = 0x08080808u;
  while (to != end) {
    const uint32_t both = *from++;
    to[0] = ecg_subtract_bytes(both & lower, eights);
    to[1] = ecg_subtract_bytes(both >> 4 & lower, eights);
    to += 2;
  }
}

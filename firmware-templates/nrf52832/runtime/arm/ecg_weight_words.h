/*
 * Words of four int8 weights from the tables of the kernels in this folder. With four-bit weights a word of a table holds
 * two of them: the bytes of the first in the lower halves of its bytes, those of the second in the upper, each weight as
 * an unsigned number that is 8 too large. Every pass begins with a word of its own.
 */
#ifndef ECG_WEIGHT_WORDS_H
#define ECG_WEIGHT_WORDS_H

#include "ecg_runtime.h"

/* `words`, an even number, from `from` to `to`. */
void ecg_expand_words(const uint32_t *from /* [words / 2] */, int32_t words, uint32_t *to /* [words] */);

/* Words that a pass takes in the table when it is expanded. */
ECG_INLINE int32_t ecg_stored_words(const ecg_block *block, int32_t words) {
  return block->weight_bits == 8 ? words : (words + 1) & ~1;
}

/* `words` words of a pass, `at` words of passes after the start of the table; of eight bits where they are, of four in `room`. */
ECG_INLINE const uint32_t *ecg_weight_words(const ecg_block *block, const void *table, int32_t at, int32_t words,
                                            uint32_t *room /* [words] */) {
  if (block->weight_bits == 8) return (const uint32_t *)table + at;
  ecg_expand_words((const uint32_t *)table + (at >> 1), words, room);
  return room;
}

#endif

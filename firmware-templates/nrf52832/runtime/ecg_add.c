#include "ecg_fixed.h"

/* Both sides are brought to the wider format by multiplication, added in int32, then one shift and one saturation. */
void ecg_add(const ecg_block *block, uint8_t *memory) {
  const int8_t *a = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  const int8_t *b = (const int8_t *)(memory + block->input[1].offset); /* [channels][length] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [channels][length] */
  const int32_t scale_a = (int32_t)(1u << block->left_shift[0]);
  const int32_t scale_b = (int32_t)(1u << block->left_shift[1]);
  const int32_t length = block->output.length;
  for (int32_t c = 0; c < block->output.channels; c++) {
    const int32_t shift = ecg_shift(block, c);
    for (int32_t p = 0; p < length; p++) {
      const int32_t value = ecg_activate(block, *a++ * scale_a + *b++ * scale_b);
      *y++ = ecg_requantize8(value, 0, shift);
    }
  }
}

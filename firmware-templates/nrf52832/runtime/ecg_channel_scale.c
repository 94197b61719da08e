#include "ecg_gate.h"

/*
 * y = x sigmoid(s): each channel times the logistic function of its value in s. That value is brought to Q3.12, its
 * function is Q0.15; the product is rounded once.
 */
ECG_INLINE void channel_scale(const ecg_block *block, uint8_t *memory, int32_t gates) {
  const ecg_tensor *of_s = &block->input[1];
  const int8_t *x = (const int8_t *)(memory + block->input[0].offset); /* [channels][length] */
  const int8_t *s = (const int8_t *)(memory + of_s->offset);           /* [channels] */
  int8_t *y = (int8_t *)(memory + block->output.offset);               /* [channels][length] */
  const int32_t length = block->output.length;
  for (int32_t c = 0; c < block->output.channels; c++) {
    const int32_t argument = ecg_saturate16(ecg_round_shift(s[c], of_s->fraction - 12));
    const int32_t gate = ecg_sigmoid(argument, gates);
    const int32_t shift = ecg_shift(block, c);
    for (int32_t p = 0; p < length; p++) *y++ = ecg_requantize8(*x++ * gate, 0, shift);
  }
}

void ecg_channel_scale(const ecg_block *block, uint8_t *memory) { channel_scale(block, memory, 0); }

void ecg_channel_scale_linear(const ecg_block *block, uint8_t *memory) {
  channel_scale(block, memory, ECG_GATES_LINEAR);
}

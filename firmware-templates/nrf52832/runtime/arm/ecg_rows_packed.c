#include "ecg_rows_packed.h"

#include "ecg_dsp.h"

/* An odd number of quads begins in the middle of the loop, which has two. */
#define BEGIN                                                                                                \
  "push {r2, r4-r11, lr}\n"                                                                                  \
  "lsls r2, r3, #31\n"                                                                                       \
  "add r3, r1, r3, lsl #4\n"                                                                                 \
  "mov r4, #0\n"                                                                                             \
  "mov r5, #0\n"                                                                                             \
  "mov r6, #0\n"                                                                                             \
  "mov r7, #0\n"                                                                                             \
  "bne 2f\n"                                                                                                 \
  "1:\n"

#define LOAD                                                                                                 \
  "ldrd r12, lr, [r0], #8\n"                                                                                 \
  "ldm r1!, {r8-r11}\n"

/* `sum` of one row: two columns by the even bytes of its word, two by the odd ones. */
#define ROW(sum, w)                                                                                          \
  "sxtb16 r2, " w "\n"                                                                                       \
  "smlad " sum ", r12, r2, " sum "\n"                                                                        \
  "sxtb16 " w ", " w ", ror #8\n"                                                                            \
  "smlad " sum ", lr, " w ", " sum "\n"

#define FOUR_ROWS LOAD ROW("r4", "r8") ROW("r5", "r9") ROW("r6", "r10") ROW("r7", "r11")

/* r0 x, r1 w, r3 end of w, r4-r7 sums, r8-r11 weights, r12 lr samples. */
__attribute__((naked)) void ecg_rows_packed(ECG_UNUSED const int16_t *x, ECG_UNUSED const uint32_t *w,
                                            ECG_UNUSED int32_t *sum, ECG_UNUSED int32_t quads) {
  __asm volatile(
      BEGIN
      FOUR_ROWS "2:\n" FOUR_ROWS
      "cmp r1, r3\n"
      "bne 1b\n"
      "pop {r2}\n"
      "stm r2, {r4-r7}\n"
      "pop {r4-r11, pc}\n");
}

#define FOLDED(even, both, x, w)                                                                             \
  "sxtb16 r2, " w "\n"                                                                                       \
  "smlad " both ", " x ", " w ", " both "\n"                                                                 \
  "smlad " even ", " x ", r2, " even "\n"

#define FOUR_FOLDED                                                                                          \
  LOAD FOLDED("r4", "r5", "r12", "r8") FOLDED("r4", "r5", "lr", "r9")                                        \
  FOLDED("r6", "r7", "r12", "r10") FOLDED("r6", "r7", "lr", "r11")

/* r4 r6 sums of the even rows, r5 r7 of 256 odd + even. */
__attribute__((naked)) void ecg_rows_folded(ECG_UNUSED const int16_t *x, ECG_UNUSED const uint32_t *w,
                                            ECG_UNUSED int32_t *sum, ECG_UNUSED int32_t quads) {
  __asm volatile(
      BEGIN
      FOUR_FOLDED "2:\n" FOUR_FOLDED
      "cmp r1, r3\n"
      "bne 1b\n"
      "sub r5, r5, r4\n"
      "sub r7, r7, r6\n"
      "asr r5, r5, #8\n"
      "asr r7, r7, #8\n"
      "pop {r2}\n"
      "stm r2, {r4-r7}\n"
      "pop {r4-r11, pc}\n");
}

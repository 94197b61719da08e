// Which vectors this x86 processor has and the system saves. Asked of the processor itself, since what compilers bring for
// it (__builtin_cpu_supports) is not at hand for every system that the add-on is built for.
// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 14.3 and 15.3.
#pragma once
#include <cpuid.h>
#include <stdint.h>

enum { SAVES_YMM = 0x6, SAVES_ZMM = 0xe6 };

// XCR0: the registers that the system saves.
static inline uint32_t saved_registers(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int has_avx2(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  if (!(c & bit_OSXSAVE) || !(c & bit_AVX) || !(c & bit_FMA)) return 0;
  if ((saved_registers() & SAVES_YMM) != SAVES_YMM) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}

static int has_avx512(void) {
  unsigned a, b, c, d;
  const unsigned wanted = bit_AVX512F | bit_AVX512VL | bit_AVX512BW | bit_AVX512DQ;
  if (!has_avx2() || (saved_registers() & SAVES_ZMM) != SAVES_ZMM) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & wanted) == wanted;
}

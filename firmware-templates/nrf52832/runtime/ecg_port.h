/*
 * Everything that the runtime asks of a compiler and a C library. A port changes this file and no other.
 *
 * Assumed of every compiler, and checked by the tests on both targets: two's complement, and >> of a negative number
 * copies its sign bit.
 */
#ifndef ECG_PORT_H
#define ECG_PORT_H

#include <stddef.h>
#include <stdint.h>

#define ECG_INLINE static inline __attribute__((always_inline))

/* Inner loops are functions of their own, so that a compiler gives them all of the registers. */
#define ECG_NOINLINE static __attribute__((noinline))

/* Loops over a handful of taps whose number is known at compile time are unrolled; clang does so unasked. */
#if defined(__GNUC__) && !defined(__clang__)
#define ECG_UNROLL _Pragma("GCC unroll 8")
#else
#define ECG_UNROLL
#endif

ECG_INLINE void ecg_copy(void *to, const void *from, size_t bytes) { __builtin_memcpy(to, from, bytes); }

ECG_INLINE void ecg_clear(void *to, size_t bytes) { __builtin_memset(to, 0, bytes); }

#endif

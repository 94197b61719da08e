// A vector of floats as wide as the processor's, and the 16 records ("lanes") that every tensor of the engine interleaves.
// One source for three builds: WebAssembly with and without relaxed SIMD (4 floats), and native code for AVX2 (8) and
// AVX-512 (16).
#pragma once
#include <stdint.h>

// Records in a group: the innermost axis of every activation tensor, one cache line.
#define LANES 16

#if defined(__wasm__)
#include <wasm_simd128.h>
#define WIDTH 4
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX2__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
// Natively, all kernels of an instruction set are one translation unit with a table of its own.
#define EXPORT(name) static
#endif

// Vectors that hold one position's lanes.
#define VECTORS (LANES / WIDTH)
// For the few vectors of a position: straight-line code.
#define EACH(v) _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)
#define UNROLL _Pragma("clang loop unroll(full)")
// V8 turns unrolled reductions into dependent chains and spills: reduction loops stay loops.
#define NO_UNROLL _Pragma("clang loop unroll(disable) vectorize(disable)")
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(WIDTH * 4)));
// A comparison's result: all ones where it holds.
typedef int32_t bits __attribute__((vector_size(WIDTH * 4)));
// In memory floats are aligned as floats.
typedef float unaligned_vec __attribute__((vector_size(WIDTH * 4), aligned(4)));
typedef int32_t unaligned_bits __attribute__((vector_size(WIDTH * 4), aligned(4)));

INLINE vec load(const float *p) { return *(const unaligned_vec *)p; }
INLINE void store(float *p, vec v) { *(unaligned_vec *)p = v; }
INLINE bits load_bits(const int32_t *p) { return *(const unaligned_bits *)p; }
INLINE vec splat(float v) { return v - (vec){}; }
INLINE bits splat_bits(int32_t v) { return v - (bits){}; }
INLINE vec select(vec yes, vec no, bits mask) { return (vec)(((bits)yes & mask) | ((bits)no & ~mask)); }
INLINE vec keep(vec v, bits mask) { return (vec)((bits)v & mask); }
INLINE vec to_float(bits v) { return __builtin_convertvector(v, vec); }
INLINE vec root(vec v) { return __builtin_elementwise_sqrt(v); }
INLINE vec absolute(vec v) { return __builtin_elementwise_abs(v); }
INLINE vec nearest(vec v) { return __builtin_elementwise_roundeven(v); }

#if defined(__wasm__)
INLINE vec larger(vec a, vec b) { return (vec)wasm_f32x4_pmax((v128_t)a, (v128_t)b); }
INLINE vec smaller(vec a, vec b) { return (vec)wasm_f32x4_pmin((v128_t)a, (v128_t)b); }
INLINE bits to_int(vec v) { return (bits)wasm_i32x4_trunc_sat_f32x4((v128_t)v); }
#else
// The same: the second only where it is larger (smaller), so that NaN in the second is dropped.
INLINE vec larger(vec a, vec b) { return select(b, a, a < b); }
INLINE vec smaller(vec a, vec b) { return select(b, a, b < a); }
INLINE bits to_int(vec v) { return __builtin_convertvector(v, bits); }
#endif

// a * b + c; fused where the instruction set has it (relaxed-simd leaves that to the processor).
INLINE vec fma(vec a, vec b, vec c) {
#if defined(__wasm_relaxed_simd__)
  return (vec)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#elif defined(__wasm__)
  return a * b + c;
#else
  return __builtin_elementwise_fma(a, b, c);
#endif
}

typedef float quad __attribute__((vector_size(16), aligned(4)));

// Sums of the quarters of a vector that are 4, 8 and 12 elements apart.
INLINE quad fold(vec v) {
#if WIDTH == 16
  typedef float half __attribute__((vector_size(32)));
  const half h = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                 __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  const vec h = v;
#endif
#if WIDTH > 4
  return __builtin_shufflevector(h, h, 0, 1, 2, 3) + __builtin_shufflevector(h, h, 4, 5, 6, 7);
#else
  return h;
#endif
}

// Sum of a vector's elements; the order of the additions is fixed.
INLINE float sum(vec v) {
  const quad q = fold(v);
  return (q[0] + q[1]) + (q[2] + q[3]);
}

// The same of four vectors.
INLINE quad sums_of_four(const vec v[4]) {
  const quad a = fold(v[0]), b = fold(v[1]), c = fold(v[2]), d = fold(v[3]);
  const quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const quad AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const quad q0 = __builtin_shufflevector(ab, cd, 0, 1, 4, 5), q1 = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  const quad q2 = __builtin_shufflevector(AB, CD, 0, 1, 4, 5), q3 = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
  return (q0 + q1) + (q2 + q3);
}

// All ones in the lanes v*WIDTH ... whose record has a window `window`.
// counts: int32 [16]
INLINE bits has_window(const int32_t *counts, int v, int window) {
  return load_bits(counts + v * WIDTH) > splat_bits(window);
}

// One bit an element, set where it is positive.
INLINE unsigned positive_vector(vec x) {
#if defined(__wasm__)
  return wasm_i32x4_bitmask((v128_t)(x > splat(0)));
#else
  typedef _Bool flags __attribute__((ext_vector_type(WIDTH)));
  const flags f = __builtin_convertvector(x > splat(0), flags);
  unsigned m = 0;
  __builtin_memcpy(&m, &f, WIDTH <= 8 ? 1 : 2);
  return m;
#endif
}

// The same of a position, one bit a lane.
INLINE uint16_t positive(const vec *x) {
  unsigned mask = 0;
  EACH(v) mask |= positive_vector(x[v]) << (v * WIDTH);
  return (uint16_t)mask;
}

// All ones in the lanes of vector v whose bit is set.
INLINE bits lanes_of(unsigned mask, int v) {
  bits bit;
  UNROLL
  for (int i = 0; i < WIDTH; i++) bit[i] = 1 << i;
  return (splat_bits((int32_t)(mask >> (v * WIDTH))) & bit) != 0;
}

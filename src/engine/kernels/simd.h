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

// Sum of a vector's elements; the order of the additions is fixed.
INLINE float sum(vec v) {
#if WIDTH == 16
  typedef float half __attribute__((vector_size(32)));
  half h = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
           __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif WIDTH == 8
  vec h = v;
#endif
#if WIDTH > 4
  typedef float quarter __attribute__((vector_size(16)));
  quarter q = __builtin_shufflevector(h, h, 0, 1, 2, 3) + __builtin_shufflevector(h, h, 4, 5, 6, 7);
#else
  vec q = v;
#endif
  return (q[0] + q[1]) + (q[2] + q[3]);
}

// Of every four elements of a and b: a0 b0 a1 b1; a2 b2 a3 b3; a0 a1 b0 b1; a2 a3 b2 b3.
#if WIDTH == 16
#define QUADS(a, b, i, j, k, l) \
  __builtin_shufflevector(a, b, i, j, k, l, i + 4, j + 4, k + 4, l + 4, i + 8, j + 8, k + 8, l + 8, i + 12, j + 12, \
                          k + 12, l + 12)
#elif WIDTH == 8
#define QUADS(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l, i + 4, j + 4, k + 4, l + 4)
#else
#define QUADS(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#endif
INLINE vec low_pairs(vec a, vec b) { return QUADS(a, b, 0, WIDTH, 1, WIDTH + 1); }
INLINE vec high_pairs(vec a, vec b) { return QUADS(a, b, 2, WIDTH + 2, 3, WIDTH + 3); }
INLINE vec low_halves(vec a, vec b) { return QUADS(a, b, 0, 1, WIDTH, WIDTH + 1); }
INLINE vec high_halves(vec a, vec b) { return QUADS(a, b, 2, 3, WIDTH + 2, WIDTH + 3); }

// Sums of the elements of 4 x 4 (WIDTH 16), 2 x 4 (8) or 1 x 4 (4) vectors: element 4 i + j is the sum of v[i][j].
INLINE vec sums_of(const vec (*v)[4]) {
  vec quads[4];
  UNROLL
  for (int j = 0; j < 4; j++) {
#if WIDTH == 16
    const vec a = v[0][j], b = v[1][j], c = v[2][j], d = v[3][j];
    const vec ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                   __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const vec cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                   __builtin_shufflevector(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    quads[j] = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
               __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
#elif WIDTH == 8
    quads[j] = __builtin_shufflevector(v[0][j], v[1][j], 0, 1, 2, 3, 8, 9, 10, 11) +
               __builtin_shufflevector(v[0][j], v[1][j], 4, 5, 6, 7, 12, 13, 14, 15);
#else
    quads[j] = v[0][j];
#endif
  }
  // Within the quads of four elements.
  const vec low = low_pairs(quads[0], quads[1]) + high_pairs(quads[0], quads[1]);
  const vec high = low_pairs(quads[2], quads[3]) + high_pairs(quads[2], quads[3]);
  return low_halves(low, high) + high_halves(low, high);
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

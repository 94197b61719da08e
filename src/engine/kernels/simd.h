// Four floats at a time, and the 16 records ("lanes") that every tensor of the engine interleaves.
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

// Records in a group: the innermost axis of every activation tensor, four vectors, one cache line.
#define LANES 16

typedef v128_t f4;

#define EXPORT(name) __attribute__((export_name(#name)))
// V8 turns unrolled reductions into dependent chains and spills: reduction loops stay loops.
#define NO_UNROLL _Pragma("clang loop unroll(disable) vectorize(disable)")

static inline f4 load4(const float *p) { return wasm_v128_load(p); }
static inline void store4(float *p, f4 v) { wasm_v128_store(p, v); }
static inline f4 splat4(float v) { return wasm_f32x4_splat(v); }
static inline f4 splat4_from(const float *p) { return wasm_v128_load32_splat(p); }
static inline f4 add4(f4 a, f4 b) { return wasm_f32x4_add(a, b); }
static inline f4 sub4(f4 a, f4 b) { return wasm_f32x4_sub(a, b); }
static inline f4 mul4(f4 a, f4 b) { return wasm_f32x4_mul(a, b); }
static inline f4 div4(f4 a, f4 b) { return wasm_f32x4_div(a, b); }
static inline f4 max4(f4 a, f4 b) { return wasm_f32x4_pmax(a, b); }
static inline f4 min4(f4 a, f4 b) { return wasm_f32x4_pmin(a, b); }
static inline f4 select4(f4 yes, f4 no, f4 mask) { return wasm_v128_bitselect(yes, no, mask); }

// a * b + c; fused where the instruction set has it (relaxed-simd leaves that to the processor).
static inline f4 fma4(f4 a, f4 b, f4 c) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(a, b, c);
#else
  return add4(mul4(a, b), c);
#endif
}

// Sums of a's, b's, c's and d's four elements, as one vector. The order of the additions is fixed.
static inline f4 sums4(f4 a, f4 b, f4 c, f4 d) {
  f4 ab0 = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab1 = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  f4 cd0 = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd1 = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  f4 ab = add4(ab0, ab1), cd = add4(cd0, cd1);
  return add4(wasm_i64x2_shuffle(ab, cd, 0, 2), wasm_i64x2_shuffle(ab, cd, 1, 3));
}

static inline float sum4(f4 a) {
  return wasm_f32x4_extract_lane(sums4(a, a, a, a), 0);
}

// All ones in the lanes v*4 ... v*4+3 whose record has a window `window`.
// counts: int32 [16], windows of each lane's record
static inline f4 active4(const int32_t *counts, int v, int window) {
  return wasm_i32x4_gt(wasm_v128_load(counts + v * 4), wasm_i32x4_splat(window));
}

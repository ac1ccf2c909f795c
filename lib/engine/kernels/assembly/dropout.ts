import { load4, splat, store4 } from "./math";

/**
 * y[i] = x[i] / (1 - rate) where the hash of (seed, offset + i) is at least `threshold`
 * (rate · 2³²), else 0; `scale` is 1 / (1 - rate). `y` may be the same memory as `x`.
 */
export function dropout(
  x: usize,
  y: usize,
  length: i32,
  threshold: u32,
  scale: f32,
  seed: u32,
  offset: u32,
): void {
  const a = i32x4.splat(mix(seed ^ 0x9e3779b9));
  const b = i32x4.splat(mix(seed + 0x85ebca6b));
  const limit = i32x4.splat(threshold);
  let counter = i32x4.add(i32x4.splat(offset), i32x4(0, 1, 2, 3));
  const s = splat(scale);
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = usize(j) << 2;
    const keep = i32x4.ge_u(hash4(counter, a, b), limit);
    v128.store(y + at, v128.and(f32x4.mul(v128.load(x + at), s), keep));
    counter = i32x4.add(counter, i32x4.splat(4));
  }
  if (j < length) {
    const at = usize(j) << 2;
    const keep = i32x4.ge_u(hash4(counter, a, b), limit);
    store4(y + at, v128.and(f32x4.mul(load4(x + at, length - j), s), keep), length - j);
  }
}

/** The finaliser of splitmix32, as in lib/random.ts. */
function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x21f0aaad;
  x = (x ^ (x >> 15)) * 0x735a2d97;
  return x ^ (x >> 15);
}

/** The same finaliser on a counter, keyed before and between the multiplications. */
@inline
function hash4(counter: v128, a: v128, b: v128): v128 {
  let x = i32x4.mul(v128.xor(counter, a), i32x4.splat(0x9e3779b1));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(i32x4.add(x, b), i32x4.splat(0x21f0aaad));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

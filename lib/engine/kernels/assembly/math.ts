// Vector mathematics on four float32 at a time. Polynomials and arithmetic only: a table would need
// a data segment, which would overwrite the memory of the backend that the kernels share.

/** a · b + c: one rounding in the relaxed build where the processor can, two in the plain build. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** Four floats at `p`; with `count` below 4 only as many, the rest 0. */
@inline
export function load4(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  return loadPart(p, count);
}

/** Stores the first `count` floats of `x` at `p`. */
@inline
export function store4(p: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(p, x);
  else storePart(p, x, count);
}

function loadPart(p: usize, count: i32): v128 {
  let x = f32x4.splat(0);
  if (count > 0) x = f32x4.replace_lane(x, 0, load<f32>(p));
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(p, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(p, 8));
  return x;
}

function storePart(p: usize, x: v128, count: i32): void {
  if (count > 0) store<f32>(p, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(p, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(p, f32x4.extract_lane(x, 2), 8);
}

/**
 * 1.5 · 2²³ + 127: adding it rounds to an integer and leaves that, biased as an exponent, below.
 */
const ROUND: f32 = 12583039;

/**
 * eˣ, relative error below 2e-7; 0 and infinity lie outside [-87.3, 88.3], where the result stops
 * changing. Cody–Waite reduction and the polynomial of Cephes' expf. NaN stays NaN: pmin and pmax
 * return their first argument when the comparison fails.
 */
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, splat(88.37)), splat(-87.33));
  const shifted = fma(x, splat(1.44269504088896341), splat(ROUND));
  const n = f32x4.sub(shifted, splat(ROUND));
  let r = fma(n, splat(-0.693359375), x);
  r = fma(n, splat(2.12194440e-4), r);
  let p = fma(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = fma(p, r, splat(8.3334519073e-3));
  p = fma(p, r, splat(4.1665795894e-2));
  p = fma(p, r, splat(1.6666665459e-1));
  p = fma(p, r, splat(5.0000001201e-1));
  p = fma(f32x4.mul(p, r), r, f32x4.add(r, splat(1)));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/** Natural logarithm of a positive normal number, relative error below 2e-7 (Cephes' logf). */
export function logarithm(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  let exponent = f32((bits >> 23) - 126);
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000); // [0.5, 1)
  if (m < 0.707106781186547524) {
    exponent -= 1;
    m = m + m - 1;
  } else {
    m = m - 1;
  }
  const s = m * m;
  let p: f32 = 7.0376836292e-2;
  p = p * m - 1.1514610310e-1;
  p = p * m + 1.1676998740e-1;
  p = p * m - 1.2420140846e-1;
  p = p * m + 1.4249322787e-1;
  p = p * m - 1.6668057665e-1;
  p = p * m + 2.0000714765e-1;
  p = p * m - 2.4999993993e-1;
  p = p * m + 3.3333331174e-1;
  let y = p * m * s;
  y += exponent * f32(-2.12194440e-4);
  y -= s * 0.5;
  return m + y + exponent * f32(0.693359375);
}

/** The sum of the four lanes, always in the same order. */
@inline
export function sum4(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

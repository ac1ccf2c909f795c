import { fma, load4, splat, store4, sum4 } from "./math";

/**
 * One step of Adam as Keras 3 does it, on `length` parameters: gradient · gradientScale, both
 * moments, parameters -= rate · m / (√v + epsilon), where rate = learningRate · √(1 - beta2ᵗ) / (1
 * - beta1ᵗ). First the parameters shrink by `decay` (learningRate · weightDecay; 0 for none).
 */
export function adam(
  parameters: usize,
  firstMoment: usize,
  secondMoment: usize,
  gradient: usize,
  length: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  gradientScale: f32,
  decay: f32,
): void {
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = usize(j) << 2;
    adam4(parameters + at, firstMoment + at, secondMoment + at, gradient + at, 4,
      rate, beta1, beta2, epsilon, gradientScale, decay);
  }
  const at = usize(j) << 2;
  if (j < length) {
    adam4(parameters + at, firstMoment + at, secondMoment + at, gradient + at, length - j,
      rate, beta1, beta2, epsilon, gradientScale, decay);
  }
}

@inline
function adam4(
  parameters: usize,
  firstMoment: usize,
  secondMoment: usize,
  gradient: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  gradientScale: f32,
  decay: f32,
): void {
  const g = f32x4.mul(load4(gradient, count), splat(gradientScale));
  let m = load4(firstMoment, count);
  let v = load4(secondMoment, count);
  m = fma(f32x4.sub(g, m), splat(1 - beta1), m);
  v = fma(f32x4.sub(f32x4.mul(g, g), v), splat(1 - beta2), v);
  let p = f32x4.mul(load4(parameters, count), splat(1 - decay));
  const step = f32x4.div(m, f32x4.add(f32x4.sqrt(v), splat(epsilon)));
  p = f32x4.sub(p, f32x4.mul(splat(rate), step));
  store4(firstMoment, m, count);
  store4(secondMoment, v, count);
  store4(parameters, p, count);
}

/**
 * Σ x², summed in float32 over runs of 512 and in float64 over the runs, always in the same order.
 */
export function sumOfSquares(x: usize, length: i32): f64 {
  let total: f64 = 0;
  for (let from = 0; from < length; from += 512) {
    const to = min(from + 512, length);
    let a = splat(0);
    let b = splat(0);
    let j = from;
    for (; j + 8 <= to; j += 8) {
      const at = x + (usize(j) << 2);
      const p = v128.load(at);
      const q = v128.load(at, 16);
      a = fma(p, p, a);
      b = fma(q, q, b);
    }
    for (; j < to; j += 4) {
      const p = load4(x + (usize(j) << 2), to - j);
      a = fma(p, p, a);
    }
    total += f64(sum4(a)) + f64(sum4(b));
  }
  return total;
}

import { exp4, load4, logarithm, splat, store4, sum4 } from "./math";
import { scale } from "./rows";

/**
 * Probabilities [N,V] and negative log likelihoods `perRow` [N] of `labels` (int32) under `logits`;
 * returns Σ weights[n] · perRow[n] in float64. `weights` may be 0 for ones, `probabilities` may be
 * the same memory as `logits`. A label outside [0, V) gives NaN.
 */
export function softmaxCrossEntropy(
  logits: usize,
  labels: usize,
  weights: usize,
  probabilities: usize,
  perRow: usize,
  N: i32,
  V: i32,
): f64 {
  let total: f64 = 0;
  for (let n = 0; n < N; n++) {
    const at = usize(n * V) << 2;
    const label = load<u32>(labels + (usize(n) << 2));
    const x = label < u32(V) ? load<f32>(logits + at + (usize(label) << 2)) : f32.NaN;
    const highest = rowMaximum(logits + at, V);
    const sum = softmaxRow(logits + at, probabilities + at, highest, V);
    const loss = logarithm(sum) + (highest - x);
    // The logarithm does not pass NaN on; the difference of x and the maximum may miss it.
    const checked = sum == sum ? loss : f32.NaN;
    store<f32>(perRow + (usize(n) << 2), checked);
    total += f64(checked) * (weights ? f64(load<f32>(weights + (usize(n) << 2))) : 1);
  }
  return total;
}

/** Probabilities from logits for N rows of V, in place if both are the same memory. */
export function softmax(logits: usize, probabilities: usize, N: i32, V: i32): void {
  for (let n = 0; n < N; n++) {
    const at = usize(n * V) << 2;
    softmaxRow(logits + at, probabilities + at, rowMaximum(logits + at, V), V);
  }
}

function rowMaximum(x: usize, length: i32): f32 {
  let highest = load<f32>(x);
  for (let j = 1; j < length; j++) {
    const value = load<f32>(x + (usize(j) << 2));
    if (value > highest) highest = value;
  }
  return highest;
}

/** Writes e^(x - highest) / sum and returns the sum. */
function softmaxRow(x: usize, y: usize, highest: f32, length: i32): f32 {
  const h = splat(highest);
  let sums = splat(0);
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = usize(j) << 2;
    const e = exp4(f32x4.sub(v128.load(x + at), h));
    v128.store(y + at, e);
    sums = f32x4.add(sums, e);
  }
  let sum = sum4(sums);
  const at = usize(j) << 2;
  if (j < length) {
    const count = length - j;
    const e = exp4(f32x4.sub(load4(x + at, count), h));
    store4(y + at, e, count);
    sum += f32x4.extract_lane(e, 0);
    if (count > 1) sum += f32x4.extract_lane(e, 1);
    if (count > 2) sum += f32x4.extract_lane(e, 2);
  }
  scale(y, 1 / sum, length);
  return sum;
}

/**
 * dLogits[n] = (probabilities[n] - onehot(labels[n])) · (weights[n] · lossScale + dPerRow[n]).
 * `weights` may be 0 for ones, `dPerRow` 0 for none, `dLogits` the same memory as `probabilities`.
 */
export function softmaxCrossEntropyBackward(
  probabilities: usize,
  labels: usize,
  weights: usize,
  dPerRow: usize,
  dLogits: usize,
  N: i32,
  V: i32,
  lossScale: f32,
): void {
  for (let n = 0; n < N; n++) {
    const at = usize(n * V) << 2;
    const from = usize(n) << 2;
    const label = load<u32>(labels + from);
    let factor = weights ? load<f32>(weights + from) * lossScale : lossScale;
    if (dPerRow) factor += load<f32>(dPerRow + from);
    if (dLogits != probabilities) memory.copy(dLogits + at, probabilities + at, usize(V) << 2);
    if (label < u32(V)) {
      const hit = dLogits + at + (usize(label) << 2);
      store<f32>(hit, load<f32>(hit) - 1);
    }
    scale(dLogits + at, factor, V);
  }
}

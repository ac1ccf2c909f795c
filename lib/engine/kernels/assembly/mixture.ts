import { exp4, logarithm, splat } from "./math";

/** The gate of a predictor that is absent: its share is 0. */
const ABSENT: f32 = -1e30;

/**
 * Mixes the network's probability of each label with those of two other predictors. On entry `perRow`
 * [N] holds the network's negative log likelihoods, on return those of the mixture
 * g₀·p + g₁·m₁ + g₂·m₂, where g = softmax(`gates` [N,3]) and m = `memory` [N,2]; a predictor with a negative
 * probability is absent. `factors` [N] receives weight · (the network's share of the mixture + `alone`),
 * which is what the gradient of the network's logits is multiplied by; `alone` is the weight of the
 * network's own likelihood in the loss. `dGates` [N,3] the gradient of
 * the gates.
 */
export function mixLosses(
  perRow: usize,
  gates: usize,
  memory: usize,
  weights: usize,
  factors: usize,
  dGates: usize,
  N: i32,
  alone: f32,
): void {
  for (let n = 0; n < N; n++) {
    const at = usize(n) << 2;
    const gate = gates + 3 * at;
    const m1 = load<f32>(memory + 2 * at);
    const m2 = load<f32>(memory + 2 * at, 4);
    const z0 = load<f32>(gate);
    const z1 = m1 < 0 ? ABSENT : load<f32>(gate, 4);
    const z2 = m2 < 0 ? ABSENT : load<f32>(gate, 8);
    const highest = max(z0, max(z1, z2));
    const e0 = exponential(z0 - highest);
    const e1 = exponential(z1 - highest);
    const e2 = exponential(z2 - highest);
    const total = e0 + e1 + e2;
    const s0 = e0 * exponential(-load<f32>(perRow + at));
    const s1 = e1 * max(m1, 0);
    const s2 = e2 * max(m2, 0);
    const sum = max(s0 + s1 + s2, f32(1e-30));
    const loss = logarithm(total) - logarithm(sum);
    // The logarithm does not pass NaN on.
    store<f32>(perRow + at, s0 == s0 && total == total ? loss : f32.NaN);
    const weight = load<f32>(weights + at);
    store<f32>(factors + at, weight * (s0 / sum + alone));
    store<f32>(dGates + 3 * at, weight * (e0 / total - s0 / sum));
    store<f32>(dGates + 3 * at, weight * (e1 / total - s1 / sum), 4);
    store<f32>(dGates + 3 * at, weight * (e2 / total - s2 / sum), 8);
  }
}


function exponential(x: f32): f32 {
  return f32x4.extract_lane(exp4(splat(x)), 0);
}

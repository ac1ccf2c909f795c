/**
 * From logits to an id.
 *
 * @module
 */
import type { Prng } from "../random.ts";

/** How the next id is chosen. */
export interface SamplingOptions {
  /** Logits are divided by it: below 1 safer, above 1 bolder; 0 takes the likeliest. */
  readonly temperature: number;
  /** Only the k likeliest may be chosen; 0: no limit (Fan et al. 2018). */
  readonly topK: number;
  /** Only the likeliest that together reach this probability; 1: no limit (Holtzman et al. 2020). */
  readonly topP: number;
}

/** Draws an id from the distribution that `logits` (natural log, any constant added) stand for. */
export function sampleId(logits: Float32Array, options: SamplingOptions, prng: Prng): number {
  return sampleProbabilities(exponentials(logits), options, prng);
}

/** e to the power of each logit, relative to the highest: probabilities up to a factor. */
export function exponentials(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return Float64Array.from(logits, (logit) => Math.exp(logit - highest));
}

/** Draws an id from probabilities, which need not sum to 1. */
export function sampleProbabilities(
  probabilities: Float64Array,
  { temperature, topK, topP }: SamplingOptions,
  prng: Prng,
): number {
  const order = Array.from(probabilities.keys())
    .filter((id) => probabilities[id] > 0)
    .sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  if (temperature === 0 || order.length === 0) return order[0] ?? 0;
  const kept = topK > 0 ? order.slice(0, topK) : order;
  const highest = probabilities[order[0]];
  const weights = kept.map((id) => (probabilities[id] / highest) ** (1 / temperature));
  const limit = topP * weights.reduce((a, b) => a + b, 0);
  let [count, mass] = [0, 0];
  while (count < weights.length && (count === 0 || mass < limit)) mass += weights[count++];
  let rest = prng.uniform() * mass;
  for (let i = 0; i < count; i++) {
    rest -= weights[i];
    if (rest < 0) return kept[i];
  }
  return kept[count - 1];
}

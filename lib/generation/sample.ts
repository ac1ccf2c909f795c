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
  return new Float64Array(logits).map((logit) => Math.exp(logit - highest));
}

/** Draws an id from probabilities, which need not sum to 1; of equal ones, lower ids are the likelier. */
export function sampleProbabilities(
  probabilities: Float64Array,
  options: SamplingOptions,
  prng: Prng,
): number {
  const highest = probabilities.reduce((a, b) => Math.max(a, b), 0);
  if (highest === 0) return 0;
  if (options.temperature === 0) return probabilities.indexOf(highest);
  const power = 1 / options.temperature;
  const weights = probabilities.map((p) => (p / highest) ** power);
  keepLikeliest(weights, options);
  let rest = prng.uniform() * sum(weights);
  for (let id = 0; id < weights.length; id++) {
    rest -= weights[id];
    if (rest < 0) return id;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/** Sets to 0 the weights that top-k and top-p leave out. */
function keepLikeliest(weights: Float64Array, { topK, topP }: SamplingOptions): void {
  if (topK === 0 && topP === 1) return;
  const sorted = weights.toSorted().reverse();
  const candidates = sorted.subarray(0, topK === 0 ? sorted.length : topK);
  const limit = topP * sum(candidates);
  let [count, mass] = [0, 0];
  while (count < candidates.length && (count === 0 || mass < limit)) mass += candidates[count++];
  const least = candidates[count - 1];
  let ties = count - sorted.indexOf(least);
  weights.forEach((weight, id) => {
    if (weight < least || (weight === least && ties-- <= 0)) weights[id] = 0;
  });
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

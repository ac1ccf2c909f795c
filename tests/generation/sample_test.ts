import assert from "node:assert/strict";
import { sampleId, sampleProbabilities } from "../../lib/generation/sample.ts";
import { createPrng } from "../../lib/random.ts";

const PLAIN = { temperature: 1, topK: 0, topP: 1 };
const P = Float64Array.of(0.1, 0.4, 0.05, 0.3, 0.15);

/** How often each id was drawn. */
function counts(options: Partial<typeof PLAIN>, probabilities = P, draws = 20_000): number[] {
  const prng = createPrng(11, "draws");
  const found = Array<number>(probabilities.length).fill(0);
  for (let i = 0; i < draws; i++) {
    found[sampleProbabilities(probabilities, { ...PLAIN, ...options }, prng)]++;
  }
  return found;
}

/** Frequencies within four standard deviations of what they must be. */
function assertDrawnAs(found: readonly number[], wanted: readonly number[]): void {
  const draws = found.reduce((a, b) => a + b, 0);
  wanted.forEach((p, id) => {
    const limit = 4 * Math.sqrt(draws * p * (1 - p));
    assert.ok(
      Math.abs(found[id] - draws * p) <= limit,
      `${id}: ${found[id]}, not ${draws * p} ± ${limit}`,
    );
  });
}

Deno.test("sampling: ids come as often as they are likely", () => {
  assertDrawnAs(counts({}), [0.1, 0.4, 0.05, 0.3, 0.15]);
  // Probabilities need not sum to 1.
  assertDrawnAs(counts({}, P.map((p) => 7 * p)), [0.1, 0.4, 0.05, 0.3, 0.15]);
});

Deno.test("sampling: temperature 0 takes the likeliest, the first of equals", () => {
  const prng = createPrng(1);
  const before = prng.state();
  assert.equal(sampleProbabilities(P, { ...PLAIN, temperature: 0 }, prng), 1);
  assert.equal(
    sampleProbabilities(Float64Array.of(0.2, 0.4, 0.4), { ...PLAIN, temperature: 0 }, prng),
    1,
  );
  assert.equal(sampleId(Float32Array.of(-5, 3, 8, 7.9), { ...PLAIN, temperature: 0 }, prng), 2);
  assert.deepEqual(prng.state(), before, "nothing is drawn");
});

Deno.test("sampling: temperature raises probabilities to the power 1 / t", () => {
  // Squares of 10, 40, 5, 30, 15 parts: 100, 1600, 25, 900, 225 of 2850.
  assertDrawnAs(counts({ temperature: 0.5 }), [100, 1600, 25, 900, 225].map((part) => part / 2850));
  // Roots of 1, 4, 9.
  assertDrawnAs(counts({ temperature: 2 }, Float64Array.of(1, 4, 9)), [1 / 6, 2 / 6, 3 / 6]);
  // Hardly any temperature is as good as none, and nothing overflows.
  assertDrawnAs(counts({ temperature: 1e-4 }), [0, 1, 0, 0, 0]);
});

Deno.test("sampling: top-k keeps the k likeliest", () => {
  assertDrawnAs(counts({ topK: 2 }), [0, 4 / 7, 0, 3 / 7, 0]);
  assertDrawnAs(counts({ topK: 1 }), [0, 1, 0, 0, 0]);
  assertDrawnAs(counts({ topK: 99 }), [0.1, 0.4, 0.05, 0.3, 0.15]);
});

Deno.test("sampling: top-p keeps the fewest that reach p", () => {
  assertDrawnAs(counts({ topP: 0.39 }), [0, 1, 0, 0, 0]);
  assertDrawnAs(counts({ topP: 0.41 }), [0, 4 / 7, 0, 3 / 7, 0]);
  assertDrawnAs(counts({ topP: 0.71 }), [0, 40 / 85, 0, 30 / 85, 15 / 85]);
  assertDrawnAs(counts({ topP: 0.9 }), [10 / 95, 40 / 95, 0, 30 / 95, 15 / 95]);
  assertDrawnAs(counts({ topP: 0 }), [0, 1, 0, 0, 0]);
  // After the temperature and top-k: of 16 : 9, 60 % is reached by the first.
  assertDrawnAs(counts({ temperature: 0.5, topK: 2, topP: 0.6 }), [0, 1, 0, 0, 0]);
});

Deno.test("sampling: what has probability 0 is never drawn", () => {
  const found = counts({ temperature: 100 }, Float64Array.of(0, 1e-9, 0, 1, 0));
  assert.deepEqual([found[0], found[2], found[4]], [0, 0, 0]);
  assert.ok(found[1] > 0);
});

Deno.test("sampling: logits are natural logarithms, any constant added", () => {
  const prng = createPrng(3);
  const found = [0, 0, 0];
  const logits = Float32Array.from([1, 2, 5], (part) => Math.log(part) + 500);
  for (let i = 0; i < 20_000; i++) found[sampleId(logits, PLAIN, prng)]++;
  assertDrawnAs(found, [1 / 8, 2 / 8, 5 / 8]);
});

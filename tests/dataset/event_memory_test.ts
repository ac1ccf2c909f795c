/** The memory of what followed what, against its definition written down plainly. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contextsAfter,
  contextsOf,
  EventMemory,
  type Expectation,
  LONGEST_CONTEXT,
} from "../../lib/dataset/event_memory.ts";
import { createPrng } from "../../lib/random.ts";

type Sequence = readonly number[];

/** How often `next` follows `context` in the sequences, the start of each counting as token 0. */
function countOf(sequences: readonly Sequence[], context: Sequence): Map<number, number> {
  const counts = new Map<number, number>();
  for (const sequence of sequences) {
    const all = [0, ...sequence];
    for (let i = context.length; i < all.length; i++) {
      if (!context.every((token, j) => all[i - context.length + j] === token)) continue;
      counts.set(all[i], (counts.get(all[i]) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Interpolated absolute discounting by recursion: from the longest context that was met, half a
 * count of every kind goes to the next shorter one; without any, nothing is expected.
 */
function expected(
  sequences: readonly Sequence[],
  history: Sequence,
  length: number,
): Map<number, number> {
  if (length === 0) return new Map();
  const shorter = expected(sequences, history, length - 1);
  const counts = countOf(sequences, history.slice(history.length - length));
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  if (total === 0) return shorter;
  const left = 0.5 * counts.size / total;
  const result = new Map<number, number>();
  for (const [token, p] of shorter) result.set(token, left * p);
  for (const [token, count] of counts) {
    result.set(token, (result.get(token) ?? 0) + (count - 0.5) / total);
  }
  return result;
}

/** Contexts with less than this left for them are passed over. */
const NEGLIGIBLE = 2e-3;

function assertExpected({ probabilities }: Expectation, wanted: Map<number, number>): void {
  for (const token of new Set([...probabilities.keys(), ...wanted.keys()])) {
    const [found, right] = [probabilities.get(token) ?? 0, wanted.get(token) ?? 0];
    assert.ok(Math.abs(found - right) <= NEGLIGIBLE, `token ${token}: ${found}, not ${right}`);
  }
}

function memoryOf(sequences: readonly Sequence[]): EventMemory {
  const memory = new EventMemory();
  for (const sequence of sequences) memory.learn(sequence);
  return memory;
}

const sequences = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 25 }), {
  minLength: 1,
  maxLength: 4,
});

Deno.test("memory: a small case by hand", () => {
  const memory = memoryOf([[5, 6, 5, 7], [5, 6]]);
  // After 5: 6 twice and 7 once. (2 − ½)/3 and (1 − ½)/3; nothing shorter is left to ask.
  const { probabilities, contextLength, count, top } = memory.expect(contextsAfter([5]));
  assert.deepEqual([...probabilities], [[6, 0.5], [7, 1 / 6]]);
  assert.deepEqual([contextLength, count, top], [1, 3, 0.5]);
  // After start 5: 6 twice, of which ½ · 1 / 2 = ¼ goes to what follows 5.
  const longer = memory.expect(contextsAfter([0, 5]));
  assert.deepEqual([longer.contextLength, longer.count], [2, 2]);
  assert.ok(Math.abs(longer.probabilities.get(6)! - (0.75 + 0.25 * 0.5)) < 1e-12);
  assert.ok(Math.abs(longer.probabilities.get(7)! - 0.25 / 6) < 1e-12);
  const unknown = memory.expect(contextsAfter([9]));
  assert.deepEqual([unknown.contextLength, unknown.count, unknown.top], [0, 0, 0]);
  assert.equal(unknown.probabilities.size, 0);
});

Deno.test("memory: expects what the definition says", () => {
  fc.assert(
    fc.property(
      sequences,
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 16 }),
      (all, past) => {
        const history = [0, ...past];
        const found = memoryOf(all).expect(contextsAfter(history));
        const longest = Math.min(LONGEST_CONTEXT, history.length);
        assertExpected(found, expected(all, history, longest));
        let met = longest;
        while (met > 0 && countOf(all, history.slice(history.length - met)).size === 0) met--;
        assert.equal(found.contextLength, met);
        const counts = met === 0
          ? []
          : [...countOf(all, history.slice(history.length - met)).values()];
        assert.equal(found.count, counts.reduce((a, b) => a + b, 0));
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("memory: without a sequence is as if that had never been learned", () => {
  fc.assert(
    fc.property(sequences, fc.nat(), (all, pick) => {
      const own = all[pick % all.length];
      const rest = all.filter((_, i) => i !== pick % all.length);
      const [whole, other] = [memoryOf(all), memoryOf(rest)];
      for (const contexts of contextsOf([...own, 1])) {
        const found = whole.expect(contexts, memoryOf([own]));
        const wanted = other.expect(contexts);
        const numbers = ({ contextLength, count, top }: Expectation) => [contextLength, count, top];
        assert.deepEqual(numbers(found), numbers(wanted));
        assert.deepEqual(
          new Map([...found.probabilities].sort()),
          new Map([...wanted.probabilities].sort()),
        );
      }
    }),
    { numRuns: 100, seed: 2 },
  );
});

Deno.test("memory: probabilities sum to 1 at most, and nearly to 1 when often met", () => {
  const prng = createPrng(5);
  const tokens = Array.from({ length: 3000 }, () => 2 + prng.below(4));
  const memory = memoryOf([tokens]);
  for (const contexts of contextsOf(tokens).slice(100)) {
    const { probabilities } = memory.expect(contexts);
    const sum = [...probabilities.values()].reduce((a, b) => a + b, 0);
    assert.ok(sum <= 1 + 1e-12 && sum > 0.99, `${sum}`);
  }
});

Deno.test("memory: contexts are the last 1 … 12 tokens, and only those", () => {
  const prng = createPrng(6);
  const tokens = Array.from({ length: 30 }, () => prng.below(5));
  const contexts = contextsAfter(tokens);
  assert.equal(contexts.length, 12);
  assert.deepEqual(contextsAfter([9, 9, ...tokens.slice(-12)]), contexts);
  assert.notEqual(
    contextsAfter([...tokens.slice(0, -12), 6, ...tokens.slice(-11)])[11],
    contexts[11],
  );
  assert.deepEqual(contextsAfter(tokens.slice(-3)), contexts.slice(0, 3));
  assert.deepEqual(contextsOf([7, 8]), [contextsAfter([0]), contextsAfter([0, 7])]);
});

Deno.test("memory: hashes of different contexts differ", () => {
  const seen = new Set<number>();
  let count = 0;
  // All histories of up to five tokens of 0 … 9 as they occur in music: small numbers.
  const visit = (history: readonly number[]) => {
    if (history.length > 0) {
      const hash = contextsAfter(history)[history.length - 1];
      assert.ok(Number.isSafeInteger(hash) && hash >= 0);
      seen.add(hash);
      count++;
    }
    if (history.length < 5) { for (let token = 0; token < 10; token++) visit([...history, token]); }
  };
  visit([]);
  assert.equal(count, 111_110);
  assert.equal(seen.size, count);
});

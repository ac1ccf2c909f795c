import assert from "node:assert/strict";
import fc from "fast-check";
import { nllPerToken, trainNgram } from "../../lib/evaluation/ngram.ts";
import golden from "./golden/ngram_golden.json" with { type: "json" };

const close = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `wanted ${expected}, found ${actual}`,
  );

Deno.test("a unigram gives the discounted counts of tokens and ends", () => {
  // Counts 3, 1 and two ends: n1 = 1, n2 = 1, so the discount is 1 / (1 + 2) for all; three of them
  // go in equal shares to the two tokens, the end and an unseen third token.
  const ngram = trainNgram([[0, 0], [0, 1]], { order: 1, vocabularySize: 3 });
  const share = (3 * (1 / 3) / 6) / 4;
  close(ngram.probability([], 0, 0), (3 - 1 / 3) / 6 + share);
  close(ngram.probability([], 0, 1), (1 - 1 / 3) / 6 + share);
  close(ngram.probability([], 0, 2), share);
  close(ngram.probability([], 0, 3), (2 - 1 / 3) / 6 + share);
});

Deno.test("a bigram backs off to the number of different tokens before, not to the count", () => {
  // 1 comes four times but after 0 only; 2 comes after 0, 1 and 2. After an unseen token, 2 is likelier.
  const ngram = trainNgram([[0, 1, 0, 1, 0, 1, 0, 1, 2, 2], [0, 2]], {
    order: 2,
    vocabularySize: 4,
  });
  assert.ok(ngram.probability([3], 1, 2) > ngram.probability([3], 1, 1));
});

Deno.test("probabilities and NLL equal a plain implementation of the formulas", () => {
  for (const [order, expected] of Object.entries(golden.orders)) {
    const ngram = trainNgram(golden.training, {
      order: Number(order),
      vocabularySize: golden.vocabularySize,
    });
    const found = golden.heldOut.flatMap((sequence) =>
      sequence.map((token, i) => ngram.probability(sequence, i, token))
    );
    assert.equal(found.length, expected.probabilities.length);
    expected.probabilities.forEach((probability, i) => close(found[i], probability));
    close(nllPerToken(ngram, golden.heldOut), expected.nllPerToken);
  }
});

Deno.test("the probabilities of all tokens and the end sum to 1 after any history", () => {
  const tokens = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(tokens, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      tokens,
      (training, order, history) => {
        const ngram = trainNgram(training, { order, vocabularySize: 5 });
        let sum = 0;
        for (let token = 0; token <= 5; token++) {
          const p = ngram.probability(history, history.length, token);
          assert.ok(p > 0);
          sum += p;
        }
        close(sum, 1, 1e-9);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("pieces are never straddled", () => {
  // The start of a piece is foretold from other starts only: here 1 always starts, 0 always ends.
  const ngram = trainNgram([[1, 0], [1, 0], [1, 0], [1, 0]], { order: 3, vocabularySize: 2 });
  assert.ok(ngram.probability([], 0, 1) > 0.7);
  assert.ok(ngram.probability([1, 0], 2, 2) > 0.7);
  assert.ok(ngram.probability([1, 0], 2, 1) < 0.1);
});

Deno.test("an order below 1 and tokens outside the vocabulary are refused", () => {
  const wanted = { name: "RangeError", message: /wanted an order of at least 1, found 0/ };
  assert.throws(() => trainNgram([[0]], { order: 0, vocabularySize: 1 }), wanted);
  const token = { name: "RangeError", message: /wanted tokens from 0 to 1, found 2/ };
  assert.throws(() => trainNgram([[0, 2]], { order: 2, vocabularySize: 2 }), token);
});

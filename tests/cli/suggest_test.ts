import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, nearest } from "../../lib/cli/suggest.ts";

Deno.test("edit distance: insert, delete, replace, swap neighbours", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
    ["abcd", "acbd", 1],
    ["ca", "abc", 3],
    ["train", "trian", 1],
  ];
  for (const [a, b, distance] of cases) {
    assert.equal(editDistance(a, b), distance, `${a} ${b}`);
    assert.equal(editDistance(b, a), distance, `${b} ${a}`);
  }
});

Deno.test("edit distance: 0 only for the same, never more than the longer word", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    const distance = editDistance(a, b);
    assert.equal(distance === 0, a === b);
    assert.ok(distance <= Math.max(a.length, b.length));
  }));
});

Deno.test("nearest: the word that was meant, or none", () => {
  const words = ["--temperature", "--top-k", "--top-p", "--seed", "--seconds"];
  assert.equal(nearest("--temperatur", words), "--temperature");
  assert.equal(nearest("--temp", words), "--temperature");
  assert.equal(nearest("--topp", words), "--top-p");
  assert.equal(nearest("--seeds", words), "--seed");
  assert.equal(nearest("--banana", words), undefined);
  assert.equal(nearest("-x", words), undefined);
  assert.equal(nearest("--seed", []), undefined);
});

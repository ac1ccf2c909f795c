import assert from "node:assert/strict";
import { chordSymbol, normalOrder } from "../../lib/symbols/normal_order.ts";
import table from "../data/oracle/normal_order.json" with { type: "json" };

const music21 = Object.entries(table.normalOrder);

Deno.test("normalOrder() gives music21's order on all 4,095 sets of pitch classes", () => {
  assert.equal(music21.length, 4095);
  for (const [set, order] of music21) {
    assert.equal(normalOrder(set.split(".").map(Number)).join("."), order);
  }
});

Deno.test("normalOrder() ignores order and repeats", () => {
  assert.deepEqual(normalOrder([2, 11, 7, 2, 11]), [7, 11, 2]);
  assert.deepEqual(normalOrder(new Set([11, 7, 2])), [7, 11, 2]);
  assert.deepEqual(normalOrder([]), []);
});

Deno.test("normalOrder() gives an array that the caller may change", () => {
  normalOrder([0, 4, 7]).reverse();
  assert.deepEqual(normalOrder([0, 4, 7]), [0, 4, 7]);
});

Deno.test("normalOrder() refuses what is not a pitch class", () => {
  for (const pitchClass of [-1, 12, 0.5, NaN]) {
    assert.throws(() => normalOrder([0, pitchClass]), { name: "RangeError", message: /0 to 11/ });
  }
});

Deno.test("chordSymbol() joins the normal order of the pitches with dots", () => {
  assert.equal(chordSymbol([67, 71, 62]), "7.11.2");
  assert.equal(chordSymbol([60, 64, 67, 76]), "0.4.7");
  assert.equal(chordSymbol([59, 71]), "11");
});

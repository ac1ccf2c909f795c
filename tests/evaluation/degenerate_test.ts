import assert from "node:assert/strict";
import { repetition } from "../../lib/evaluation/degenerate.ts";

/** Events of the symbols in a string of names parted by blanks. */
const events = (symbols: string) =>
  symbols.split(" ").filter((symbol) => symbol !== "").map((symbol) => ({ symbol }));
/** 26 different symbols, so that no symbol is common. */
const VARIED = [..."abcdefghijklmnopqrstuvwxyz"].join(" ");

Deno.test("eight times the same figure is music, nine times is a loop", () => {
  for (const figure of ["C4", "C4 D4", "C4 D4 E4", "C4 D4 E4 0.4.7"]) {
    const eight = repetition(events(`${VARIED} ${`${figure} `.repeat(8)} ${VARIED}`));
    assert.equal(eight?.longestLoop.times, 8, figure);
    assert.equal(eight.loops, false, figure);
    const nine = repetition(events(`${VARIED} ${`${figure} `.repeat(9)} ${VARIED}`));
    assert.deepEqual(nine?.longestLoop, { figure: figure.split(" "), times: 9, event: 26 });
    assert.equal(nine.loops, true, figure);
    assert.equal(nine.degenerate, true, figure);
  }
});

Deno.test("a figure of five events may go on", () => {
  const found = repetition(events("A B C D E ".repeat(12)));
  assert.equal(found?.longestLoop.times, 1);
  assert.equal(found.degenerate, false);
});

Deno.test("a figure counts as played only when it is whole", () => {
  const found = repetition(events(`${"A B C ".repeat(8)} A B`));
  assert.deepEqual(found?.longestLoop, { figure: ["A", "B", "C"], times: 8, event: 0 });
});

Deno.test("two runs of the same figure do not add up", () => {
  const found = repetition(events(`${"A B ".repeat(5)} X ${"A B ".repeat(6)}`));
  assert.deepEqual(found?.longestLoop, { figure: ["A", "B"], times: 6, event: 11 });
});

Deno.test("more than three events in ten with one symbol are too many", () => {
  const three = repetition(events("A B A C A D E F G H"));
  assert.deepEqual(three?.commonest, { symbol: "A", share: 0.3 });
  assert.equal(three.monotonous, false);
  const four = repetition(events("A B A C A D A F G H"));
  assert.deepEqual(four?.commonest, { symbol: "A", share: 0.4 });
  assert.equal(four.degenerate, true);
  assert.equal(four.loops, false);
});

Deno.test("of a few events, one symbol is always a large share", () => {
  assert.equal(repetition(events("A A B"))?.degenerate, false);
  assert.equal(repetition(events("A A A A A B C D E"))?.degenerate, false);
});

Deno.test("no events: nothing to say", () => {
  assert.equal(repetition([]), undefined);
});

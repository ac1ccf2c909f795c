import assert from "node:assert/strict";
import { createMaddLoop } from "./roofline_module.ts";

for (const sumCount of [1, 12, 24]) {
  Deno.test(`the roofline's loop does all of its arithmetic, with ${sumCount} sums`, () => {
    const { run, sums, operationsPerTurn } = createMaddLoop(sumCount);
    sums.forEach((_, i) => sums[i] = i);
    run(1000, 0.5);
    // 1000 · 0.5 · 0.5 on top of where each started: exact in float32.
    assert.deepEqual([...sums], Array.from({ length: 4 * sumCount }, (_, i) => i + 250));
    assert.equal(operationsPerTurn, 8 * sumCount);
  });
}

import assert from "node:assert/strict";
import { classicPlan } from "../../lib/model/classic.ts";
import { initialParameters, orthogonalRows } from "../../lib/model/initial.ts";
import { createPrng } from "../../lib/random.ts";
import { preparation } from "../training/network.ts";

const plan = classicPlan({
  preset: "classic",
  vocabularySize: 33,
  sequenceLength: 2,
  units: [19, 40],
  denseUnits: 50,
  dropout: 0,
}, 1);
const all = initialParameters(plan, createPrng(1));
const values = (name: string) => {
  const { offset, length } = plan.parameterTensors[name];
  return [...all.subarray((offset - plan.parameters.offset) / 4).subarray(0, length)];
};

Deno.test("initial weights: kernels are uniform as Glorot and Bengio say", () => {
  for (
    const [name, rows, columns] of [["lstm2/kernel", 19, 160], ["output/kernel", 50, 33]] as const
  ) {
    const limit = Math.sqrt(6 / (rows + columns));
    const found = values(name);
    assert.equal(found.length, rows * columns);
    assert.ok(found.every((value) => Math.abs(value) <= limit));
    assert.ok(Math.max(...found) > 0.98 * limit && Math.min(...found) < -0.98 * limit);
    const mean = found.reduce((a, b) => a + b) / found.length;
    const variance = found.reduce((sum, value) => sum + value ** 2, 0) / found.length;
    assert.ok(Math.abs(mean) < 4 * limit / Math.sqrt(3 * found.length));
    assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.1);
  }
});

Deno.test("initial weights: recurrent kernels have orthonormal rows", () => {
  const [rows, columns] = [40, 160];
  for (
    const q of [values("lstm2/recurrent_kernel"), [...orthogonalRows(rows, columns, createPrng(2))]]
  ) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let k = 0; k < columns; k++) dot += q[i * columns + k] * q[j * columns + k];
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-6, `${i} ${j}: ${dot}`);
      }
    }
  }
});

Deno.test("initial weights: biases are 0, but 1 for the forget gates", () => {
  const gates = [0, 1, 0, 0].flatMap((value) => Array<number>(19).fill(value));
  assert.deepEqual(values("lstm1/bias"), gates);
  assert.deepEqual(values("dense/bias"), Array(50).fill(0));
});

Deno.test("initial weights: the sum of all features has a variance near 1, trust begins at 0", () => {
  const prepared = preparation();
  const { plan } = prepared.course;
  const all = prepared.start.optimizer.parameters;
  const { configuration } = prepared.save(prepared.start).description;
  assert.ok(configuration.preset === "expressive");
  const variance = (name: string) => {
    const { offset, length } = plan.parameterTensors[`${name}/embedding`];
    const found = all.subarray((offset - plan.parameters.offset) / 4).subarray(0, length);
    return found.reduce((sum, value) => sum + value ** 2, 0) / length;
  };
  const total = configuration.features.reduce((sum, { name }) => sum + variance(name), 0);
  assert.ok(total > 0.5 && total < 2.5, `${total}`);
  const told = variance("step/after symbol");
  assert.ok(told > 0 && told < 0.02, `${told}`);
  for (const name of configuration.trust) assert.equal(variance(`symbol/trust ${name}`), 0);
});

/** The classic network against Keras: logits, gradients and Adam, on one thread and on two. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import type { Plan } from "../../lib/engine/plan.ts";
import { createTrainingPool, type TrainingPool } from "../../lib/engine/pool.ts";
import { classicInput, classicPlan } from "../../lib/model/classic.ts";
import { type Golden, type GoldenArrays, readGolden } from "./golden/golden.ts";

const ROWS = 2;

function flatten(plan: Plan, arrays: GoldenArrays): Float32Array {
  const flat = new Float32Array(plan.parameters.length);
  for (const [name, tensor] of Object.entries(plan.parameterTensors)) {
    assert.deepEqual([...arrays[name].shape], [...tensor.shape], name);
    flat.set(arrays[name].values, (tensor.offset - plan.parameters.offset) / 4);
  }
  return flat;
}

function fill(pool: TrainingPool, { ids, targets, config }: Golden, microBatches: number): void {
  for (let m = 0; m < microBatches; m++) {
    const x = pool.input("x", m).fill(0);
    const labels = pool.inputIds("labels", m).fill(0);
    const weights = pool.input("weights", m).fill(0);
    for (let row = 0; row < ROWS && m * ROWS + row < config.batchSize; row++) {
      const b = m * ROWS + row;
      ids[b].forEach((id, t) => x[t * ROWS + row] = classicInput(id, config.vocabularySize));
      labels[row] = targets[b] as number;
      weights[row] = 1 / config.batchSize;
    }
  }
}

function closeTo(found: Float32Array, wanted: Float32Array, tolerance: number, what: string): void {
  assert.equal(found.length, wanted.length, what);
  found.forEach((value, i) => {
    const limit = tolerance * Math.max(1, Math.abs(wanted[i]));
    assert.ok(Math.abs(value - wanted[i]) <= limit, `${what}[${i}]: ${value}, Keras ${wanted[i]}`);
  });
}

/** Gradients are small numbers, so their error is measured against the largest of them. */
function closeGradient(found: Float32Array, wanted: Float32Array, what: string): void {
  const largest = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  found.forEach((value, i) =>
    assert.ok(
      Math.abs(value - wanted[i]) <= 1e-4 * largest,
      `${what}[${i}]: ${value}, ${wanted[i]}`,
    )
  );
}

for (const name of ["classic_odd", "classic_window"] as const) {
  for (const threads of [1, 2]) {
    Deno.test(`${name}: as Keras, on ${threads} thread(s)`, async () => {
      const golden = readGolden(name);
      const { vocabularySize, sequenceLength, units, denseUnits, batchSize } = golden.config;
      const sizes = { vocabularySize, sequenceLength, units, denseUnits, dropout: 0 };
      const plan = classicPlan({ preset: "classic", ...sizes }, ROWS);
      const microBatches = Math.ceil(batchSize / ROWS);
      const pool = createTrainingPool(await startEngine(), plan, { microBatches, threads });
      try {
        pool.load({ parameters: flatten(plan, golden.weights) });
        fill(pool, golden, microBatches);
        const update = { learningRate: 0.001, clipNorm: 0, weightDecay: 0, dropoutSeed: 0 };
        const norm = await pool.train(update);
        for (let b = 0; b < batchSize; b++) {
          const logits = pool.output("logits", Math.floor(b / ROWS));
          const row = logits.slice((b % ROWS) * vocabularySize, (b % ROWS + 1) * vocabularySize);
          const wanted = golden.logits.values.slice(b * vocabularySize, (b + 1) * vocabularySize);
          closeTo(row, wanted, 1e-5, `logits of row ${b}`);
        }
        assert.ok(Math.abs(norm - golden.gradientNorm) < 1e-5, `norm ${norm}`);
        const once = pool.state();
        closeGradient(
          once.firstMoment.map((value) => value * 10),
          flatten(plan, golden.gradients),
          "gradient",
        );
        closeTo(once.parameters, flatten(plan, golden.afterOneStep), 1e-4, "after one step");
        await pool.train(update);
        await pool.train(update);
        closeTo(
          pool.state().parameters,
          flatten(plan, golden.afterThreeSteps),
          1e-4,
          "after three",
        );
      } finally {
        pool.close();
      }
    });
  }
}

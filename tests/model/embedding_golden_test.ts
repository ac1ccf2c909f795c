/** A network with embeddings, given states and a loss at every step, against Keras. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import type { Plan } from "../../lib/engine/plan.ts";
import { PlanBuilder } from "../../lib/engine/plan_builder.ts";
import { type Arena, createArena } from "../engine/arena.ts";
import { type Golden, type GoldenArrays, type GoldenConfig, readGolden } from "./golden/golden.ts";

const STATES = ["h1", "c1", "h2", "c2"] as const;

function planOf(config: GoldenConfig): Plan {
  const { vocabularySize, embeddingSize = 0, units, denseUnits, batchSize } = config;
  const steps = config.sequenceLength;
  const rows = steps * batchSize;
  const plan = new PlanBuilder();
  const affine = (name: string, input: number, output: number) => {
    plan.parameter(`${name}/kernel`, [input, output]);
    plan.parameter(`${name}/bias`, [output]);
  };
  plan.parameter("embedding/embeddings", [vocabularySize, embeddingSize]);
  [embeddingSize, units[0]].forEach((input, i) => {
    plan.parameter(`lstm${i + 1}/kernel`, [input, 4 * units[i]]);
    plan.parameter(`lstm${i + 1}/recurrent_kernel`, [units[i], 4 * units[i]]);
    plan.parameter(`lstm${i + 1}/bias`, [4 * units[i]]);
  });
  if (denseUnits > 0) affine("dense", units[1], denseUnits);
  affine("output", denseUnits > 0 ? denseUnits : units[1], vocabularySize);
  const [ids, labels] = [plan.input("ids", rows), plan.input("labels", rows)];
  const [weights, keep] = [plan.input("weights", rows), plan.input("keep", batchSize)];
  const losses = plan.output("losses", rows);
  const x = plan.embeddings([{ table: "embedding/embeddings", ids }]);
  const h = plan.lstm(plan.lstm(x, "lstm1", steps, keep), "lstm2", steps, keep);
  const logits = plan.dense(denseUnits > 0 ? plan.dense(h, "dense") : h, "output");
  plan.read(logits, plan.output("logits", rows, vocabularySize));
  plan.crossEntropy(logits, labels, weights, losses);
  return plan.build();
}

/** `[B, T]` as the plan has it: step by step. */
function byStep<T>(values: readonly (readonly T[])[]): T[] {
  return values[0].flatMap((_, t) => values.map((row) => row[t]));
}

/** Where each carried state begins: one after the other, each on a multiple of 16 elements. */
function carriedViews(arena: Arena, { units, batchSize }: GoldenConfig): Float32Array[] {
  let from = 0;
  return [units[0], units[0], units[1], units[1]].map((size) => {
    const view = arena.floats(arena.plan.carried).subarray(from, from + size * batchSize);
    from += Math.ceil(size * batchSize / 16) * 16;
    return view;
  });
}

function near(found: ArrayLike<number>, wanted: ArrayLike<number>, limit: number, what: string) {
  assert.equal(found.length, wanted.length, what);
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i] - wanted[i]);
    assert.ok(difference <= limit, `${what}[${i}]: ${found[i]}, Keras ${wanted[i]}`);
  }
}

async function prepared(golden: Golden): Promise<Arena> {
  const { config, ids, targets } = golden;
  const arena = await createArena(planOf(config));
  for (const name of Object.keys(arena.plan.parameterTensors)) {
    arena.parameter(name).set(golden.weights[name].values);
  }
  arena.inputIds("ids").set(byStep(ids));
  arena.inputIds("labels").set(byStep(targets as number[][]));
  arena.input("weights").fill(1 / (config.batchSize * config.sequenceLength));
  arena.input("keep").fill(1);
  return arena;
}

function startStates(arena: Arena, { config, initialStates }: Golden): void {
  carriedViews(arena, config).forEach((view, i) => view.set(initialStates![STATES[i]].values));
}

const meanLoss = (arena: Arena) =>
  arena.output("losses").reduce((a, b) => a + b, 0) / arena.output("losses").length;

const largest = (arrays: GoldenArrays) =>
  Object.values(arrays).reduce(
    (size, { values }) => values.reduce((a, b) => Math.max(a, Math.abs(b)), size),
    0,
  );

for (const name of ["embedding_odd", "embedding_direct"] as const) {
  const golden = readGolden(name);
  const { batchSize, sequenceLength, vocabularySize } = golden.config;

  Deno.test(`${name}: logits, states, loss and gradients as Keras`, async () => {
    const arena = await prepared(golden);
    startStates(arena, golden);
    arena.run("prepare", "forward");
    const logits = arena.output("logits");
    const wanted = golden.logits.values;
    for (let b = 0; b < batchSize; b++) {
      for (let t = 0; t < sequenceLength; t++) {
        const [from, at] = [t * batchSize + b, b * sequenceLength + t].map((row) =>
          row * vocabularySize
        );
        const row = logits.subarray(from, from + vocabularySize);
        near(row, wanted.subarray(at, at + vocabularySize), 1e-5, `logits ${b} ${t}`);
      }
    }
    carriedViews(arena, golden.config).forEach((view, i) =>
      near(view, golden.finalStates[STATES[i]].values, 1e-5, STATES[i])
    );
    assert.ok(Math.abs(meanLoss(arena) - golden.loss) < 1e-5);
    arena.run("backward");
    const limit = 1e-4 * largest(golden.gradients);
    for (const parameter of Object.keys(arena.plan.parameterTensors)) {
      near(arena.gradient(parameter), golden.gradients[parameter].values, limit, parameter);
    }
    arena.free();
  });

  Deno.test(`${name}: three steps of Adam with a clipped norm as Keras`, async () => {
    const engine = await startEngine();
    const { globalClipNorm, learningRate } = golden.config;
    const arena = await prepared(golden);
    const { parameters: region, gradient } = arena.plan;
    const moments = [0, 0].map(() => new Float32Array(region.length));
    for (let step = 1; step <= 3; step++) {
      startStates(arena, golden);
      arena.run("prepare", "forward", "backward");
      assert.ok(Math.abs(meanLoss(arena) - golden.losses[step - 1]) < 1e-5, `loss ${step}`);
      const norm = Math.sqrt(engine.sumOfSquares(arena.floats(gradient).slice()));
      if (step === 1) assert.ok(Math.abs(norm - golden.gradientNorm) < 1e-5, `norm ${norm}`);
      const parameters = arena.floats(region).slice();
      engine.adam({
        parameters,
        firstMoment: moments[0],
        secondMoment: moments[1],
        gradient: arena.floats(gradient).slice(),
      }, {
        step,
        learningRate,
        gradientScale: globalClipNorm ? Math.min(1, globalClipNorm / norm) : 1,
      });
      arena.floats(region).set(parameters);
      const after = { 1: golden.afterOneStep, 3: golden.afterThreeSteps }[step];
      for (const [parameter, { values }] of Object.entries(after ?? {})) {
        near(arena.parameter(parameter), values, 1e-5, `${parameter} after step ${step}`);
      }
    }
    arena.free();
  });
}

/**
 * Checks the golden files against the textbook: a plain float64 network written from the formulas in
 * README.md, so that a reader who trusts that text can trust the numbers.
 */
import assert from "node:assert/strict";
import { type Golden, type GoldenArrays, goldenNames, readGolden } from "./golden.ts";

type Weights = Record<string, number[]>;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x · kernel + bias for one row; kernel is [x.length, bias.length]. */
function affine(x: number[], kernel: number[], bias: number[]): number[] {
  const n = bias.length;
  return bias.map((b, j) => x.reduce((sum, xi, i) => sum + xi * kernel[i * n + j], b));
}

function lstmStep(weights: Weights, layer: string, x: number[], h: number[], c: number[]) {
  const units = h.length;
  const z = affine(
    [...x, ...h],
    [...weights[`${layer}/kernel`], ...weights[`${layer}/recurrent_kernel`]],
    weights[`${layer}/bias`],
  );
  const cell = c.map((old, j) =>
    sigmoid(z[units + j]) * old + sigmoid(z[j]) * Math.tanh(z[2 * units + j])
  );
  return { h: cell.map((value, j) => sigmoid(z[3 * units + j]) * Math.tanh(value)), c: cell };
}

/** Logits of every step ([T][V]) and the states after the last, for one row of the batch. */
function forwardRow(golden: Golden, weights: Weights, row: number) {
  const { config, ids, initialStates } = golden;
  const start = (name: string, units: number) =>
    initialStates
      ? [...initialStates[name].values.subarray(row * units, (row + 1) * units)]
      : new Array<number>(units).fill(0);
  const [n1, n2] = config.units;
  let one = { h: start("h1", n1), c: start("c1", n1) };
  let two = { h: start("h2", n2), c: start("c2", n2) };
  const logits = ids[row].map((id) => {
    const size = config.embeddingSize ?? 0;
    const x = config.input === "scalar"
      ? [id / config.vocabularySize]
      : weights["embedding/embeddings"].slice(id * size, (id + 1) * size);
    one = lstmStep(weights, "lstm1", x, one.h, one.c);
    two = lstmStep(weights, "lstm2", one.h, two.h, two.c);
    const hidden = config.denseUnits > 0
      ? affine(two.h, weights["dense/kernel"], weights["dense/bias"])
      : two.h;
    return affine(hidden, weights["output/kernel"], weights["output/bias"]);
  });
  return { logits, states: { h1: one.h, c1: one.c, h2: two.h, c2: two.c } };
}

/** The logits that have a target, their loss and the last states, each flat in the file's order. */
function forward(golden: Golden, weights: Weights) {
  const rows = golden.ids.map((_, row) => forwardRow(golden, weights, row));
  const logits = rows.flatMap((r) =>
    golden.config.input === "scalar" ? r.logits.slice(-1) : r.logits
  );
  const targets = golden.targets.flat();
  const losses = logits.map((z, i) =>
    Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[targets[i]]
  );
  return {
    logits: logits.flat(),
    loss: losses.reduce((sum, value) => sum + value) / losses.length,
    states: (["h1", "c1", "h2", "c2"] as const).map((name) => rows.flatMap((r) => r.states[name])),
  };
}

const toWeights = (arrays: GoldenArrays): Weights =>
  Object.fromEntries(Object.entries(arrays).map(([name, { values }]) => [name, [...values]]));

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    assert.ok(difference <= tolerance, `at ${i}: ${actual[i]}, not ${expected[i]}`);
  }
}

for (const name of goldenNames) {
  const golden = readGolden(name);
  const weights = toWeights(golden.weights);

  Deno.test(`golden ${name}: logits, states and losses are the textbook's`, () => {
    const result = forward(golden, weights);
    assertNear(result.logits, golden.logits.values, 1e-6);
    assert.ok(Math.abs(result.loss - golden.loss) < 1e-6);
    assert.equal(golden.losses[0], golden.loss);
    const states = ["h1", "c1", "h2", "c2"].map((key) => golden.finalStates[key].values);
    result.states.forEach((state, i) => assertNear(state, states[i], 1e-6));
    const second = forward(golden, toWeights(golden.afterOneStep)).loss;
    assert.ok(Math.abs(second - golden.losses[1]) < 1e-6);
  });

  Deno.test(`golden ${name}: gradients are the slopes of the loss`, () => {
    for (const [key, gradient] of Object.entries(golden.gradients)) {
      for (const part of [0.1, 0.7]) {
        const at = Math.floor(part * gradient.values.length);
        const moved = (delta: number) =>
          forward(golden, { ...weights, [key]: weights[key].with(at, weights[key][at] + delta) })
            .loss;
        const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        assertNear([slope], [gradient.values[at]], 1e-7);
      }
    }
  });

  Deno.test(`golden ${name}: the first Adam step is the formula's`, () => {
    const { learningRate, beta1, beta2, epsilon, globalClipNorm } = golden.config;
    const scale = Math.min(1, (globalClipNorm ?? Infinity) / golden.gradientNorm);
    const rate = learningRate * Math.sqrt(1 - beta2) / (1 - beta1);
    for (const [key, gradient] of Object.entries(golden.gradients)) {
      const expected = [...gradient.values].map((g, i) => {
        const clipped = g * scale;
        const root = Math.sqrt((1 - beta2) * clipped ** 2);
        return weights[key][i] - rate * (1 - beta1) * clipped / (root + epsilon);
      });
      assertNear(golden.afterOneStep[key].values, expected, 3e-7);
    }
  });
}

/** Every operation of a plan against finite differences, and the laws of carried state. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { PlanBuilder, type Value } from "../../lib/engine/plan_builder.ts";
import { createRunner } from "../../lib/engine/runner.ts";
import { createPrng } from "../../lib/random.ts";
import { type Arena, createArena } from "./arena.ts";

/** A network, and below which limit the ids of each int32 input are; other inputs are floats. */
interface Network {
  build(plan: PlanBuilder): void;
  readonly ids: Readonly<Record<string, number>>;
  /** Inputs with values of their own. */
  readonly given?: Readonly<Record<string, readonly number[]>>;
}

function affine(plan: PlanBuilder, name: string, input: number, output: number): void {
  plan.parameter(`${name}/kernel`, [input, output]);
  plan.parameter(`${name}/bias`, [output]);
}

function layer(plan: PlanBuilder, name: string, input: number, units: number): void {
  plan.parameter(`${name}/kernel`, [input, 4 * units]);
  plan.parameter(`${name}/recurrent_kernel`, [units, 4 * units]);
  plan.parameter(`${name}/bias`, [4 * units]);
}

/** Ends a network: a dense layer to `classes` logits and the loss. */
function judge(plan: PlanBuilder, value: Value, classes: number, name = ""): void {
  affine(plan, `${name}output`, value.columns, classes);
  const labels = plan.input(`${name}labels`, value.rows);
  const weights = plan.input(`${name}weights`, value.rows);
  const losses = plan.output(`${name}losses`, value.rows);
  plan.crossEntropy(plan.dense(value, `${name}output`), labels, weights, losses);
}

const NETWORKS: Readonly<Record<string, Network>> = {
  "dense on an input": {
    build: (plan) => judge(plan, plan.input("x", 5, 3), 7),
    ids: { labels: 7 },
  },
  "embeddings, three tables": {
    build(plan) {
      const tables = [["a", 4], ["b", 1], ["c", 9]] as const;
      tables.forEach(([name, size]) => plan.parameter(name, [size, 5]));
      const lookups = tables.map(([name]) => ({ table: name, ids: plan.input(`${name} ids`, 6) }));
      judge(plan, plan.embeddings(lookups), 3);
    },
    ids: { "a ids": 4, "b ids": 1, "c ids": 9, labels: 3 },
  },
  "lstm on one number a step": {
    build(plan) {
      layer(plan, "lstm", 1, 3);
      judge(plan, plan.lstm(plan.input("x", 4 * 2), "lstm", 4), 5);
    },
    ids: { labels: 5 },
  },
  "two lstm layers on embeddings": {
    build(plan) {
      plan.parameter("table", [5, 3]);
      layer(plan, "one", 3, 5);
      layer(plan, "two", 5, 2);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 3 * 3) }]);
      judge(plan, plan.lstm(plan.lstm(x, "one", 3), "two", 3), 4);
    },
    ids: { ids: 5, labels: 4 },
  },
  "one step of one row": {
    build(plan) {
      plan.parameter("table", [2, 1]);
      layer(plan, "lstm", 1, 1);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 1) }]);
      judge(plan, plan.lstm(x, "lstm", 1, plan.input("keep", 1)), 2);
    },
    ids: { ids: 2, labels: 2 },
    given: { keep: [1] },
  },
  "lstm layers with carried state": {
    build(plan) {
      plan.parameter("table", [5, 3]);
      layer(plan, "one", 3, 5);
      layer(plan, "two", 5, 6);
      const keep = plan.input("keep", 3);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 2 * 3) }]);
      judge(plan, plan.lstm(plan.lstm(x, "one", 2, keep), "two", 2, keep), 4);
    },
    ids: { ids: 5, labels: 4 },
    given: { keep: [1, 0, 0.5] },
  },
  "relu, add and a value with two readers": {
    build(plan) {
      plan.parameter("table", [6, 3]);
      plan.parameter("told", [4, 5]);
      affine(plan, "hidden", 3, 5);
      affine(plan, "more", 3, 5);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 7) }]);
      const told = plan.embeddings([{ table: "told", ids: plan.input("told ids", 7) }]);
      const hidden = plan.relu(plan.add(plan.dense(x, "hidden"), told));
      judge(plan, plan.add(hidden, plan.dense(x, "more")), 3, "first ");
      judge(plan, hidden, 2, "second ");
    },
    ids: { ids: 6, "told ids": 4, "first labels": 3, "second labels": 2 },
  },
  dropout: {
    build(plan) {
      plan.parameter("table", [6, 7]);
      affine(plan, "hidden", 7, 9);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 5) }]);
      const hidden = plan.dense(plan.dropout(x, 0.3), "hidden");
      judge(plan, plan.dropout(hidden, 0.5), 4);
    },
    ids: { ids: 6, labels: 4 },
  },
  "rows, once all and once a part": {
    build(plan) {
      plan.parameter("table", [6, 3]);
      affine(plan, "hidden", 3, 5);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 7) }]);
      const hidden = plan.dense(x, "hidden");
      judge(plan, plan.rows(hidden, 2, 3), 4, "part ");
      judge(plan, hidden, 3, "all ");
    },
    ids: { ids: 6, "part labels": 4, "all labels": 3 },
  },
  "rows of a value that nothing else reads": {
    build(plan) {
      plan.parameter("table", [6, 3]);
      layer(plan, "lstm", 3, 2);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 6) }]);
      judge(plan, plan.rows(plan.dropout(plan.lstm(x, "lstm", 3), 0.2), 4, 2), 4);
    },
    ids: { ids: 6, labels: 4 },
  },
  "logits relative to pitches": {
    build(plan) {
      plan.parameter("table", [6, 3]);
      affine(plan, "output", 3, 5);
      affine(plan, "relative", 3, 2 * 2 * 39);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 4) }]);
      const logits = plan.dense(x, "output");
      const anchors = [plan.input("first", 4), plan.input("second", 4)];
      const [shapes, bases] = [plan.input("shapes", 5), plan.input("bases", 5)];
      plan.addRelative(logits, plan.dense(x, "relative"), anchors, { shapes, bases });
      const [labels, weights] = [plan.input("labels", 4), plan.input("weights", 4)];
      plan.crossEntropy(logits, labels, weights, plan.output("losses", 4));
    },
    ids: { ids: 6, labels: 5, first: 0, second: 0, shapes: 0, bases: 0 },
    // Notes 60 and 73, the chords on D and on B, and one that lies nowhere.
    given: {
      first: [60, 128, 59, 86],
      second: [47, 48, 128, 0],
      shapes: [60, 73, 130, 139, -1],
      bases: [0, 39, 0, 39, 0],
    },
  },
  "a mixture with two other predictors": {
    build(plan) {
      plan.parameter("table", [6, 3]);
      plan.parameter("trust", [4, 3]);
      affine(plan, "output", 3, 5);
      affine(plan, "gates", 3, 3);
      const x = plan.embeddings([{ table: "table", ids: plan.input("ids", 5) }]);
      const logits = plan.dense(x, "output");
      const trust = plan.embeddings([{ table: "trust", ids: plan.input("trust ids", 5) }]);
      const gates = plan.add(plan.dense(x, "gates"), trust);
      const labels = plan.input("labels", 5);
      const [weights, losses] = [plan.input("weights", 5), plan.output("losses", 5)];
      const memory = plan.input("memory", 5, 2);
      plan.crossEntropy(logits, labels, weights, losses, { gates, memory });
    },
    ids: { ids: 6, "trust ids": 4, labels: 5 },
    given: { memory: [0.3, 0.5, -1, 0.9, 0, 0, 0.7, -1, -1, -1] },
  },
};

const CARRIED = [0.4, -0.3, 0.8, -0.9, 0.1];

/** Values for all parameters and inputs; weights of rows are in [-0.5, 1.5). */
function fill(arena: Arena, { ids, given = {} }: Network): void {
  const prng = createPrng(1, "plan");
  for (const name of Object.keys(arena.plan.parameterTensors)) {
    arena.parameter(name).forEach((_, i, all) => all[i] = 0.7 * prng.normal());
  }
  for (const name of Object.keys(arena.plan.inputTensors)) {
    if (name in given) (name in ids ? arena.inputIds(name) : arena.input(name)).set(given[name]);
    else if (name in ids) {
      arena.inputIds(name).forEach((_, i, all) => all[i] = prng.below(ids[name]));
    } else if (name.endsWith("weights")) {
      arena.input(name).forEach((_, i, all) => all[i] = 2 * prng.uniform() - 0.5);
    } else arena.input(name).forEach((_, i, all) => all[i] = prng.normal());
  }
}

/** Σ weights · losses after a forward pass with the parameters as they stand. */
function lossOf(arena: Arena, pass = "forward"): number {
  arena.floats(arena.plan.carried).forEach((_, i, all) => all[i] = CARRIED[i % CARRIED.length]);
  arena.run("prepare", pass);
  let sum = 0;
  for (const name of Object.keys(arena.plan.outputTensors)) {
    const weights = arena.input(name.replace("losses", "weights"));
    arena.output(name).forEach((loss, row) => sum += weights[row] * loss);
  }
  return sum;
}

/** The slope of the loss at one parameter by a five-point stencil: its error is of fourth order. */
function slopeAt(arena: Arena, name: string, i: number): number {
  const value = arena.parameter(name)[i];
  const step = 0.03;
  const at = (steps: number) => {
    arena.parameter(name)[i] = value + steps * step;
    return lossOf(arena);
  };
  const slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
  arena.parameter(name)[i] = value;
  return slope;
}

for (const [name, network] of Object.entries(NETWORKS)) {
  Deno.test(`plan: gradient of ${name} is the slope of the loss`, async () => {
    const builder = new PlanBuilder();
    network.build(builder);
    const arena = await createArena(builder.build());
    fill(arena, network);
    arena.registers[0] = 77;
    // What stood in the gradient before must not matter.
    arena.floats(arena.plan.gradient).fill(NaN);
    lossOf(arena);
    arena.run("backward");
    lossOf(arena);
    arena.run("backward");
    for (const parameter of Object.keys(arena.plan.parameterTensors)) {
      const found = arena.gradient(parameter).slice();
      const wanted = found.map((_, i) => slopeAt(arena, parameter, i));
      const size = Math.max(0.05, ...wanted.map(Math.abs));
      found.forEach((value, i) => {
        const difference = Math.abs(value - wanted[i]);
        assert.ok(difference < 1e-3 * size, `${parameter}[${i}]: ${value}, slope ${wanted[i]}`);
      });
    }
    arena.free();
  });
}

Deno.test("plan: dropout masks depend on the seed, and evaluate has none", async () => {
  const network = NETWORKS.dropout;
  const builder = new PlanBuilder();
  network.build(builder);
  const arena = await createArena(builder.build());
  fill(arena, network);
  const lossWith = (seed: number, pass?: string) => {
    arena.registers[0] = seed;
    return lossOf(arena, pass);
  };
  assert.equal(lossWith(1), lossWith(1));
  assert.notEqual(lossWith(1), lossWith(2));
  assert.equal(lossWith(1, "evaluate"), lossWith(2, "evaluate"));
  assert.notEqual(lossWith(1), lossWith(1, "evaluate"));
  arena.free();
});

Deno.test("plan: the mixture's likelihood is the mean of its predictors, by hand", async () => {
  const builder = new PlanBuilder();
  affine(builder, "output", 1, 2);
  affine(builder, "gates", 1, 3);
  const x = builder.input("x", 4);
  const logits = builder.dense(x, "output");
  const gates = builder.dense(x, "gates");
  const [labels, weights] = [builder.input("labels", 4), builder.input("weights", 4)];
  const losses = builder.output("losses", 4);
  builder.crossEntropy(logits, labels, weights, losses, {
    gates,
    memory: builder.input("memory", 4, 2),
  });
  const arena = await createArena(builder.build());
  // Shares of network, first and second predictor as 1 : 2 : 5; the network says 3/4 and 1/4.
  arena.parameter("gates/bias").set([0, Math.log(2), Math.log(5)]);
  arena.parameter("output/bias").set([Math.log(3), 0]);
  arena.inputIds("labels").set([0, 1, 0, 1]);
  arena.input("memory").set([0.5, 0.1, -1, 0.2, 0.4, -1, -1, -1]);
  arena.run("prepare", "evaluate");
  const wanted = [
    (1 * 0.75 + 2 * 0.5 + 5 * 0.1) / 8,
    (1 * 0.25 + 5 * 0.2) / 6,
    (1 * 0.75 + 2 * 0.4) / 3,
    0.25,
  ];
  arena.output("losses").forEach((loss, row) =>
    assert.ok(Math.abs(Math.exp(-loss) - wanted[row]) < 1e-6, `row ${row}: ${Math.exp(-loss)}`)
  );
  arena.free();
});

Deno.test("plan: beside the mixture the network's own cross-entropy counts with its weight", async () => {
  const resultsWith = async (mixed: boolean, alone = 0) => {
    const builder = new PlanBuilder();
    affine(builder, "output", 2, 3);
    const x = builder.input("x", 4, 2);
    const logits = builder.dense(x, "output");
    const [labels, weights] = [builder.input("labels", 4), builder.input("weights", 4)];
    const losses = builder.output("losses", 4);
    if (mixed) affine(builder, "gates", 2, 3);
    const mixture = mixed
      ? { gates: builder.dense(x, "gates"), memory: builder.input("memory", 4, 2), alone }
      : undefined;
    builder.crossEntropy(logits, labels, weights, losses, mixture);
    const arena = await createArena(builder.build());
    const given = {
      memory: [0.5, 0.1, -1, 0.2, 0.4, -1, -1, -1],
      x: [1, -0.5, 0.3, 0.8, -1, 0.2, 0.6, 0.6],
      labels: [0, 2, 1, 1],
      weights: [1, 0.5, 2, 0.7],
    };
    fill(arena, { build: () => {}, ids: { labels: 3 }, given });
    arena.run("prepare", "forward", "backward");
    const gradient = [...arena.gradient("output/kernel")];
    const rest = mixed ? [...arena.gradient("gates/kernel"), ...arena.output("losses")] : [];
    arena.free();
    return { gradient, rest };
  };
  const [plain, mixture] = [await resultsWith(false), await resultsWith(true)];
  const both = await resultsWith(true, 0.5);
  assert.deepEqual(both.rest, mixture.rest, "the gates and the losses do not know of it");
  both.gradient.forEach((value, i) => {
    const wanted = mixture.gradient[i] + 0.5 * plain.gradient[i];
    assert.ok(Math.abs(value - wanted) < 1e-6, `${i}: ${value}, not ${wanted}`);
  });
});

/** Two layers that carry their state, from numbers to logits. */
function carrying(rows: number, steps: number) {
  const plan = new PlanBuilder();
  layer(plan, "one", 1, 5);
  layer(plan, "two", 5, 3);
  const keep = plan.input("keep", rows);
  const h = plan.lstm(
    plan.lstm(plan.input("x", rows * steps), "one", steps, keep),
    "two",
    steps,
    keep,
  );
  plan.read(h, plan.output("h", rows * steps, 3));
  judge(plan, h, 2);
  return plan.build();
}

Deno.test("plan: two windows with carried state give what one long window gives", async () => {
  const [rows, steps] = [3, 6];
  const whole = await createArena(carrying(rows, steps));
  const half = await createArena(carrying(rows, steps / 2));
  fill(whole, { build: () => {}, ids: { labels: 2 } });
  half.floats(half.plan.parameters).set(whole.floats(whole.plan.parameters));
  // The state from before is only kept in the second row.
  for (const arena of [whole, half]) {
    arena.floats(arena.plan.carried).fill(0.3);
    arena.input("keep").set([0, 1, 0]);
    arena.run("prepare");
  }
  whole.run("evaluate");
  const found: number[] = [];
  const length = rows * steps / 2;
  for (const from of [0, length]) {
    half.input("x").set(whole.input("x").subarray(from, from + length));
    half.run("evaluate");
    found.push(...half.output("h"));
    half.input("keep").fill(1);
  }
  whole.output("h").forEach((value, i) =>
    assert.ok(Math.abs(found[i] - value) < 1e-6, `${i}: ${found[i]}, not ${value}`)
  );
  [whole, half].forEach((arena) => arena.free());
});

Deno.test("plan: keep multiplies the carried state, 0 forgets it", async () => {
  const arena = await createArena(carrying(2, 1));
  fill(arena, { build: () => {}, ids: { labels: 2 } });
  arena.run("prepare");
  const outputs = (state: number, keep: readonly number[]) => {
    arena.floats(arena.plan.carried).fill(state);
    arena.input("keep").set(keep);
    arena.run("evaluate");
    return [...arena.output("h")];
  };
  const [fresh, half] = [outputs(0, [1, 1]), outputs(0.4, [1, 1])];
  assert.notDeepEqual(half, fresh);
  assert.deepEqual(outputs(0.8, [0, 0]), fresh);
  assert.deepEqual(outputs(0.8, [0.5, 0.5]), half);
  assert.deepEqual(outputs(0.8, [0, 0.5]), [...fresh.slice(0, 3), ...half.slice(3)]);
  arena.free();
});

Deno.test("plan: two dropout layers have masks of their own, for all their rows", async () => {
  const builder = new PlanBuilder();
  const x = builder.input("x", 20, 10);
  for (const name of ["first", "second"]) {
    builder.read(builder.dropout(x, 0.5), builder.output(name, 20, 10));
  }
  const arena = await createArena(builder.build());
  arena.input("x").fill(1);
  arena.registers[0] = 3;
  arena.run("forward");
  const [first, second] = [arena.output("first"), arena.output("second")];
  for (const mask of [first, second]) assert.deepEqual(new Set(mask), new Set([0, 2]));
  const same = first.filter((value, i) => value === second[i]).length;
  // Half of 200 agree by chance, four standard deviations are 28.
  assert.ok(Math.abs(same - 100) < 28, `${same} of 200 agree`);
  arena.free();
});

Deno.test("plan: without keep the state starts from zero, whatever the memory held", async () => {
  const engine = await startEngine();
  const builder = new PlanBuilder();
  layer(builder, "lstm", 1, 3);
  const h = builder.lstm(builder.input("x", 4), "lstm", 2);
  builder.read(h, builder.output("h", 4, 3));
  judge(builder, h, 2);
  const plan = builder.build();
  const parameters = Float32Array.from({ length: plan.parameters.length }, (_, i) => Math.sin(i));
  const result = () => {
    const runner = createRunner(engine, plan, parameters);
    runner.input("x").set([1, 2, 3, 4]);
    runner.run();
    const values = [...runner.output("h")];
    runner.close();
    return values;
  };
  const wanted = result();
  const used = engine.allocate(plan.bytes);
  new Float32Array(engine.memory.buffer, used.address, plan.bytes / 4).fill(9);
  used.free();
  assert.deepEqual(result(), wanted);
});

Deno.test("plan: mistakes in a network are refused", () => {
  const twice = new PlanBuilder();
  affine(twice, "a", 2, 2);
  assert.throws(() => twice.parameter("a/bias", [2]), /a\/bias is declared twice/);
  const shared = new PlanBuilder();
  affine(shared, "a", 2, 2);
  const x = shared.dense(shared.dense(shared.input("x", 1, 2), "a"), "a");
  judge(shared, x, 2);
  assert.throws(() => shared.build(), /is used twice/);
  const idle = new PlanBuilder();
  idle.parameter("idle", [3]);
  judge(idle, idle.input("x", 1, 2), 2);
  assert.throws(() => idle.build(), /idle is never used/);
});

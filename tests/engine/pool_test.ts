/** Training on several threads: the same bytes, and an end with a reason when a thread dies. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { startEngine } from "../../lib/engine/backend.ts";
import type { KernelCall, Plan } from "../../lib/engine/plan.ts";
import {
  createTrainingPool,
  type OptimizerState,
  type TrainingPool,
} from "../../lib/engine/pool.ts";
import { TrainingError } from "../../lib/errors.ts";
import { classicPlan } from "../../lib/model/classic.ts";
import { initialParameters } from "../../lib/model/initial.ts";
import { createPrng } from "../../lib/random.ts";

const STEPS = 3;
const ROWS = 2;
const MICRO_BATCHES = 5;

/** More than one chunk of parameters, so that the update is shared out too. */
const plan = classicPlan({
  preset: "classic",
  vocabularySize: 7,
  sequenceLength: STEPS,
  units: [45, 13],
  denseUnits: 9,
  dropout: 0.3,
}, ROWS);

const UPDATE = { learningRate: 0.01, clipNorm: 0.5, weightDecay: 0.01, dropoutSeed: 5 };

/** Equality of large arrays, without the endless comparison that `deepEqual` prints of them. */
function assertSame(found: unknown, wanted: unknown, what = "not the same"): void {
  assert.ok(isDeepStrictEqual(found, wanted), what);
}

const open = new Set<TrainingPool>();

/** A test that ends its workers even if it fails: else the process would wait for them. */
function poolTest(name: string, test: () => Promise<void>): void {
  Deno.test(`pool: ${name}`, async () => {
    try {
      await test();
    } finally {
      for (const pool of open) pool.close();
      open.clear();
    }
  });
}

async function poolOf(threads: number, of: Plan = plan): Promise<TrainingPool> {
  const pool = createTrainingPool(await startEngine(), of, {
    microBatches: MICRO_BATCHES,
    threads,
  });
  open.add(pool);
  pool.load({ parameters: initialParameters(plan, createPrng(3)) });
  const prng = createPrng(4);
  for (let m = 0; m < MICRO_BATCHES; m++) {
    pool.input("x", m).forEach((_, i, all) => all[i] = prng.uniform());
    pool.inputIds("labels", m).forEach((_, i, all) => all[i] = prng.below(7));
    pool.input("weights", m).fill(1 / (ROWS * MICRO_BATCHES));
  }
  return pool;
}

poolTest("any number of threads gives the same bytes", async () => {
  assert.ok(plan.parameters.length > 8192, `${plan.parameters.length} parameters are one chunk`);
  const runs: {
    readonly norms: number[];
    readonly losses: number[][];
    readonly state: OptimizerState;
  }[] = [];
  for (const threads of [1, 2, 3, 4, 9]) {
    const pool = await poolOf(threads);
    assert.equal(pool.threads, Math.min(threads, MICRO_BATCHES));
    const norms: number[] = [];
    for (let i = 0; i < 4; i++) norms.push(await pool.train({ ...UPDATE, dropoutSeed: 10 * i }));
    const dropped = Array.from({ length: MICRO_BATCHES }, (_, m) => [...pool.output("losses", m)]);
    await pool.evaluate();
    const losses = Array.from({ length: MICRO_BATCHES }, (_, m) => [...pool.output("losses", m)]);
    runs.push({ norms, losses: [...dropped, ...losses], state: pool.state() });
  }
  assert.equal(runs[0].state.step, 4);
  runs.slice(1).forEach((run) => assertSame(run, runs[0]));
});

poolTest("dropout differs between steps and micro-batches, and repeats with its seed", async () => {
  const lossesWith = async (dropoutSeed: number) => {
    const pool = await poolOf(2);
    for (let m = 0; m < MICRO_BATCHES; m++) {
      pool.input("x", m).fill(0.5);
      pool.inputIds("labels", m).fill(1);
    }
    await pool.train({ ...UPDATE, dropoutSeed });
    const losses = Array.from({ length: MICRO_BATCHES }, (_, m) => pool.output("losses", m)[0]);
    return losses;
  };
  const first = await lossesWith(1);
  assert.deepEqual(await lossesWith(1), first);
  assert.equal(new Set(first).size, MICRO_BATCHES);
  assert.notDeepEqual(await lossesWith(1000), first);
});

poolTest("clip and weight decay do what their definitions say", async () => {
  const before = initialParameters(plan, createPrng(3));
  const afterOne = async (settings: Partial<typeof UPDATE>) => {
    const pool = await poolOf(1);
    const norm = await pool.train({ ...UPDATE, clipNorm: 0, weightDecay: 0, ...settings });
    const state = pool.state();
    return { norm, ...state };
  };
  const plain = await afterOne({});
  const clipped = await afterOne({ clipNorm: plain.norm / 4 });
  const loose = await afterOne({ clipNorm: plain.norm * 2 });
  const decayed = await afterOne({ weightDecay: 0.5 });
  assertSame(loose, plain);
  assert.equal(clipped.norm, plain.norm);
  // The first moment is (1 - 0.9) · gradient, so the clip shows in it as a factor.
  clipped.firstMoment.forEach((value, i) =>
    assert.ok(Math.abs(value - plain.firstMoment[i] / 4) < 1e-8, `${i}`)
  );
  const norm = Math.sqrt(plain.firstMoment.reduce((sum, m) => sum + (10 * m) ** 2, 0));
  assert.ok(Math.abs(norm - plain.norm) < 1e-4 * norm, `norm ${plain.norm}, from moments ${norm}`);
  // Decoupled: first p shrinks by learningRate · decay = 0.005 of itself, then Adam's step.
  decayed.parameters.forEach((value, i) => {
    const wanted = plain.parameters[i] - 0.005 * before[i];
    assert.ok(Math.abs(value - wanted) < 1e-6, `${i}: ${value}, not ${wanted}`);
  });
});

poolTest("a state that is loaded goes on as the one that was saved", async () => {
  const pool = await poolOf(2);
  await pool.train(UPDATE);
  const middle = pool.state();
  await pool.train(UPDATE);
  const wanted = pool.state();
  pool.load(middle);
  await pool.train(UPDATE);
  assertSame(pool.state(), wanted);
});

poolTest("a gradient that is not a number is told and changes nothing", async () => {
  for (const threads of [1, 3]) {
    const pool = await poolOf(threads);
    await pool.train(UPDATE);
    const before = pool.state();
    pool.input("x", 3)[1] = NaN;
    assert.ok(!Number.isFinite(await pool.train(UPDATE)));
    assertSame(pool.state(), before);
  }
});

/** `plan` with one more kernel call at the end of a pass. */
function withCall(pass: string, call: KernelCall): Plan {
  return { ...plan, passes: { ...plan.passes, [pass]: [...plan.passes[pass], call] } };
}

// Workers' memories are just as large as they must be; that of the main thread is much larger.
const beyondWorkers: KernelCall = {
  kernel: "copy",
  args: [plan.scratch.offset, plan.bytes + 200_000, 4],
  kinds: ["address", "address", "number"],
};

for (const pass of ["prepare", "forward", "backward"]) {
  for (const threads of [2, 4]) {
    poolTest(`a worker that dies in ${pass} ends training, ${threads} threads`, async () => {
      const pool = await poolOf(threads, withCall(pass, beyondWorkers));
      const started = performance.now();
      await assert.rejects(pool.train(UPDATE), (error) => {
        assert.ok(error instanceof TrainingError);
        assert.match(error.message, /Training stopped: a worker thread died \(.*out of bounds/s);
        assert.match(error.details.hint!, /--threads 1/);
        return true;
      });
      assert.ok(performance.now() - started < 5000);
    });
  }
}

poolTest("a worker that dies later ends training as well", async () => {
  const pool = await poolOf(3, withCall("evaluate", beyondWorkers));
  await pool.train(UPDATE);
  await assert.rejects(pool.evaluate(), TrainingError);
});

poolTest("a kernel that does not exist is an error on any number of threads", async () => {
  const call: KernelCall = { kernel: "noSuchKernel", args: [], kinds: [] };
  for (const threads of [1, 2]) {
    const error = await poolOf(threads, withCall("forward", call))
      .then((pool) => pool.train(UPDATE))
      .then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof Error, `${threads} threads`);
    assert.match(error.message, /noSuchKernel/);
  }
});

poolTest("names that the plan does not have are refused", async () => {
  const pool = await poolOf(1);
  assert.throws(() => pool.input("y", 0), /no input or output named y/);
  assert.throws(() => pool.output("y", 0), /no input or output named y/);
});

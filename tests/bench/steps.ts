/**
 * Training steps and generation of this project, timed (development only).
 *
 * @module
 */
import { startEngine } from "../../lib/engine/backend.ts";
import { fastestKernels } from "../../lib/engine/kernels.ts";
import type { Plan } from "../../lib/engine/plan.ts";
import { PlanBuilder } from "../../lib/engine/plan_builder.ts";
import { createTrainingPool, type TrainingPool } from "../../lib/engine/pool.ts";
import { createRunner } from "../../lib/engine/runner.ts";
import { sampleId } from "../../lib/generation/sample.ts";
import { classicPlan } from "../../lib/model/classic.ts";
import { initialParameters } from "../../lib/model/initial.ts";
import { createPrng } from "../../lib/random.ts";
import { trainingBytes, type Work } from "./floor.ts";

/** The classic network on the vocabulary of the three pieces that the original system ships. */
const CLASSIC = {
  preset: "classic",
  vocabularySize: 114,
  sequenceLength: 50,
  units: [512, 256],
  denseUnits: 256,
  dropout: 0.3,
} as const;
/** Windows in a batch of the classic network. */
const CLASSIC_BATCH = 128;
/** Rows of a micro-batch, as in lib/training/classic_course.ts. */
const CLASSIC_ROWS = 16;

/**
 * What a classic training step has to compute and move: multiply and add for each weight, forward, and
 * twice that backward.
 */
export function classicStepWork(): Work {
  const plan = classicPlan(CLASSIC, CLASSIC_ROWS);
  return {
    operations: 6 * CLASSIC_BATCH *
      (50 * ((1 + 512) * 2048 + (512 + 256) * 1024) + 256 * 256 + 256 * 114),
    bytes: trainingBytes(plan, CLASSIC.units, CLASSIC_BATCH * 50),
  };
}

/** The same for one symbol that the classic network generates: every weight is read once. */
export function symbolWork(): Work {
  const { length } = classicPlan(CLASSIC, 1).parameters;
  return { operations: 2 * length, bytes: 4 * length };
}

/** Sizes of the every-step network. */
const EVERY = {
  vocabulary: 256,
  embedding: 128,
  units: 256,
  dense: 256,
  rows: 16,
  batch: 32,
  steps: 64,
};

/** Targets of one batch of the every-step network. */
export const EVERY_TARGETS = EVERY.batch * EVERY.steps;
/** Threads that can work on one batch of it. */
export const EVERY_THREADS = EVERY.batch / EVERY.rows;

/** The same for one batch of the every-step network. */
export function everyStepWork(): Work {
  const { vocabulary, embedding, units, dense } = EVERY;
  const weights = (embedding + units) * 4 * units + 2 * units * 4 * units + units * dense +
    dense * vocabulary;
  return {
    operations: 6 * EVERY_TARGETS * weights,
    bytes: trainingBytes(everyStepPlan(), [units, units], EVERY_TARGETS),
  };
}

/** Fewest seconds of `repeats` runs, after one to warm up. */
async function fastest(repeats: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

function update(dropoutSeed: number) {
  return { learningRate: 0.001, clipNorm: 1, weightDecay: 0, dropoutSeed };
}

function start(pool: TrainingPool, plan: Plan): void {
  const prng = createPrng(1, "bench");
  pool.load({ parameters: initialParameters(plan, prng) });
}

async function classicPool(threads: number): Promise<TrainingPool> {
  const plan = classicPlan(CLASSIC, CLASSIC_ROWS);
  const microBatches = CLASSIC_BATCH / CLASSIC_ROWS;
  const pool = createTrainingPool(await startEngine(), plan, {
    microBatches,
    threads,
    kernels: await fastestKernels(() => performance.now()),
  });
  start(pool, plan);
  const prng = createPrng(2, "bench");
  for (let m = 0; m < microBatches; m++) {
    pool.input("x", m).forEach((_, i, x) => x[i] = prng.uniform());
    pool.inputIds("labels", m).forEach((_, i, labels) => labels[i] = prng.below(114));
    pool.input("weights", m).fill(1 / CLASSIC_BATCH);
  }
  return pool;
}

/** Seconds of a classic training step: B = 128, T = 50, with dropout and Adam. */
export async function classicStep(threads: number, repeats = 8): Promise<number> {
  const pool = await classicPool(threads);
  const seconds = await fastest(repeats, () => pool.train(update(1)));
  pool.close();
  return seconds;
}

/** Seconds from the start of this call, which loads the engine, to the end of the first small training step on two threads. */
export async function startUp(): Promise<number> {
  const begun = performance.now();
  const plan = classicPlan({ ...CLASSIC, units: [64, 64] }, CLASSIC_ROWS);
  const pool = createTrainingPool(await startEngine(), plan, {
    microBatches: 2,
    threads: 2,
    kernels: await fastestKernels(() => performance.now()),
  });
  start(pool, plan);
  await pool.train(update(1));
  const seconds = (performance.now() - begun) / 1000;
  pool.close();
  return seconds;
}

/**
 * Bytes of the arrays that a classic step on so many threads works on: an arena for each, and shared
 * parameters, moments and gradients of all micro-batches.
 */
export function classicArrayBytes(threads: number): number {
  const { bytes, parameters } = classicPlan(CLASSIC, CLASSIC_ROWS);
  return threads * bytes + 4 * (3 + CLASSIC_BATCH / CLASSIC_ROWS) * parameters.length;
}

/** Resident memory in bytes over `steps` classic steps on two threads, read at each tenth of them. */
export async function memoryOverSteps(steps: number): Promise<number[]> {
  const pool = await classicPool(2);
  const read: number[] = [];
  for (let i = 1; i <= steps; i++) {
    await pool.train(update(i));
    if (i % (steps / 10) === 0) read.push(Deno.memoryUsage().rss);
  }
  pool.close();
  return read;
}

function everyStepPlan(): Plan {
  const { vocabulary, embedding, units, dense, rows, steps } = EVERY;
  const plan = new PlanBuilder();
  plan.parameter("symbol/embedding", [vocabulary, embedding]);
  [embedding, units].forEach((input, i) => {
    plan.parameter(`lstm${i + 1}/kernel`, [input, 4 * units]);
    plan.parameter(`lstm${i + 1}/recurrent_kernel`, [units, 4 * units]);
    plan.parameter(`lstm${i + 1}/bias`, [4 * units]);
  });
  plan.parameter("dense/kernel", [units, dense]);
  plan.parameter("dense/bias", [dense]);
  plan.parameter("output/kernel", [dense, vocabulary]);
  plan.parameter("output/bias", [vocabulary]);
  const size = rows * steps;
  const [ids, labels] = [plan.input("ids", size), plan.input("labels", size)];
  const [weights, keep] = [plan.input("weights", size), plan.input("keep", rows)];
  const losses = plan.output("losses", size);
  const x = plan.embeddings([{ table: "symbol/embedding", ids }]);
  const h1 = plan.dropout(plan.lstm(x, "lstm1", steps, keep), 0.3);
  const h2 = plan.dropout(plan.lstm(h1, "lstm2", steps, keep), 0.3);
  plan.crossEntropy(plan.dense(plan.dense(h2, "dense"), "output"), labels, weights, losses);
  return plan.build();
}

/** Targets a second with the loss at every step: E = 128, 256 and 256 units, B = 32, T = 64, V = 256. */
export async function targetsPerSecond(threads: number, repeats = 8): Promise<number> {
  const plan = everyStepPlan();
  const microBatches = EVERY.batch / EVERY.rows;
  const pool = createTrainingPool(await startEngine(), plan, {
    microBatches,
    threads,
    kernels: await fastestKernels(() => performance.now()),
  });
  start(pool, plan);
  const prng = createPrng(3, "bench");
  for (let m = 0; m < microBatches; m++) {
    for (const name of ["ids", "labels"]) {
      pool.inputIds(name, m).forEach((_, i, ids) => ids[i] = prng.below(EVERY.vocabulary));
    }
    pool.input("weights", m).fill(1 / EVERY_TARGETS);
    pool.input("keep", m).fill(1);
  }
  const seconds = await fastest(repeats, () => pool.train(update(1)));
  pool.close();
  return EVERY_TARGETS / seconds;
}

/** Symbols a second of one sequence with carried state: 512 and 256 units, dense 256, V = 114, sampling included. */
export async function symbolsPerSecond(count = 3000): Promise<number> {
  const plan = new PlanBuilder();
  const layers = [[1, 512], [512, 256]];
  layers.forEach(([input, units], i) => {
    plan.parameter(`lstm${i + 1}/kernel`, [input, 4 * units]);
    plan.parameter(`lstm${i + 1}/recurrent_kernel`, [units, 4 * units]);
    plan.parameter(`lstm${i + 1}/bias`, [4 * units]);
  });
  plan.parameter("dense/kernel", [256, 256]);
  plan.parameter("dense/bias", [256]);
  plan.parameter("output/kernel", [256, 114]);
  plan.parameter("output/bias", [114]);
  const [x, keep, label] = [plan.input("x", 1), plan.input("keep", 1), plan.input("label", 1)];
  const [weight, loss] = [plan.input("weight", 1), plan.output("loss", 1)];
  const out = plan.output("logits", 1, 114);
  const hidden = plan.lstm(plan.lstm(x, "lstm1", 1, keep), "lstm2", 1, keep);
  const logits = plan.dense(plan.dense(hidden, "dense"), "output");
  plan.read(logits, out);
  plan.crossEntropy(logits, label, weight, loss);
  const built = plan.build();
  const prng = createPrng(4, "bench");
  const runner = createRunner(await startEngine(), built, initialParameters(built, prng));
  runner.input("keep").fill(1);
  const generate = (length: number) => {
    for (let i = 0; i < length; i++) {
      runner.run();
      const id = sampleId(runner.output("logits"), { temperature: 1, topK: 0, topP: 1 }, prng);
      runner.input("x")[0] = id / 114;
    }
  };
  generate(count / 10);
  const begun = performance.now();
  generate(count);
  const rate = count / ((performance.now() - begun) / 1000);
  runner.close();
  return rate;
}

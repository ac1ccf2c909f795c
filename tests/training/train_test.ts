/** The training loop: reproducible, resumable, honest about trouble, and it does learn. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { startEngine } from "../../lib/engine/backend.ts";
import { createTrainingPool } from "../../lib/engine/pool.ts";
import { CorpusError, TrainingError } from "../../lib/errors.ts";
import type { ModelDescription } from "../../lib/model/description.ts";
import { loadModel, saveModel } from "../../lib/model/folder.ts";
import { checkpointOf, type Preparation, prepareClassic } from "../../lib/training/preparation.ts";
import {
  type BatchProgress,
  type Checkpoint,
  train,
  type TrainingOptions,
  type TrainingResult,
} from "../../lib/training/train.ts";
import { melody } from "../evaluation/music.ts";
import { PIECES, preparation, TINY, trained } from "./network.ts";

const TUNE = "C4 D4 E4 C4 G4 0.4.7 F4 E4 D4 C4 G3 5.9.0 A3 B3 C4 E4 7.11.2 G4 C5 C4 A3 F4 D4 B3"
  .split(" ");

const CLASSIC = {
  ...TINY,
  batchSize: 20,
  sequenceLength: 5,
  epochs: 3,
  learningRate: 0.003,
} as const;

function classic(
  settings: Partial<Parameters<typeof prepareClassic>[1]> = {},
  symbols: readonly string[] = TUNE,
  heldOut: readonly string[] = [],
): Preparation {
  const items = [{ source: "tune", value: symbols }];
  return prepareClassic(items, { ...CLASSIC, ...settings }, heldOut);
}

/** Equality of large arrays, without the endless comparison that `deepEqual` prints of them. */
function assertSame(found: unknown, wanted: unknown, what = "not the same"): void {
  assert.ok(isDeepStrictEqual(found, wanted), what);
}

/** Everything that training gives, as plain numbers. */
function numbersOf({ optimizer, best, history, epoch }: Checkpoint) {
  const { step, parameters, firstMoment, secondMoment } = optimizer;
  return { step, parameters, firstMoment, secondMoment, best, history, epoch };
}

const PRESETS: Readonly<
  Record<string, (settings?: { seed?: number; epochs?: number }) => Preparation>
> = {
  classic: (settings) => classic(settings, TUNE, TUNE.toReversed()),
  expressive: (settings) => preparation(settings),
};

for (const [preset, prepare] of Object.entries(PRESETS)) {
  Deno.test(`training, ${preset}: any number of threads gives the same bytes`, async () => {
    const runs: TrainingResult[] = [];
    for (const threads of [1, 2, 3, 4]) {
      runs.push(await trained(prepare({ epochs: 2 }), { threads, patience: 0 }));
    }
    assert.ok(runs[0].optimizer.step >= 2 && runs[0].history[0].heldOutLoss! > 0);
    runs.slice(1).forEach((run) => assertSame(run, runs[0]));
  });

  Deno.test(`training, ${preset}: the seed fixes everything, and another one changes it`, async () => {
    const run = async (seed: number) =>
      numbersOf(await trained(prepare({ seed, epochs: 2 }), { seed, patience: 0 }));
    const first = await run(1);
    assertSame(await run(1), first);
    assert.notDeepEqual((await run(2)).parameters, first.parameters);
    const start = (seed: number) => prepare({ seed }).start.optimizer.parameters;
    assert.notDeepEqual(start(1), start(2));
  });

  Deno.test(`training, ${preset}: three epochs at once are one, a saved model, and two more`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const whole = await trained(prepare({ epochs: 3 }), { patience: 0 });
      const first = prepare({ epochs: 3 });
      await trained(first, {
        patience: 0,
        async onEpoch({ epoch }, checkpoint) {
          if (epoch === 1) await saveModel(folder, first.save(checkpoint()));
        },
      });
      const again = prepare({ epochs: 3 });
      const middle = checkpointOf(await loadModel<ModelDescription>(folder), again);
      assert.equal(middle.epoch, 1);
      const resumed = await trained(again, { patience: 0 }, middle);
      assertSame(numbersOf(resumed), numbersOf(whole));
      assertSame(again.save(resumed), first.save(whole));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("training: the order of the data differs from epoch to epoch", async () => {
  const { course } = classic();
  const { microBatches } = course;
  const pool = createTrainingPool(await startEngine(), course.plan, { microBatches, threads: 1 });
  const labels = (epoch: number) => {
    course.lesson(epoch).fill(pool, 0);
    return [...pool.inputIds("labels", 0)];
  };
  const first = labels(1);
  assert.notDeepEqual(labels(2), first);
  assert.deepEqual(labels(1), first);
  pool.close();
});

Deno.test("training: every update has dropout masks of its own", async () => {
  // One window, weights that stay as they are: only the masks can make a difference.
  const single = classic({ dropout: 0.5, epochs: 5 }, TUNE.slice(0, 6));
  const { history } = await trained(single, { learningRate: () => 0 });
  assert.equal(new Set(history.map(({ trainingLoss }) => trainingLoss)).size, 5);
});

Deno.test("training: every window of the classic stream comes once an epoch", async () => {
  const { course, vocabularySize } = classic({ batchSize: 7 });
  const { microBatches } = course;
  const pool = createTrainingPool(await startEngine(), course.plan, { microBatches, threads: 1 });
  const alphabet = [...new Set(TUNE)].sort();
  const wanted = TUNE.slice(5).map((symbol, i) =>
    [...TUNE.slice(i, i + 5), symbol].map((each) => alphabet.indexOf(each)).join(" ")
  );
  const found: string[] = [];
  const lesson = course.lesson(1);
  assert.equal(lesson.batches, 3); // 19 windows: 7, 7 and 5
  for (let b = 0; b < lesson.batches; b++) {
    lesson.fill(pool, b);
    let total = 0;
    for (let m = 0; m < microBatches; m++) {
      const [x, weights] = [pool.input("x", m), pool.input("weights", m)];
      weights.forEach((weight, row) => {
        total += weight;
        if (weight === 0) return;
        const ids = [0, 1, 2, 3, 4].map((t) =>
          Math.round(x[t * weights.length + row] * vocabularySize)
        );
        found.push([...ids, pool.inputIds("labels", m)[row]].join(" "));
      });
    }
    assert.ok(Math.abs(total - 1) < 1e-6);
  }
  assert.deepEqual(found.sort(), wanted.sort());
  pool.close();
});

Deno.test("training: before anything is learned the loss is near ln V", async () => {
  const quiet = { learningRate: () => 0, epochs: 1, patience: 0 };
  const symbols = Array.from({ length: 400 }, (_, i) => TUNE[(i * i + 3 * i) % TUNE.length]);
  const { history } = await trained(classic({ dropout: 0 }, symbols), quiet);
  const wanted = Math.log(new Set(symbols).size);
  const found = history[0].trainingLoss;
  assert.ok(Math.abs(found - wanted) < 0.1, `${found}, ln V is ${wanted}`);
  // Expressive: each head by itself; what has no memory must be near its ln V.
  const prepared = preparation({ dropout: 0 });
  const model = prepared.save(prepared.start).description.configuration;
  assert.ok(model.preset === "expressive");
  const { heldOutHeads } = (await trained(prepared, quiet)).history[0];
  for (const head of ["duration", "step", "velocity"] as const) {
    const near = Math.log(model.heads[head]);
    assert.ok(
      Math.abs(heldOutHeads![head] - near) < 0.5,
      `${head}: ${heldOutHeads![head]}, ${near}`,
    );
  }
});

Deno.test("training, classic: a tiny tune is learned by heart", async () => {
  const prepared = classic({ dropout: 0, units: [24, 24], learningRate: 0.01, epochs: 250 });
  const { history } = await trained(prepared);
  const { trainingLoss } = history.at(-1)!;
  assert.ok(trainingLoss < 0.05, `${trainingLoss}`);
});

Deno.test("training, expressive: a tiny tune is learned by heart, in every key", async () => {
  const pitches = [60, 64, 67, 65, 62, 71, 72, 69, 65, 60];
  const tune = melody(pitches.map((pitch, i) => [pitch, i % 3 === 0 ? 1 : 0.5] as const));
  const prepared = preparation(
    { dropout: 0, units: [32, 32], epochs: 150, learningRate: 0.01, sequenceLength: 4 },
    [tune],
    [],
  );
  const { history } = await trained(prepared, { patience: 0 });
  const { trainingLoss } = history.at(-1)!;
  // The first note is in one of twelve keys: ln 12 / 10 = 0.25 nats a note cannot be learned.
  assert.ok(trainingLoss > 0.2 && trainingLoss < 0.45, `${trainingLoss}`);
});

Deno.test("training: a loss that is not a number ends it, with a hint", async () => {
  for (const prepare of Object.values(PRESETS)) {
    const absurd = trained(prepare({ epochs: 60 }), {
      learningRate: () => 1e30,
      patience: 0,
      clipNorm: 0,
    });
    await assert.rejects(absurd, (error) => {
      assert.ok(error instanceof TrainingError, `${error}`);
      assert.match(error.message, /the loss is no longer a number \(learning rate 1e\+30\)/);
      assert.match(error.details.hint!, /--learning-rate/);
      return true;
    });
    const prepared = prepare();
    const { optimizer } = prepared.start;
    const parameters = optimizer.parameters.slice();
    parameters[3] = NaN;
    const poisoned = { ...prepared.start, optimizer: { ...optimizer, parameters } };
    await assert.rejects(trained(prepared, { threads: 2 }, poisoned), TrainingError);
  }
});

Deno.test("training: patience ends it, and the weights with the best held-out loss are kept", async () => {
  // What is held out contradicts what is learned, so learning makes it worse.
  const prepared = classic(
    { epochs: 60, learningRate: 0.02 },
    TUNE,
    TUNE.map((_, i) => TUNE[(7 * i) % 24]),
  );
  const seen: number[] = [];
  const parameters: Float32Array[] = [];
  const result = await trained(prepared, {
    patience: 4,
    onEpoch({ heldOutLoss }, checkpoint) {
      seen.push(heldOutLoss!);
      parameters.push(checkpoint().optimizer.parameters);
    },
  });
  assert.equal(result.reason, "noImprovement");
  const best = seen.indexOf(Math.min(...seen));
  assert.equal(seen.length, best + 1 + 4);
  assertSame(result.best, parameters[best]);
  assert.deepEqual(result.history.map(({ heldOutLoss }) => heldOutLoss), seen);
  assert.notDeepEqual(result.best, result.optimizer.parameters);
});

Deno.test("training: an aborted signal or shouldStop ends it after the batch", async () => {
  const controller = new AbortController();
  const progress: BatchProgress[] = [];
  const stopAt = (count: number): Partial<TrainingOptions> => ({
    signal: controller.signal,
    onBatch(each) {
      progress.push(each);
      if (progress.length === count) controller.abort();
    },
  });
  const result = await trained(classic({ batchSize: 7, epochs: 5 }), stopAt(5));
  assert.equal(result.reason, "stopped");
  assert.deepEqual([progress.length, result.optimizer.step, result.epoch], [5, 5, 1]);
  assertSame(result.best, result.optimizer.parameters);
  assert.deepEqual(progress.map(({ epoch, batch, batches }) => [epoch, batch, batches]), [
    [1, 1, 3],
    [1, 2, 3],
    [1, 3, 3],
    [2, 1, 3],
    [2, 2, 3],
  ]);
  assert.deepEqual(progress.map(({ events }) => events), [7, 14, 19, 26, 33]);
  let asked = 0;
  const timed = await trained(preparation({ epochs: 5 }), { shouldStop: () => ++asked === 2 });
  assert.deepEqual([timed.reason, timed.optimizer.step], ["stopped", 2]);
});

Deno.test("training: the best weights survive a stop in the middle of an epoch that made it worse", async () => {
  const prepared = preparation({ epochs: 9 });
  let best: Float32Array | undefined;
  const result = await trained(prepared, {
    learningRate: (share) => share < 1 / 9 ? 0.01 : 3,
    onEpoch: (_, checkpoint) => {
      best = checkpoint().best;
    },
    shouldStop: () => best !== undefined,
  });
  assert.equal(result.epoch, 1);
  assertSame(result.best, best);
});

Deno.test("training: a model for other music cannot be gone on with", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = preparation();
    await saveModel(folder, first.save(first.start));
    const other = preparation(
      {},
      PIECES.map((piece) => ({ ...piece, events: piece.events.slice(3) })),
    );
    const model = await loadModel<ModelDescription>(folder);
    assert.throws(() => checkpointOf(model, other), (error) => {
      assert.ok(error instanceof CorpusError);
      assert.match(
        error.message,
        /the model has \d+ weights, the music and options given need \d+/,
      );
      return true;
    });
    assert.throws(() => checkpointOf(model, classic()), CorpusError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("training: nothing to learn from is said", () => {
  assert.throws(() => preparation({}, []), CorpusError);
  assert.throws(
    () => preparation({}, [melody([[60, 1]])]),
    /wanted at least 2 notes or chords, found 1/,
  );
  assert.throws(() => classic({}, TUNE.slice(0, 5)), CorpusError);
});

Deno.test("training: a checkpoint beyond the last epoch is finished", async () => {
  const prepared = classic({ epochs: 1 });
  const done = await trained(prepared);
  const again = await train(await startEngine(), prepared.course, done, {
    ...prepared.options,
    seed: 1,
    threads: 1,
  });
  assertSame(numbersOf(again), numbersOf(done));
  assert.equal(again.reason, "finished");
});

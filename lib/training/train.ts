/**
 * The training loop: batches in, weights out.
 *
 * @module
 */
import type { Engine } from "../engine/backend.ts";
import { createTrainingPool, type OptimizerState, type TrainingPool } from "../engine/pool.ts";
import { TrainingError } from "../errors.ts";
import { createPrng } from "../random.ts";
import type { EpochRecord } from "../model/description.ts";
import type { Course, Lesson, LossSum } from "./types.ts";

/** How to train. */
export interface TrainingOptions {
  /** Passes over the data. */
  readonly epochs: number;
  /** Number of threads; results do not depend on it. */
  readonly threads: number;
  /** Another build of the kernels, see `PoolOptions`; the result does not depend on it. */
  readonly kernels?: WebAssembly.Module;
  /** Fixes dropout. */
  readonly seed: number;
  /** Learning rate at a point of the run, given as the share of all updates in [0, 1). */
  learningRate(share: number): number;
  /** Global norm that gradients are scaled down to; 0: never. */
  readonly clipNorm: number;
  /** Decoupled weight decay, as a share of the learning rate. */
  readonly weightDecay: number;
  /** Epochs without a better held-out loss after which training stops; 0: never. */
  readonly patience: number;
  /** Stops training after the current batch when aborted. */
  readonly signal?: AbortSignal;
  /** Asked after every batch, for limits that only the caller can know, such as time. */
  shouldStop?(): boolean;
  /** Called after every batch. */
  onBatch?(progress: BatchProgress): void;
  /** Called after every epoch with its record and the state after it. */
  onEpoch?(record: EpochRecord, checkpoint: () => Checkpoint): void | Promise<void>;
}

/** Where a run is. */
export interface BatchProgress {
  /** The current epoch, counted from 1. */
  readonly epoch: number;
  /** All epochs. */
  readonly epochs: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Batches in this epoch. */
  readonly batches: number;
  /** Mean loss of this epoch so far in nats per event. */
  readonly loss: number;
  /** Events trained on since the start of the run. */
  readonly events: number;
}

/** Everything needed to go on training. */
export interface Checkpoint {
  /** Complete epochs so far. */
  readonly epoch: number;
  /** Parameters and moments. */
  readonly optimizer: OptimizerState;
  /** The parameters with the best held-out loss so far. */
  readonly best: Float32Array;
  /** One record an epoch. */
  readonly history: readonly EpochRecord[];
}

/** Why training ended. */
export type StopReason = "finished" | "noImprovement" | "stopped";

/** What training gives. */
export interface TrainingResult extends Checkpoint {
  /** Why it ended. */
  readonly reason: StopReason;
}

/**
 * Trains from `start` and returns the parameters with the best held-out loss, or the last ones if
 * nothing is held out.
 *
 * @throws {TrainingError} if the loss stops being a number or a worker dies
 */
export async function train(
  engine: Engine,
  course: Course,
  start: Checkpoint,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const pool = createTrainingPool(engine, course.plan, {
    microBatches: course.microBatches,
    threads: options.threads,
    kernels: options.kernels,
  });
  try {
    pool.load(start.optimizer);
    return await run(pool, course, start, options);
  } finally {
    pool.close();
  }
}

async function run(
  pool: TrainingPool,
  course: Course,
  start: Checkpoint,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const history = [...start.history];
  let best = start.best;
  let events = 0;
  const checkpoint = (): Checkpoint => ({
    epoch: history.length,
    optimizer: pool.state(),
    best,
    history: [...history],
  });
  for (let epoch = start.epoch + 1; epoch <= options.epochs; epoch++) {
    const sum = emptySum();
    const lesson = course.lesson(epoch);
    pool.clearCarried();
    let learningRate = 0;
    for (let batch = 0; batch < lesson.batches; batch++) {
      lesson.fill(pool, batch);
      learningRate = options.learningRate((epoch - 1 + batch / lesson.batches) / options.epochs);
      const norm = await pool.train({
        ...options,
        learningRate,
        dropoutSeed: stepSeed(pool, options),
      });
      const losses = course.losses(pool);
      if (!Number.isFinite(norm + total(losses))) throw diverged(learningRate);
      addTo(sum, losses);
      events += losses.events;
      const done = { batch: batch + 1, batches: lesson.batches };
      options.onBatch?.({ epoch, epochs: options.epochs, ...done, loss: mean(sum), events });
      if (options.signal?.aborted || options.shouldStop?.()) {
        const heldOutLoss = course.exam && mean(await examine(pool, course, course.exam));
        const better = heldOutLoss === undefined || heldOutLoss < bestLoss(history);
        return {
          ...checkpoint(),
          best: better ? pool.state().parameters : best,
          reason: "stopped",
        };
      }
    }
    const exam = course.exam && await examine(pool, course, course.exam);
    const record: EpochRecord = {
      epoch,
      trainingLoss: mean(sum),
      learningRate,
      ...(exam && { heldOutLoss: mean(exam), heldOutHeads: perEvent(exam) }),
    };
    if (!exam || mean(exam) < bestLoss(history)) best = pool.state().parameters;
    history.push(record);
    await options.onEpoch?.(record, checkpoint);
    if (options.patience > 0 && epochsSinceBest(history) >= options.patience) {
      return { ...checkpoint(), reason: "noImprovement" };
    }
  }
  return { ...checkpoint(), reason: "finished" };
}

/** Runs the network over all batches of a lesson without dropout and sums the losses. */
export async function examine(
  pool: TrainingPool,
  course: Course,
  lesson: Lesson,
): Promise<LossSum> {
  const sum = emptySum();
  pool.clearCarried();
  for (let batch = 0; batch < lesson.batches; batch++) {
    await pool.evaluate(lesson.fill(pool, batch));
    addTo(sum, course.losses(pool));
  }
  pool.clearCarried();
  return sum;
}

/** Dropout masks depend on the seed and the number of the update, so a resumed run repeats them. */
function stepSeed(pool: TrainingPool, { seed }: TrainingOptions): number {
  return createPrng(seed, `dropout ${pool.step}`).uint32() | 0;
}

function bestLoss(history: readonly EpochRecord[]): number {
  return Math.min(Infinity, ...history.map((record) => record.heldOutLoss ?? Infinity));
}

/** Epochs since the held-out loss was lowest; 0 where nothing is held out. */
export function epochsSinceBest(history: readonly EpochRecord[]): number {
  const best = bestLoss(history);
  if (best === Infinity) return 0;
  return history.length - 1 - history.findIndex((record) => record.heldOutLoss === best);
}

interface MutableSum {
  heads: Record<string, number>;
  events: number;
}

function emptySum(): MutableSum {
  return { heads: {}, events: 0 };
}

function addTo(sum: MutableSum, more: LossSum): void {
  for (const [head, loss] of Object.entries(more.heads)) {
    sum.heads[head] = (sum.heads[head] ?? 0) + loss;
  }
  sum.events += more.events;
}

/** Mean negative log-likelihood of an event over all heads, in nats. */
export function mean(sum: LossSum): number {
  return total(sum) / sum.events;
}

function total({ heads }: LossSum): number {
  return Object.values(heads).reduce((a, b) => a + b, 0);
}

/** Mean negative log-likelihood of an event by head, in nats. */
export function perEvent(sum: LossSum): Record<string, number> {
  return Object.fromEntries(
    Object.entries(sum.heads).map(([head, loss]) => [head, loss / sum.events]),
  );
}

function diverged(learningRate: number): TrainingError {
  return new TrainingError(
    `Training stopped: the loss is no longer a number (learning rate ${learningRate})`,
    { hint: "Try a smaller --learning-rate, for example a third of it." },
  );
}

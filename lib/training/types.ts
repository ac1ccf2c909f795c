/**
 * What a training run is made of.
 *
 * @module
 */
import type { Plan } from "../engine/plan.ts";
import type { TrainingPool } from "../engine/pool.ts";

/** The batches of one pass over some data. */
export interface Lesson {
  /** Number of batches. */
  readonly batches: number;
  /** Writes batch `b` into the pool's inputs; returns how many micro-batches, from the first, hold any of it. */
  fill(pool: TrainingPool, b: number): number;
}

/** The sum of the losses of a batch or of many. */
export interface LossSum {
  /** Negative log-likelihood in nats by head. */
  readonly heads: Readonly<Record<string, number>>;
  /** Number of events that were predicted. */
  readonly events: number;
}

/** A network together with the data it is trained on. */
export interface Course {
  /** The plan of one micro-batch. */
  readonly plan: Plan;
  /** Micro-batches in a batch; fixed whatever the number of threads. */
  readonly microBatches: number;
  /** The batches of an epoch, in an order that depends on the seed and the epoch only. */
  lesson(epoch: number): Lesson;
  /** The batches of the held-out data, if any are held out. */
  readonly exam?: Lesson;
  /** Reads the losses of the batch that was just run. */
  losses(pool: TrainingPool): LossSum;
}

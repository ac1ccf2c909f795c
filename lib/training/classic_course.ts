/**
 * The course of the `classic` preset: windows with stride 1, shuffled, the loss at their last step.
 *
 * @module
 */
import type { WindowedStream } from "../dataset/windows.ts";
import type { TrainingPool } from "../engine/pool.ts";
import { type ClassicConfiguration, classicInput, classicPlan } from "../model/classic.ts";
import { createPrng } from "../random.ts";
import type { Course, Lesson, LossSum } from "./types.ts";

/** Rows of a micro-batch: small enough for its activations to stay in the processor's cache. */
const MICRO_BATCH_ROWS = 16;

/**
 * A course over the windows of `stream`. The last batch of an epoch may be smaller, as in Keras.
 *
 * @param heldOut windows to measure on, if any
 */
export function classicCourse(
  configuration: ClassicConfiguration,
  stream: WindowedStream,
  options: {
    readonly batchSize: number;
    readonly seed: number;
    readonly heldOut?: WindowedStream;
  },
): Course {
  const { batchSize, seed, heldOut } = options;
  const rows = Math.min(MICRO_BATCH_ROWS, batchSize);
  const microBatches = Math.ceil(batchSize / rows);
  const inOrder = (windows: WindowedStream) => Array.from({ length: windows.windows }, (_, i) => i);
  const lessonOn = (windows: WindowedStream, order: readonly number[]): Lesson => ({
    batches: Math.ceil(order.length / batchSize),
    fill(pool, b) {
      const batch = order.slice(b * batchSize, (b + 1) * batchSize);
      for (let m = 0; m < microBatches; m++) {
        const part = batch.slice(m * rows, (m + 1) * rows);
        fillMicroBatch(pool, m, rows, part, windows, configuration, 1 / batch.length);
      }
      return Math.ceil(batch.length / rows);
    },
  });
  return {
    plan: classicPlan(configuration, rows),
    microBatches,
    lesson(epoch) {
      const prng = createPrng(seed, `order ${epoch}`);
      return lessonOn(stream, prng.shuffled(inOrder(stream)));
    },
    exam: heldOut && lessonOn(heldOut, inOrder(heldOut)),
    losses: (pool) => sumLosses(pool, microBatches),
  };
}

function fillMicroBatch(
  pool: TrainingPool,
  m: number,
  rows: number,
  part: readonly number[],
  { ids, sequenceLength }: WindowedStream,
  { vocabularySize }: ClassicConfiguration,
  weight: number,
): void {
  const x = pool.input("x", m);
  const labels = pool.inputIds("labels", m);
  const weights = pool.input("weights", m).fill(0);
  part.forEach((start, row) => {
    for (let t = 0; t < sequenceLength; t++) {
      x[t * rows + row] = classicInput(ids[start + t], vocabularySize);
    }
    labels[row] = ids[start + sequenceLength];
    weights[row] = weight;
  });
}

function sumLosses(pool: TrainingPool, microBatches: number): LossSum {
  let [symbol, events] = [0, 0];
  for (let m = 0; m < microBatches; m++) {
    const weights = pool.input("weights", m);
    pool.output("losses", m).forEach((loss, row) => {
      if (weights[row] === 0) return;
      symbol += loss;
      events += 1;
    });
  }
  return { heads: { symbol }, events };
}

/**
 * How well a trained model predicts music that it has never seen.
 *
 * @module
 */
import { knowCorpus, preparePiece } from "../dataset/expressive_corpus.ts";
import { featuresOf } from "../dataset/tracker.ts";
import type { Engine } from "../engine/backend.ts";
import { createTrainingPool } from "../engine/pool.ts";
import { CorpusError } from "../errors.ts";
import type { ExpressiveModel } from "../generation/expressive.ts";
import type { EventSequence } from "../symbols/types.ts";
import { expressiveCourse } from "../training/expressive_course.ts";
import { examine, mean, perEvent } from "../training/train.ts";

/** Negative log-likelihood of held-out music in nats per event. */
export interface Likelihood {
  /** Events measured. */
  readonly events: number;
  /** All heads together. */
  readonly nllPerEvent: number;
  /** Each head, given the ones before it. The symbol's includes the ends of the pieces. */
  readonly nllPerHead: Readonly<Record<string, number>>;
  /** Symbol and duration together. */
  readonly nllPitchAndDuration: number;
}

/** Passages that are measured side by side; the result does not depend on it. */
const BATCH_SIZE = 16;
/** Events of a window; the states are carried on, so the result does not depend on it. */
const WINDOW = 64;

/**
 * Measures a model on pieces. What is not in its codebook costs a fixed small probability.
 *
 * @throws {CorpusError} if there are no events
 */
export async function measureLikelihood(
  engine: Engine,
  { configuration, parameters, training }: ExpressiveModel,
  pieces: readonly EventSequence[],
  threads: number,
): Promise<Likelihood> {
  const { codebook, tokens, memory } = knowCorpus(training);
  const heldOut = pieces.filter(({ events }) => events.length > 0)
    .map((piece) => preparePiece(piece, codebook, tokens, memory, false));
  const material = { codebook, features: featuresOf(codebook), training: [], heldOut };
  const course = expressiveCourse(configuration, material, {
    batchSize: BATCH_SIZE,
    sequenceLength: WINDOW,
    seed: 0,
  });
  if (!course.exam) {
    throw new CorpusError("Cannot measure on no music: wanted notes, found none", {
      hint: "Choose a folder of MIDI files that were not trained on.",
    });
  }
  const { microBatches } = course;
  const pool = createTrainingPool(engine, course.plan, { microBatches, threads });
  try {
    pool.load({ parameters });
    const sum = await examine(pool, course, course.exam);
    const nllPerHead = perEvent(sum);
    return {
      events: sum.events,
      nllPerEvent: mean(sum),
      nllPerHead,
      nllPitchAndDuration: nllPerHead.symbol + nllPerHead.duration,
    };
  } finally {
    pool.close();
  }
}

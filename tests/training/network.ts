/** A tiny expressive network, and what it says of a piece, position by position. */
import { EventMemory } from "../../lib/dataset/event_memory.ts";
import { type PreparedPiece, preparePiece, tokensOf } from "../../lib/dataset/expressive_corpus.ts";
import { TokenTable } from "../../lib/dataset/tokens.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { createRunner, type Runner } from "../../lib/engine/runner.ts";
import type { ExpressiveDescription } from "../../lib/model/description.ts";
import {
  expressivePlan,
  featureInput,
  type Head,
  HEADS,
  RELATIVE_CLASSES,
} from "../../lib/model/expressive.ts";
import type { NumberArray, SavedModel } from "../../lib/model/folder.ts";
import { createPrng } from "../../lib/random.ts";
import { Codebook } from "../../lib/symbols/codebook.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";
import { type Preparation, prepareExpressive } from "../../lib/training/preparation.ts";
import { type Checkpoint, train, type TrainingOptions } from "../../lib/training/train.ts";
import { randomSequence } from "../dataset/pieces.ts";

/** Settings of a network that trains in no time. */
export const TINY = {
  seed: 3,
  batchSize: 16,
  learningRate: 0.01,
  epochs: 3,
  units: [11, 9],
  dropout: 0.2,
  sequenceLength: 6,
} as const;

/** Ten pieces of two voices and a drum. */
export const PIECES: readonly EventSequence[] = Array.from(
  { length: 10 },
  (_, i) =>
    randomSequence(createPrng(i, "tiny"), {
      parts: 3,
      drums: true,
      onsets: 4 + i % 3,
      range: [55, 72],
      source: `${i}`,
    }),
);

/** The corpus made ready. */
export function preparation(
  settings: Partial<Parameters<typeof prepareExpressive>[1]> = {},
  pieces = PIECES,
  heldOut?: readonly EventSequence[],
): Preparation {
  const items = pieces.map((value) => ({ source: value.source, value }));
  return prepareExpressive(items, { ...TINY, ...settings }, heldOut);
}

/** Trains as the program does. */
export async function trained(
  prepared: Preparation,
  options: Partial<TrainingOptions> = {},
  start: Checkpoint = prepared.start,
) {
  const all = { ...prepared.options, seed: TINY.seed, threads: 1, ...options };
  return await train(await startEngine(), prepared.course, start, all);
}

/** The negative log-likelihood of each head at each position of one piece. */
export type Reading = Readonly<Record<Head, Float32Array>>;

/** Reads whole pieces with the network of a saved model. */
export class Reader {
  readonly codebook: Codebook;
  readonly #tokens = new TokenTable();
  readonly #memory = new EventMemory();
  readonly #model: SavedModel<ExpressiveDescription>;
  readonly #runners = new Map<number, Runner>();

  /** A reader of a network that was trained on `training`. */
  constructor(model: SavedModel<unknown>, training: readonly EventSequence[]) {
    this.#model = model as SavedModel<ExpressiveDescription>;
    this.codebook = Codebook.of(training);
    for (const sequence of training) this.#memory.learn(tokensOf(sequence, this.#tokens));
  }

  /** The numbers of a piece that was not trained on. */
  prepare(sequence: EventSequence): PreparedPiece {
    return preparePiece(sequence, this.codebook, this.#tokens, this.#memory, false);
  }

  /** What the network says of the piece in one run, after `change` was made to its inputs. */
  async read(piece: PreparedPiece, change?: (runner: Runner) => void): Promise<Reading> {
    const runner = await this.#runnerFor(piece.positions);
    runner.carried().fill(0);
    writeInputs(runner, piece, 0, piece.positions);
    runner.input("keep").fill(0);
    change?.(runner);
    runner.run();
    return outputs(runner);
  }

  /** The same, one event at a time with carried state. */
  async readStepwise(piece: PreparedPiece): Promise<Reading> {
    const runner = await this.#runnerFor(1);
    runner.carried().fill(0.5);
    const steps = Array.from({ length: piece.positions }, (_, i) => {
      writeInputs(runner, piece, i, 1);
      runner.input("keep").fill(i === 0 ? 0 : 1);
      runner.run();
      return outputs(runner);
    });
    return Object.fromEntries(
      HEADS.map((head) => [head, Float32Array.from(steps, (step) => step[head][0])]),
    ) as Reading;
  }

  /** Frees the memory. */
  close(): void {
    for (const runner of this.#runners.values()) runner.close();
  }

  async #runnerFor(steps: number): Promise<Runner> {
    const known = this.#runners.get(steps);
    if (known) return known;
    const { configuration } = this.#model.description;
    const plan = expressivePlan(configuration, { rows: 1, steps });
    const parameters = this.#model.arrays.parameters as Float32Array;
    const runner = createRunner(await startEngine(), plan, parameters);
    const { shapes, bases } = this.codebook.shapes(RELATIVE_CLASSES);
    runner.inputIds("symbol shapes").set(shapes);
    runner.inputIds("symbol bases").set(bases);
    this.#runners.set(steps, runner);
    return runner;
  }
}

function writeInputs(runner: Runner, p: PreparedPiece, from: number, count: number): void {
  const width = p.features.length / p.positions;
  const columns = {
    symbol: p.symbols,
    duration: p.durations,
    step: p.steps,
    velocity: p.velocities,
    "chosen interval": p.intervals,
    "next end": p.nextEnds,
  };
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < width; f++) {
      runner.inputIds(featureInput(f))[i] = p.features[(from + i) * width + f];
    }
    for (const [name, column] of Object.entries(columns)) {
      runner.inputIds(name)[i] = Math.max(0, column[from + i]);
    }
    const memory = p.memory.subarray((from + i) * 4, (from + i) * 4 + 4);
    runner.input("symbol memory").set(memory.subarray(0, 2), 2 * i);
    runner.input("duration memory").set(memory.subarray(2), 2 * i);
  }
}

function outputs(runner: Runner): Reading {
  return Object.fromEntries(HEADS.map((head) => [head, runner.output(head).slice()])) as Reading;
}

/** Copies of arrays, to compare later. */
export function copied(arrays: Readonly<Record<string, NumberArray>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, [...values]]));
}

/**
 * What a model folder says about its model.
 *
 * @module
 */
import type { ClassicConfiguration } from "./classic.ts";
import type { ExpressiveConfiguration } from "./expressive.ts";
import type { SequenceHead } from "./music.ts";

/** Settings that a run was started with and that resuming goes on with. */
export interface RunSettings {
  /** Fixes weights, order and dropout. */
  readonly seed: number;
  /** Passages in a batch. */
  readonly batchSize: number;
  /** Highest learning rate. */
  readonly learningRate: number;
  /** Epochs the run was planned for. */
  readonly epochs: number;
}

/** One line of a training history. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean negative log-likelihood of the training data in nats per event, dropout on. */
  readonly trainingLoss: number;
  /** Held-out NLL in nats per event, if data is held out. */
  readonly heldOutLoss?: number;
  /** Held-out NLL by head. */
  readonly heldOutHeads?: Readonly<Record<string, number>>;
  /** Learning rate of the epoch's last update. */
  readonly learningRate: number;
}

/** What every model has. */
interface AnyDescription {
  /** How it was trained. */
  readonly settings: RunSettings;
  /** Updates so far. */
  readonly step: number;
  /** One record an epoch. */
  readonly history: readonly EpochRecord[];
  /** The files it was trained on. */
  readonly sources: readonly string[];
}

/** A model of the `classic` preset. */
export interface ClassicDescription extends AnyDescription {
  /** Sizes of the network; tells the kinds of models apart. */
  readonly configuration: ClassicConfiguration;
  /** All symbols in the order of their ids. */
  readonly vocabulary: readonly string[];
}

/** A model of the `expressive` preset. */
export interface ExpressiveDescription extends AnyDescription {
  /** Sizes of the network; tells the kinds of models apart. */
  readonly configuration: ExpressiveConfiguration;
  /** Window length it was trained with, T. */
  readonly sequenceLength: number;
  /** The training pieces without their events, which are in the array `music`. */
  readonly music: readonly SequenceHead[];
}

/** Any model. */
export type ModelDescription = ClassicDescription | ExpressiveDescription;

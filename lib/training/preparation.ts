/**
 * A corpus made ready for training, in either preset.
 *
 * @module
 */
import { splitCorpus } from "../dataset/split.ts";
import { knowCorpus, preparePiece } from "../dataset/expressive_corpus.ts";
import { featuresOf, TRUST_FEATURES } from "../dataset/tracker.ts";
import { windowed } from "../dataset/windows.ts";
import { CorpusError } from "../errors.ts";
import type {
  ClassicDescription,
  EpochRecord,
  ExpressiveDescription,
  ModelDescription,
  RunSettings,
} from "../model/description.ts";
import type { ExpressiveConfiguration } from "../model/expressive.ts";
import type { Arrays, SavedModel } from "../model/folder.ts";
import { initialParameters } from "../model/initial.ts";
import { packMusic } from "../model/music.ts";
import { createPrng } from "../random.ts";
import { VELOCITIES } from "../symbols/codebook.ts";
import type { EventSequence, MusicSymbol } from "../symbols/types.ts";
import { Vocabulary } from "../symbols/vocabulary.ts";
import { classicCourse } from "./classic_course.ts";
import { expressiveCourse } from "./expressive_course.ts";
import type { Checkpoint, TrainingOptions } from "./train.ts";
import type { Course } from "./types.ts";

/** Sizes that a user may choose. */
export interface NetworkSettings {
  /** Hidden units of the two LSTM layers. */
  readonly units: readonly [number, number];
  /** Share of values that dropout sets to zero. */
  readonly dropout: number;
  /** Window length, T. */
  readonly sequenceLength: number;
}

/** How a user wants a run; what is left open depends on the preset and the music. */
export type WantedRun = Omit<RunSettings, "epochs"> & NetworkSettings & {
  /** Passes over the data. */
  readonly epochs?: number;
};

/** Everything a training run needs. */
export interface Preparation {
  /** The batches and the network. */
  readonly course: Course;
  /** Where training begins: new weights. */
  readonly start: Checkpoint;
  /** How the preset is trained. */
  readonly options: Pick<
    TrainingOptions,
    "epochs" | "learningRate" | "clipNorm" | "weightDecay" | "patience"
  >;
  /** Events in the music that is learned from, and in the music held out. */
  readonly events: { readonly training: number; readonly heldOut: number };
  /** Number of different symbols. */
  readonly vocabularySize: number;
  /** Pieces to learn from. */
  readonly training?: readonly EventSequence[];
  /** Pieces held out. */
  readonly heldOut?: readonly EventSequence[];
  /** The model to save after `checkpoint`. */
  save(checkpoint: Checkpoint): SavedModel<ModelDescription>;
}

/** A piece of a corpus as one preset reads it. */
export interface CorpusItem<Value> {
  /** Name of the file. */
  readonly source: string;
  /** Its music. */
  readonly value: Value;
}

/** Passes over the data, as in the original. */
const CLASSIC_EPOCHS = 200;
/** Dense layer before the output: 256 units, as in the original. */
const CLASSIC_DENSE_UNITS = 256;

/**
 * The `classic` preset: one stream of all symbols, cut into windows.
 *
 * @param heldOut symbols to measure on, for comparisons; the original has none
 * @throws {CorpusError} if there are not more symbols than a window has
 */
export function prepareClassic(
  items: readonly CorpusItem<readonly MusicSymbol[]>[],
  settings: WantedRun,
  heldOut: readonly MusicSymbol[] = [],
): Preparation {
  const symbols = items.flatMap(({ value }) => value);
  const vocabulary = Vocabulary.of([...symbols, ...heldOut]);
  const stream = vocabulary.encode(symbols);
  const { sequenceLength, units, dropout, batchSize, seed, epochs = CLASSIC_EPOCHS } = settings;
  const configuration = {
    preset: "classic",
    vocabularySize: vocabulary.size,
    sequenceLength,
    units,
    denseUnits: CLASSIC_DENSE_UNITS,
    dropout,
  } as const;
  const course = classicCourse(configuration, windowed(stream, sequenceLength), {
    batchSize,
    seed,
    heldOut: heldOut.length > 0 ? windowed(vocabulary.encode(heldOut), sequenceLength) : undefined,
  });
  return {
    course,
    start: freshStart(course, seed),
    options: {
      epochs,
      learningRate: () => settings.learningRate,
      clipNorm: 0,
      weightDecay: 0,
      patience: 0,
    },
    events: { training: stream.length, heldOut: heldOut.length },
    vocabularySize: vocabulary.size,
    save(checkpoint) {
      const description: ClassicDescription = {
        configuration,
        vocabulary: vocabulary.toJSON(),
        ...described({ ...settings, epochs }, checkpoint, items),
      };
      return { description, arrays: { ...arraysOf(checkpoint), stream } };
    },
  };
}

/** Width of the embeddings: enough for some hundred symbols. */
const EMBEDDING_SIZE = 64;
/** Units of the dense layer of each head: 256, as in the classic network. */
const EXPRESSIVE_DENSE_UNITS = 256;
/** Dropout after the embeddings: light, since every feature may be the one that matters. */
const INPUT_DROPOUT = 0.1;
/** Gradients are scaled down to this norm (Pascanu et al. 2013). */
const CLIP_NORM = 1;
/** Decoupled weight decay: it keeps the many embeddings small. */
const WEIGHT_DECAY = 0.01;
/** Share of the highest learning rate that is left at the end. */
const LAST_RATE = 0.02;
/** Updates with a rising learning rate at the start, as a share of all. */
const WARM_UP = 0.02;
/** Epochs without a better held-out loss before training stops. */
const PATIENCE = 6;
/** Events to learn from, all epochs together, that small and large corpora did well with. */
const EVENTS_IN_ALL = 300_000;
/** Fewest and most epochs that are chosen for a corpus. */
const EPOCHS_RANGE = [4, 32] as const;

/** How many epochs suit a corpus of that many events. */
export function suggestedEpochs(events: number): number {
  const [fewest, most] = EPOCHS_RANGE;
  return Math.max(fewest, Math.min(most, Math.round(EVENTS_IN_ALL / events)));
}

/**
 * The `expressive` preset: pieces apart, one in ten held out, learned in every key.
 *
 * @throws {CorpusError} if there is hardly any music
 */
export function prepareExpressive(
  items: readonly CorpusItem<EventSequence>[],
  settings: WantedRun,
  heldOut?: readonly EventSequence[],
): Preparation {
  const { seed, batchSize, sequenceLength, units, dropout } = settings;
  const sequences = items.map(({ value }) => value);
  const split = heldOut
    ? { training: sequences, heldOut }
    : splitCorpus(sequences, createPrng(seed, "held out"));
  const count = (pieces: readonly EventSequence[]) =>
    pieces.reduce((sum, { events }) => sum + events.length, 0);
  const events = { training: count(split.training), heldOut: count(split.heldOut) };
  if (events.training < 2) {
    throw new CorpusError(
      `Cannot learn from so little: wanted at least 2 notes or chords, found ${events.training}`,
      { hint: "Add MIDI files with more music." },
    );
  }
  const epochs = settings.epochs ?? suggestedEpochs(events.training);
  const { codebook, tokens, memory } = knowCorpus(split.training);
  const prepare = (pieces: readonly EventSequence[], known: boolean) =>
    pieces.map((piece) => preparePiece(piece, codebook, tokens, memory, known));
  const features = featuresOf(codebook);
  const configuration: ExpressiveConfiguration = {
    preset: "expressive",
    features: features.map(({ name, size }) => ({ name, size })),
    trust: TRUST_FEATURES,
    heads: {
      symbol: codebook.symbols.size + 1,
      duration: codebook.durations.length + 1,
      step: codebook.steps.length + 1,
      velocity: VELOCITIES,
    },
    roles: codebook.roles.length,
    embeddingSize: EMBEDDING_SIZE,
    units,
    denseUnits: EXPRESSIVE_DENSE_UNITS,
    dropout,
    inputDropout: Math.min(INPUT_DROPOUT, dropout),
  };
  const material = {
    codebook,
    features,
    training: prepare(split.training, true),
    heldOut: prepare(split.heldOut, false),
  };
  const course = expressiveCourse(configuration, material, { batchSize, sequenceLength, seed });
  return {
    course,
    start: freshStart(course, seed),
    options: {
      epochs,
      learningRate: (share) => settings.learningRate * rateAt(share),
      clipNorm: CLIP_NORM,
      weightDecay: WEIGHT_DECAY,
      patience: PATIENCE,
    },
    events,
    vocabularySize: codebook.symbols.size,
    training: split.training,
    heldOut: split.heldOut,
    save(checkpoint) {
      const { heads, events } = packMusic(split.training);
      const description: ExpressiveDescription = {
        configuration,
        music: heads,
        sequenceLength,
        ...described({ ...settings, epochs }, checkpoint, items),
      };
      return { description, arrays: { ...arraysOf(checkpoint), music: events } };
    },
  };
}

/** The learning rate as a share of the highest one: up in a line, then down half a cosine (Loshchilov & Hutter 2017). */
function rateAt(share: number): number {
  const falling = LAST_RATE + (1 - LAST_RATE) * (1 + Math.cos(Math.PI * share)) / 2;
  return falling * Math.min(1, (share + 0.001) / WARM_UP);
}

/** New weights, nothing learned. */
function freshStart({ plan }: Course, seed: number): Checkpoint {
  const parameters = initialParameters(plan, createPrng(seed, "weights"));
  const zeros = () => new Float32Array(parameters.length);
  return {
    epoch: 0,
    optimizer: { step: 0, parameters, firstMoment: zeros(), secondMoment: zeros() },
    best: parameters,
    history: [],
  };
}

function described(
  { seed, batchSize, learningRate, epochs }: RunSettings,
  { optimizer, history }: Checkpoint,
  items: readonly { readonly source: string }[],
) {
  return {
    settings: { seed, batchSize, learningRate, epochs },
    step: optimizer.step,
    history,
    sources: items.map(({ source }) => source),
  };
}

function arraysOf({ best, optimizer }: Checkpoint): Arrays {
  const { parameters, firstMoment, secondMoment } = optimizer;
  return { parameters: best, latest: parameters, firstMoment, secondMoment };
}

/**
 * The checkpoint in a saved model, to go on from.
 *
 * @throws {CorpusError} if the model was made for other music or another network
 */
export function checkpointOf(
  { description, arrays }: SavedModel<ModelDescription>,
  { start }: Preparation,
): Checkpoint {
  const array = (name: string) => arrays[name] as Float32Array;
  const history: readonly EpochRecord[] = description.history;
  if (array("latest").length !== start.optimizer.parameters.length) {
    throw new CorpusError(
      `Cannot go on training: the model has ${array("latest").length} weights, ` +
        `the music and options given need ${start.optimizer.parameters.length}`,
      { hint: "Use the same input folder and network options as before, or train afresh." },
    );
  }
  return {
    epoch: history.length,
    optimizer: {
      step: description.step,
      parameters: array("latest"),
      firstMoment: array("firstMoment"),
      secondMoment: array("secondMoment"),
    },
    best: array("parameters"),
    history,
  };
}

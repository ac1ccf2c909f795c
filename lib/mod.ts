/**
 * From MIDI files to new music: reading and writing MIDI, symbols and events, a fast LSTM on
 * TensorFlow.js's WebAssembly backend, training and composing.
 *
 * A value goes one way through the functions and comes back the same way:
 *
 * | out | back |
 * | --- | --- |
 * | {@linkcode readMidi}: bytes → {@linkcode MidiFile} | {@linkcode writeMidi} |
 * | {@linkcode toPiece}: file → raw piece, in ticks | {@linkcode fromPiece} |
 * | {@linkcode quantize}: raw piece → {@linkcode Piece}, on the grid | |
 * | {@linkcode encode}: piece → {@linkcode EventSequence} | {@linkcode decode} |
 * | {@linkcode prepareExpressive}, {@linkcode train}: events → model | {@linkcode ExpressiveComposer} |
 *
 * Nothing here prints, reads the clock or draws random numbers of its own; only
 * {@linkcode loadCorpus}, {@linkcode saveModel} and {@linkcode loadModel} touch files.
 *
 * @example Learn from a tune made in memory, then compose
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   createPrng,
 *   decode,
 *   encode,
 *   ExpressiveComposer,
 *   fromPiece,
 *   type MidiEvent,
 *   type MidiFile,
 *   prepareExpressive,
 *   quantize,
 *   startEngine,
 *   toPiece,
 *   train,
 *   writeMidi,
 * } from "./mod.ts";
 *
 * // A tune of 64 quarters: up and down the scale of C. readMidi(bytes).midi gives a file's music.
 * const scale = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62];
 * const events = Array.from({ length: 64 }, (_, i): MidiEvent[] => {
 *   const note = { channel: 0, pitch: scale[i % scale.length], velocity: 80 };
 *   return [
 *     { onsetTicks: 480 * i, type: "noteOn", ...note },
 *     { onsetTicks: 480 * (i + 1), type: "noteOff", ...note },
 *   ];
 * });
 * const midi: MidiFile = {
 *   format: 0,
 *   division: { kind: "quarter", ticksPerQuarter: 480 },
 *   tracks: [{ events: [...events.flat(), { onsetTicks: 480 * 64, type: "endOfTrack" }] }],
 * };
 * const music = encode(quantize(toPiece(midi, "scale")).piece);
 *
 * const engine = await startEngine();
 * const { course, start, options, save } = prepareExpressive([{ source: "scale", value: music }], {
 *   seed: 1,
 *   epochs: 10,
 *   batchSize: 8,
 *   sequenceLength: 32,
 *   learningRate: 0.01,
 *   units: [16, 16],
 *   dropout: 0,
 * });
 * const result = await train(engine, course, start, { ...options, seed: 1, threads: 1 });
 * assert.ok(result.history.at(-1)!.trainingLoss < result.history[0].trainingLoss);
 *
 * const { description } = save(result); // saveModel keeps it in a folder
 * assert.ok(description.configuration.preset === "expressive");
 * const composer = new ExpressiveComposer(engine, {
 *   configuration: description.configuration,
 *   parameters: result.best,
 *   training: [music],
 * });
 * const composed = composer.compose({
 *   length: 16,
 *   temperature: 1,
 *   topK: 0,
 *   topP: 0.95,
 *   prng: createPrng(7),
 * });
 * composer.close();
 * const bytes = writeMidi(fromPiece(decode(composed)));
 * assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "MThd");
 * ```
 *
 * @module
 */

export {
  CorpusError,
  type ErrorDetails,
  type ExplainedError,
  isExplained,
  MidiError,
  ModelError,
  TrainingError,
  UsageError,
} from "./errors.ts";
export { createPrng, type Prng, type PrngState, restorePrng } from "./random.ts";

export { readMidi } from "./midi/read.ts";
export { REPAIR_RULES, type RepairRule } from "./midi/repairs.ts";
export type {
  Division,
  MidiEvent,
  MidiFile,
  MidiReading,
  MidiTrack,
  RepairCounts,
} from "./midi/types.ts";
export { writeMidi } from "./midi/write.ts";

export { fromPiece } from "./score/from_piece.ts";
export { quantize, type Quantized } from "./score/quantize.ts";
export { PAIRING_RULES, type PairingRule } from "./score/repairs.ts";
export { toPiece } from "./score/to_piece.ts";
export {
  type Grid,
  GRID_PER_QUARTER,
  type KeyChange,
  type MeterChange,
  type Note,
  type Part,
  type Piece,
  type RawPiece,
  type TempoChange,
  type Ticks,
} from "./score/types.ts";

export {
  type ClassicElement,
  extractClassicElements,
  extractClassicSymbols,
} from "./symbols/classic.ts";
export { classicMidi } from "./symbols/classic_output.ts";
export { decode, encode } from "./symbols/events.ts";
export { normalOrder } from "./symbols/normal_order.ts";
export { pitchName } from "./symbols/pitch_name.ts";
export type {
  EventSequence,
  MusicEvent,
  MusicSymbol,
  PartInfo,
  VoicedNote,
} from "./symbols/types.ts";
export { Vocabulary } from "./symbols/vocabulary.ts";

export {
  type Convert,
  type Corpus,
  type DuplicateFile,
  type FileReport,
  type KeptFile,
  loadCorpus,
  type PieceReading,
  type SkippedFile,
} from "./dataset/load_corpus.ts";
export { type Split, splitCorpus } from "./dataset/split.ts";

export {
  type AdamArrays,
  type AdamSettings,
  type Engine,
  type EngineOptions,
  startEngine,
} from "./engine/backend.ts";
export {
  type Activation,
  type CrossEntropy,
  dense,
  dropout,
  embedding,
  lstm,
  type LstmInputs,
  type LstmOutputs,
  softmaxCrossEntropy,
} from "./engine/ops.ts";
export type { ArgumentKind, KernelCall, Plan, Region, ShapedRegion } from "./engine/plan.ts";
export { type Matrix, PlanBuilder, type Value } from "./engine/plan_builder.ts";
export {
  createTrainingPool,
  type OptimizerState,
  type TrainingPool,
  type UpdateSettings,
} from "./engine/pool.ts";
export type { Kernels } from "./engine/kernels.ts";
export type { Allocation } from "./engine/memory.ts";
export { createRunner, type Runner } from "./engine/runner.ts";

export { type ClassicConfiguration, classicPlan } from "./model/classic.ts";
export type {
  ClassicDescription,
  EpochRecord,
  ExpressiveDescription,
  ModelDescription,
  RunSettings,
} from "./model/description.ts";
export type { SequenceHead } from "./model/music.ts";
export {
  type ExpressiveConfiguration,
  expressivePlan,
  type Head,
  HEADS,
} from "./model/expressive.ts";
export {
  type Arrays,
  loadModel,
  type NumberArray,
  type SavedModel,
  saveModel,
} from "./model/folder.ts";

export {
  type CorpusItem,
  type NetworkSettings,
  type Preparation,
  prepareClassic,
  prepareExpressive,
  type WantedRun,
} from "./training/preparation.ts";
export {
  type BatchProgress,
  type Checkpoint,
  type StopReason,
  train,
  type TrainingOptions,
  type TrainingResult,
} from "./training/train.ts";
export type { Course, Lesson, LossSum } from "./training/types.ts";

export { generateClassic } from "./generation/classic.ts";
export {
  ExpressiveComposer,
  type ExpressiveModel,
  type ExpressiveOptions,
} from "./generation/expressive.ts";
export type { SamplingOptions } from "./generation/sample.ts";

export { listeningPage } from "./evaluation/listening_page.ts";
export { pianoRollSvg } from "./evaluation/piano_roll.ts";
export {
  type EventLikelihood,
  type HeadLikelihood,
  type NgramYardstick,
  ngramYardstick,
} from "./evaluation/ngram_events.ts";
export {
  compareStatistics,
  type Statistics,
  statistics,
  type StatisticsComparison,
} from "./evaluation/statistics.ts";

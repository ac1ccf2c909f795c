/**
 * The learning half of the program: files in, trained model out.
 *
 * @module
 */
import { type Convert, type Corpus, type FileReport, loadCorpus } from "../dataset/load_corpus.ts";
import { startEngine } from "../engine/backend.ts";
import { fastestKernels } from "../engine/kernels.ts";
import type { EpochRecord, ModelDescription } from "../model/description.ts";
import { loadModel, type SavedModel, saveModel } from "../model/folder.ts";
import { quantize } from "../score/quantize.ts";
import { extractClassicSymbols } from "../symbols/classic.ts";
import { encode } from "../symbols/events.ts";
import {
  checkpointOf,
  type Preparation,
  prepareClassic,
  prepareExpressive,
  type WantedRun,
} from "../training/preparation.ts";
import { type Checkpoint, epochsSinceBest, train, type TrainingResult } from "../training/train.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { describePlace } from "./messages.ts";
import type { Options } from "./option_table.ts";
import { formatCount, formatDuration } from "./progress.ts";

/** Milliseconds between two saves while training goes on. */
const SAVE_INTERVAL = 60_000;
/** Files that are named in the report; the inspect command shows all of them. */
const NAMED_FILES = 10;

/** Passes without progress on held-out music after which the user is told. */
const BY_HEART_PASSES = 4;

/** What learning gave. */
export interface Learned {
  /** The model, as it was saved. */
  readonly model: SavedModel<ModelDescription>;
  /** Whether Ctrl-C ended it. */
  readonly interrupted: boolean;
}

/**
 * Reads the input, trains, saves the model and tells about all of it.
 *
 * @throws {CorpusError} if there is nothing to learn from
 * @throws {TrainingError} if training diverges
 */
export async function learn(options: Options, seed: number, io: Io): Promise<Learned> {
  io.note(`Reading MIDI files from ${options.input}`);
  const [first, second] = options.units;
  const settings = { ...options, seed, units: [first, second] as const };
  const preparation = await prepare(options, settings, io);
  const { events, vocabularySize } = preparation;
  io.note(
    `${formatCount(events.training)} notes and chords to learn from, ` +
      `${formatCount(events.heldOut)} held out to measure on, ` +
      `${formatCount(vocabularySize)} different symbols`,
  );
  const start = options.resume
    ? checkpointOf(await loadModel<ModelDescription>(options.model), preparation)
    : preparation.start;
  const { result, interrupted } = await runTraining(preparation, start, options, settings, io);
  const model = preparation.save(result);
  await saveModel(options.model, model);
  for (const line of diagnosis(result, preparation.options.epochs)) io.note(line);
  io.note(`Model saved in ${options.model}`);
  return { model, interrupted };
}

async function prepare(
  options: Options,
  settings: WantedRun,
  io: Io,
): Promise<Preparation> {
  return options.preset === "classic"
    ? await prepareFrom(
      options,
      io,
      ({ midi }) => extractClassicSymbols(midi),
      (items, heldOut) => prepareClassic(items, settings, heldOut?.flat()),
    )
    : await prepareFrom(
      options,
      io,
      ({ piece }) => encode(quantize(piece).piece),
      (items, heldOut) => prepareExpressive(items, settings, heldOut),
    );
}

/** Reads the input and, if one is named, the folder to measure on. */
async function prepareFrom<Value>(
  options: Options,
  io: Io,
  convert: Convert<Value>,
  make: (items: Corpus<Value>["items"], heldOut?: Value[]) => Preparation,
): Promise<Preparation> {
  const corpus = await loadCorpus(options.input, convert);
  tellFiles(corpus, io);
  if (options.heldOut === undefined) return make(corpus.items);
  io.note(`Reading MIDI files to measure on from ${options.heldOut}`);
  const heldOut = await loadCorpus(options.heldOut, convert);
  tellFiles(heldOut, io);
  return make(corpus.items, heldOut.items.map(({ value }) => value));
}

/** Says how many files are used, and why others are not. */
function tellFiles({ reports }: Corpus<unknown>, io: Io): void {
  const kept = reports.filter(({ outcome }) => outcome === "kept").length;
  const left = reports.filter(({ outcome }) => outcome !== "kept");
  io.note(
    `${formatCount(kept)} files read` + (left.length > 0 ? `, ${left.length} left out:` : ""),
  );
  for (const report of left.slice(0, NAMED_FILES)) {
    io.note(`  ${report.path}: ${reasonFor(report)}`);
  }
  if (left.length > NAMED_FILES) io.note("  … the inspect command shows all of them");
}

function reasonFor(report: FileReport): string {
  if (report.outcome === "duplicate") return `the same file as ${report.sameAs}`;
  if (report.outcome === "kept") return "used";
  const { reason, byteOffset, track } = report;
  const place = describePlace({ byteOffset, track });
  return place ? `${reason} (${place})` : reason;
}

async function runTraining(
  preparation: Preparation,
  start: Checkpoint,
  options: Options,
  { seed }: { readonly seed: number },
  io: Io,
): Promise<{ result: TrainingResult; interrupted: boolean }> {
  const threads = options.threads ?? navigator.hardwareConcurrency;
  const engine = await startEngine();
  const kernels = await fastestKernels(() => io.now());
  const progress = io.startProgress();
  const startedAt = io.now();
  const limit = (options.minutes ?? Infinity) * 60_000;
  let savedAt = startedAt;
  let heldOut: number | undefined;
  let byHeart = false;
  const history = [...start.history];
  using interrupt = listenForInterrupt(() => {
    progress.finish();
    io.note("Stopping: what was learned is kept. Press Ctrl-C again to end at once.");
  });
  const result = await train(engine, preparation.course, start, {
    ...preparation.options,
    seed,
    threads,
    kernels,
    signal: interrupt.signal,
    shouldStop: () => io.now() - startedAt >= limit,
    onBatch({ epoch, epochs, batch, batches, loss, events }) {
      const passed = io.now() - startedAt;
      const finished = epoch - 1 - start.epoch + batch / batches;
      const done = Math.max(finished / (epochs - start.epoch), passed / limit);
      const speed = events / (passed / 1000);
      progress.showTraining({ epoch, epochs, done, loss, heldOut, speed });
    },
    async onEpoch(record, checkpoint) {
      heldOut = record.heldOutLoss;
      history.push(record);
      const since = epochsSinceBest(history);
      if (byHeart !== since >= BY_HEART_PASSES) {
        byHeart = !byHeart;
        progress.finish();
        io.note(newsOfLearning(record.epoch, since));
      }
      if (io.now() - savedAt < SAVE_INTERVAL) return;
      await saveModel(options.model, preparation.save(checkpoint()));
      savedAt = io.now();
    },
  });
  progress.finish();
  io.note(`Trained for ${formatDuration(io.now() - startedAt)} on ${threads} threads`);
  return { result, interrupted: interrupt.signal.aborted };
}

/** In plain words: what has begun with pass `pass`, when unseen music was likeliest `since` passes before. */
export function newsOfLearning(pass: number, since: number): string {
  if (since < BY_HEART_PASSES) {
    return `Pass ${pass}: unseen music has become likelier again: it is still learning.`;
  }
  return pass - since <= 2
    ? `Pass ${pass}: unseen music was likeliest after pass ${pass - since}: there is too little ` +
      "music to learn much from. It goes on for a little while; more files would help."
    : `Pass ${pass}: for ${since} passes unseen music has not become likelier: it begins to learn ` +
      "the pieces by heart, and stops soon if that goes on. More files or more --dropout would help.";
}

/** In plain words: how learning went, and what would help. */
export function diagnosis(
  { history, reason }: Pick<TrainingResult, "history" | "reason">,
  epochs: number,
): string[] {
  const last = history.at(-1);
  if (!last) return ["Training stopped before the first pass was over: the music will be random."];
  const measured = history.filter((record): record is EpochRecord & { heldOutLoss: number } =>
    record.heldOutLoss !== undefined
  );
  if (measured.length === 0) {
    return [
      `Loss ${last.trainingLoss.toFixed(3)} after pass ${last.epoch}; nothing was held out.`,
    ];
  }
  const best = measured.reduce((a, b) => b.heldOutLoss < a.heldOutLoss ? b : a);
  const line = `Best on held-out music: ${best.heldOutLoss.toFixed(3)} nats a note, ` +
    `in pass ${best.epoch} of ${last.epoch}.`;
  if (reason === "noImprovement") {
    return [
      line,
      "It stopped by itself: more passes would learn the pieces by heart. More music helps.",
    ];
  }
  if (best.epoch === last.epoch) {
    const more = reason === "stopped"
      ? "--resume goes on from here"
      : `raise --epochs above ${epochs}`;
    return [line, `It was still learning: ${more} to get further.`];
  }
  return [line, "The weights of that pass are the ones that are kept."];
}

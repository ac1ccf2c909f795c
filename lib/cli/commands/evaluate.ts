/**
 * `evaluate`: how well a trained model knows music that it has never seen.
 *
 * @module
 */
import { loadCorpus } from "../../dataset/load_corpus.ts";
import { startEngine } from "../../engine/backend.ts";
import { CorpusError } from "../../errors.ts";
import { isStuck, repetition } from "../../evaluation/degenerate.ts";
import { type Likelihood, measureLikelihood } from "../../evaluation/likelihood.ts";
import { ngramYardstick } from "../../evaluation/ngram_events.ts";
import { quantize } from "../../score/quantize.ts";
import { decode, encode } from "../../symbols/events.ts";
import { type OriginalityReference, originalityReference } from "../../evaluation/originality.ts";
import { Judge } from "../../evaluation/ranking.ts";
import { compareStatistics, statistics } from "../../evaluation/statistics.ts";
import { ExpressiveComposer, type ExpressiveModel } from "../../generation/expressive.ts";
import { createPrng } from "../../random.ts";
import type { EventSequence } from "../../symbols/types.ts";
import type { GivenOptions } from "../options.ts";
import { chooseSeed } from "../seed.ts";
import { samplingOf } from "../write_music.ts";
import type { Io } from "../io.ts";
import { loadComposer } from "../composer.ts";
import type { Options } from "../option_table.ts";

/** Pieces that are composed to be compared: enough for a mean. */
const DEFAULT_COUNT = 20;

/** A piece counts as learned when more than this share of it, from its start, was learned. */
const LEARNED_SHARE = 0.8;

/** What `evaluate --json` prints, as one object. */
export interface Evaluation extends Likelihood {
  /** The model's own pieces beside the training pieces, by metric. */
  readonly statistics: ReturnType<typeof compareStatistics>;
  /** What is copied from the training pieces. */
  readonly originality: {
    /** By the model's own pieces. */
    readonly generated: OriginalityReference;
    /** By the pieces in the input, which the model has never seen. */
    readonly heldOut: OriginalityReference;
  };
  /** How many of the model's own pieces are empty, or got stuck in a figure or on a symbol. */
  readonly degenerate: number;
  /** Symbol and duration in nats, of the best interpolated Kneser–Ney n-gram on the same events. */
  readonly ngram: { readonly plain: number; readonly transposed: number };
  /** The same for all of an event, beside `nllPerEvent`. */
  readonly ngramPerEvent: { readonly plain: number; readonly transposed: number };
}

/** Measures the model in `--model` on the music in `--input`. */
export async function run(options: Options, io: Io, given: GivenOptions): Promise<void> {
  const model = await loadComposer(options.model);
  const corpus = await loadCorpus(options.input, ({ piece }) => encode(quantize(piece).piece));
  const pieces = unseen(corpus.items.map(({ value }) => value), model, given.has("input"), io);
  const engine = await startEngine();
  const threads = options.threads ?? navigator.hardwareConcurrency;
  io.note("Measuring the network");
  const likelihood = await measureLikelihood(engine, model, pieces, threads);
  io.note("Measuring n-grams on the same music");
  const { plain, transposed } = ngramYardstick(model.training, pieces);
  const count = given.get("count") === undefined ? DEFAULT_COUNT : options.count;
  io.note(`Composing ${count} pieces to compare`);
  const prng = createPrng(chooseSeed(options.seed, io), "generation");
  const composer = new ExpressiveComposer(engine, model);
  const wishes = { ...samplingOf(options), length: options.length, prng };
  const judge = new Judge(model.training);
  const compose = () => judge.composed(() => composer.compose(wishes));
  const generated = Array.from({ length: count }, compose);
  composer.close();
  const evaluation: Evaluation = {
    ...likelihood,
    statistics: compareStatistics(
      generated.map((sequence) => statistics(decode(sequence))),
      judge.human,
    ),
    originality: {
      generated: originalityReference(judge.index, generated),
      heldOut: originalityReference(judge.index, pieces),
    },
    degenerate: generated.filter(({ events }) => isStuck(repetition(events))).length,
    ngram: { plain: plain.pitchAndDuration, transposed: transposed.pitchAndDuration },
    ngramPerEvent: { plain: plain.perEvent, transposed: transposed.perEvent },
  };
  io.print(options.json ? JSON.stringify(evaluation) : describe(evaluation));
}

/**
 * The pieces to measure on: of a folder that is named, all; of the folder that comes by default, those
 * that the model has not learned. Of few pieces it has learned the first nine tenths.
 */
function unseen(
  pieces: readonly EventSequence[],
  { training }: ExpressiveModel,
  named: boolean,
  io: Io,
): readonly EventSequence[] {
  const text = (events: EventSequence["events"]) =>
    JSON.stringify(events.map(({ notes }) => notes));
  const learned = new Map<number, Set<string>>();
  for (const { events } of training) {
    const same = learned.get(events.length) ?? new Set();
    learned.set(events.length, same.add(text(events)));
  }
  const isLearned = ({ events }: EventSequence) =>
    [...learned].some(([length, beginnings]) => {
      const share = length / events.length;
      return share <= 1 && share > LEARNED_SHARE && beginnings.has(text(events.slice(0, length)));
    });
  const others = pieces.filter((piece) => !isLearned(piece));
  const count = pieces.length - others.length;
  if (count === 0) return pieces;
  if (named) {
    io.note(`The model has learned ${count} of these ${pieces.length} pieces: they are not unseen`);
    return pieces;
  }
  if (others.length === 0) {
    throw new CorpusError("Cannot measure: the model has learned every piece there is", {
      hint: "Name a folder of other music with --input.",
    });
  }
  io.note(`Measuring on the ${others.length} pieces that the model has not learned`);
  return others;
}

function describe(evaluation: Evaluation): string {
  const { events, nllPerEvent, nllPerHead, nllPitchAndDuration, ngram, ngramPerEvent } = evaluation;
  const { generated, heldOut } = evaluation.originality;
  const number = (value: number) => value.toFixed(2).padStart(9);
  const row = (name: string, ...values: number[]) =>
    `  ${name.padEnd(24)}${values.map(number).join("")}`;
  const line = (name: string, value: number) => `  ${name.padEnd(24)} ${value.toFixed(3)}`;
  return [
    `Nats per event on ${events} events (lower is better)`,
    line("everything", nllPerEvent),
    line("  n-gram", ngramPerEvent.plain),
    line("  n-gram, in all keys", ngramPerEvent.transposed),
    ...Object.entries(nllPerHead).map(([head, value]) => line(head, value)),
    line("symbol and duration", nllPitchAndDuration),
    line("  n-gram", ngram.plain),
    line("  n-gram, in all keys", ngram.transposed),
    "",
    "Statistics (definitions of MusPy)    output    training: 10 %     mean     90 %",
    ...Object.entries(evaluation.statistics).map(([name, it]) =>
      row(name, it.mean, it.training10, it.trainingMean, it.training90) +
      (it.typical ? "" : "  unusual")
    ),
    "",
    "Copied from training      output: mean     95 %      max   unseen human music: mean     95 %",
    ...(["longestRunNotes", "longestRunBars", "shareOf4", "shareOf8", "shareOf16"] as const)
      .map((name) => {
        const [ours, theirs] = [generated[name], heldOut[name]];
        const own = row(name, ours.mean, ours.percentile95, ours.maximum);
        return `${own}           ${[theirs.mean, theirs.percentile95].map(number).join("")}`;
      }),
    "",
    `${evaluation.degenerate} of ${generated.pieces} pieces are empty or got stuck in a loop`,
  ].join("\n");
}

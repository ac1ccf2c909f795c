/**
 * `evaluate`: how well a trained model knows music that it has never seen.
 *
 * @module
 */
import { loadCorpus } from "../../dataset/load_corpus.ts";
import { startEngine } from "../../engine/backend.ts";
import { type Likelihood, measureLikelihood } from "../../evaluation/likelihood.ts";
import { ngramYardstick } from "../../evaluation/ngram_events.ts";
import { quantize } from "../../score/quantize.ts";
import { decode, encode } from "../../symbols/events.ts";
import {
  indexOriginality,
  type OriginalityReference,
  originalityReference,
} from "../../evaluation/originality.ts";
import { compareStatistics, statistics } from "../../evaluation/statistics.ts";
import { ExpressiveComposer } from "../../generation/expressive.ts";
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
  /** Symbol and duration in nats, of the best interpolated Kneser–Ney n-gram on the same events. */
  readonly ngram: { readonly plain: number; readonly transposed: number };
}

/** Measures the model in `--model` on the music in `--input`. */
export async function run(options: Options, io: Io, given: GivenOptions): Promise<void> {
  const model = await loadComposer(options.model);
  const corpus = await loadCorpus(options.input, ({ piece }) => encode(quantize(piece).piece));
  const pieces = corpus.items.map(({ value }) => value);
  const known = corpus.items.find(({ source }) => model.sources.includes(source));
  if (known) io.note(`${known.source} has the name of a file the model was trained on`);
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
  const generated = Array.from({ length: count }, () => composer.compose(wishes));
  composer.close();
  const index = indexOriginality(model.training);
  const statisticsOf = (sequences: readonly EventSequence[]) =>
    sequences.map((sequence) => statistics(decode(sequence)));
  const evaluation: Evaluation = {
    ...likelihood,
    statistics: compareStatistics(statisticsOf(generated), statisticsOf(model.training)),
    originality: {
      generated: originalityReference(index, generated),
      heldOut: originalityReference(index, pieces),
    },
    ngram: { plain: plain.pitchAndDuration, transposed: transposed.pitchAndDuration },
  };
  io.print(options.json ? JSON.stringify(evaluation) : describe(evaluation));
}

function describe(evaluation: Evaluation): string {
  const { events, nllPerEvent, nllPerHead, nllPitchAndDuration, ngram } = evaluation;
  const { generated, heldOut } = evaluation.originality;
  const number = (value: number) => value.toFixed(2).padStart(9);
  const row = (name: string, ...values: number[]) =>
    `  ${name.padEnd(24)}${values.map(number).join("")}`;
  const line = (name: string, value: number) => `  ${name.padEnd(24)} ${value.toFixed(3)}`;
  return [
    `Nats per event on ${events} events (lower is better)`,
    line("everything", nllPerEvent),
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
    "Copied from training: mean, 95 %     output                 unseen human music",
    ...(["longestRunNotes", "longestRunBars", "shareOf4", "shareOf8", "shareOf16"] as const)
      .map((name) => {
        const [ours, theirs] = [generated[name], heldOut[name]];
        return row(name, ours.mean, ours.percentile95, theirs.mean, theirs.percentile95);
      }),
  ].join("\n");
}

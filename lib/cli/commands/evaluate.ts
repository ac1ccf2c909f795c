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
import { encode } from "../../symbols/events.ts";
import type { Io } from "../io.ts";
import { loadComposer } from "../composer.ts";
import type { Options } from "../option_table.ts";

/** What `evaluate --json` prints, as one object. */
export interface Evaluation extends Likelihood {
  /** Symbol and duration in nats, of the best interpolated Kneser–Ney n-gram on the same events. */
  readonly ngram: { readonly plain: number; readonly transposed: number };
}

/** Measures the model in `--model` on the music in `--input`. */
export async function run(options: Options, io: Io): Promise<void> {
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
  const evaluation: Evaluation = {
    ...likelihood,
    ngram: { plain: plain.pitchAndDuration, transposed: transposed.pitchAndDuration },
  };
  io.print(options.json ? JSON.stringify(evaluation) : describe(evaluation));
}

function describe({ events, nllPerEvent, nllPerHead, nllPitchAndDuration, ngram }: Evaluation) {
  const line = (name: string, value: number) => `  ${name.padEnd(24)} ${value.toFixed(3)}`;
  return [
    `Nats per event on ${events} events (lower is better)`,
    line("everything", nllPerEvent),
    ...Object.entries(nllPerHead).map(([head, value]) => line(head, value)),
    line("symbol and duration", nllPitchAndDuration),
    line("  n-gram", ngram.plain),
    line("  n-gram, in all keys", ngram.transposed),
  ].join("\n");
}

/**
 * `deno task bench:quality`: how long the default takes to know unseen music as well as the classic
 * recipe ever does. Both are trained for real on the starter corpus, one after the other, on the same
 * pieces and with the same pieces held out; measured is the negative log-likelihood of their
 * symbols.
 *
 * The classic recipe has 200 epochs. It is stopped when its held-out likelihood has not become
 * better for `--patience` epochs (default 15): by then it learns its pieces by heart. `--patience 0`
 * runs it to the end. Time is training alone, without reading and measuring.
 *
 * A symbol is a note or a chord, whatever its part: the default's likelihood of it is the sum over the
 * parts that might play it. What it holds impossible costs 14 nats.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { parseCommandLine } from "../../lib/cli/options.ts";
import { loadCorpus } from "../../lib/dataset/load_corpus.ts";
import { splitCorpus } from "../../lib/dataset/split.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { fastestKernels } from "../../lib/engine/kernels.ts";
import { ExpressiveComposer } from "../../lib/generation/expressive.ts";
import type { EpochRecord } from "../../lib/model/description.ts";
import type { ExpressiveConfiguration } from "../../lib/model/expressive.ts";
import { createPrng } from "../../lib/random.ts";
import { quantize } from "../../lib/score/quantize.ts";
import { extractClassicSymbols } from "../../lib/symbols/classic.ts";
import { encode } from "../../lib/symbols/events.ts";
import {
  type Preparation,
  prepareClassic,
  prepareExpressive,
} from "../../lib/training/preparation.ts";
import { type Checkpoint, train } from "../../lib/training/train.ts";

/** Where a run was after an epoch. */
interface Mark {
  readonly epoch: number;
  /** Seconds of training until then. */
  readonly seconds: number;
  /** Held-out nats a symbol. */
  readonly nats: number;
}

const SEED = 1;
const { values: options } = parseArgs({
  options: {
    input: { type: "string", default: "input" },
    patience: { type: "string", default: "15" },
    json: { type: "boolean" },
  },
});

const corpus = await loadCorpus(options.input, ({ midi, piece }) => ({
  symbols: extractClassicSymbols(midi),
  sequence: encode(quantize(piece).piece),
}));
const held = new Set(
  splitCorpus(corpus.items.map(({ value }) => value.sequence), createPrng(SEED, "held out"))
    .heldOut,
);
const heldOut = corpus.items.filter(({ value }) => held.has(value.sequence));
const learned = corpus.items.filter(({ value }) => !held.has(value.sequence));

if (heldOut.length === 0) throw new Error("Too few pieces: of 8 and more, some are held out");

/** What the program would train with without any options. */
function defaults(preset: "classic" | "expressive") {
  const { options } = parseCommandLine(["train", "--preset", preset]);
  return { ...options, seed: SEED, units: [options.units[0], options.units[1]] as const };
}

/** Trains until `enough`, and gives one mark for each epoch. */
async function marks(
  name: string,
  { course, start, options: recipe }: Preparation,
  enough: (marks: readonly Mark[]) => boolean,
  natsOf: (record: EpochRecord, checkpoint: () => Checkpoint) => Promise<number> | number,
): Promise<Mark[]> {
  const found: Mark[] = [];
  const engine = await startEngine();
  const kernels = await fastestKernels(() => performance.now());
  let [seconds, since] = [0, performance.now()];
  await train(engine, course, start, {
    ...recipe,
    seed: SEED,
    threads: navigator.hardwareConcurrency,
    kernels,
    shouldStop: () => enough(found),
    onBatch({ batch, batches }) {
      if (batch === batches) seconds += (performance.now() - since) / 1000;
    },
    async onEpoch(record, checkpoint) {
      const { epoch } = record;
      const nats = await natsOf(record, checkpoint);
      found.push({ epoch, seconds, nats });
      console.error(`${name} epoch ${epoch}: ${seconds.toFixed(1)} s, ${nats.toFixed(3)} nats`);
      since = performance.now();
    },
  });
  return found;
}

/** Mean nats of the default's held-out symbols, without their parts. */
async function natsOfNames(checkpoint: Checkpoint): Promise<number> {
  const { description } = expressive.save(checkpoint);
  const composer = new ExpressiveComposer(await startEngine(), {
    configuration: description.configuration as ExpressiveConfiguration,
    parameters: checkpoint.optimizer.parameters,
    training: learned.map(({ value }) => value.sequence),
  });
  const all = heldOut.flatMap(({ value }) => composer.likelihoods(value.sequence));
  composer.close();
  return all.reduce((sum, p) => sum - Math.log(0.999 * p + 1e-6), 0) / all.length;
}

function best(marks: readonly Mark[]): Mark {
  return marks.reduce((a, b) => b.nats < a.nats ? b : a);
}

const patience = Number(options.patience) || Infinity;
const classic = best(
  await marks(
    "classic",
    prepareClassic(
      learned.map(({ source, value }) => ({ source, value: value.symbols })),
      defaults("classic"),
      heldOut.flatMap(({ value }) => value.symbols),
    ),
    (marks) => marks.length > 0 && marks.at(-1)!.epoch - best(marks).epoch >= patience,
    ({ heldOutHeads }) => heldOutHeads!.symbol,
  ),
);
const expressive = prepareExpressive(
  learned.map(({ source, value }) => ({ source, value: value.sequence })),
  defaults("expressive"),
  heldOut.map(({ value }) => value.sequence),
);
const reached = (await marks(
  "default",
  expressive,
  (marks) => marks.some(({ nats }) => nats <= classic.nats),
  (_, checkpoint) => natsOfNames(checkpoint()),
)).find(({ nats }) => nats <= classic.nats);
if (!reached) throw new Error(`The default never reached ${classic.nats} nats`);
if (options.json) {
  const ratio = classic.seconds / reached.seconds;
  console.log(JSON.stringify({ name: "time-to-quality", classic, default: reached, ratio }));
} else {
  console.log(
    `classic is at its best after ${classic.epoch} epochs, ${classic.seconds.toFixed(0)} s: ` +
      `${classic.nats.toFixed(3)} nats a symbol on held-out music`,
  );
  console.log(
    `the default has ${reached.nats.toFixed(3)} after ${reached.epoch} epochs, ` +
      `${reached.seconds.toFixed(1)} s: ${
        (classic.seconds / reached.seconds).toFixed(0)
      } times sooner`,
  );
}

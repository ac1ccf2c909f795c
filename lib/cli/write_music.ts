/**
 * The composing half of the program: trained model in, MIDI file out.
 *
 * @module
 */
import { resolve } from "node:path";
import { CorpusError, UsageError } from "../errors.ts";
import { startEngine } from "../engine/backend.ts";
import { generateClassic } from "../generation/classic.ts";
import {
  ExpressiveComposer,
  type ExpressiveModel,
  type ExpressiveOptions,
} from "../generation/expressive.ts";
import type { Originality } from "../evaluation/originality.ts";
import { barAt } from "../evaluation/bars.ts";
import { listeningPage } from "../evaluation/listening_page.ts";
import { type Candidate, Judge } from "../evaluation/ranking.ts";
import { readMidi } from "../midi/read.ts";
import type { MidiFile } from "../midi/types.ts";
import { writeMidi } from "../midi/write.ts";
import type { ClassicDescription, ModelDescription } from "../model/description.ts";
import type { SavedModel } from "../model/folder.ts";
import { createPrng, type Prng } from "../random.ts";
import { fromPiece } from "../score/from_piece.ts";
import { quantize } from "../score/quantize.ts";
import { toPiece } from "../score/to_piece.ts";
import type { Grid } from "../score/types.ts";
import { extractClassicSymbols } from "../symbols/classic.ts";
import { classicMidi } from "../symbols/classic_output.ts";
import { decode, encode } from "../symbols/events.ts";
import type { EventSequence } from "../symbols/types.ts";
import { Vocabulary } from "../symbols/vocabulary.ts";
import { composerOf } from "./composer.ts";
import type { Io } from "./io.ts";
import type { Options } from "./option_table.ts";
import type { GivenOptions } from "./options.ts";
import { checkOutput, writeOutput } from "./output_file.ts";
import { formatCount } from "./progress.ts";

/** Options of the expressive preset that mean nothing to the classic one. */
const EXPRESSIVE_ONLY = ["bars", "seconds", "count", "keepPrimer", "key", "range"] as const;

/**
 * Composes with `model` and writes the output file.
 *
 * @throws {OutputError} if the file cannot be written
 * @throws {CorpusError} if the primer cannot be used
 */
export async function writeMusic(
  { description, arrays }: SavedModel<ModelDescription>,
  options: Options,
  given: GivenOptions,
  seed: number,
  io: Io,
): Promise<void> {
  const prng = createPrng(seed, "generation");
  const parameters = arrays.parameters as Float32Array;
  if (isClassic(description)) {
    const unused = EXPRESSIVE_ONLY.find((name) => given.has(name));
    if (unused) io.note(`--${unused} is not used: the model is of the classic preset`);
    const stream = arrays.stream as Int32Array;
    const midi = await composeClassic(description, parameters, stream, options, prng);
    return await write(midi, options, io);
  }
  const model = composerOf({ description, arrays });
  await write(await composeExpressive(model, options, given, prng, io), options, io);
}

function isClassic(description: ModelDescription): description is ClassicDescription {
  return description.configuration.preset === "classic";
}

/** Makes sure that all files can be written before the work starts, see {@linkcode checkOutput}. */
export async function checkOutputs({ output, page }: Options): Promise<void> {
  if (page !== undefined && resolve(page) === resolve(output)) {
    throw new UsageError(`--page and --output are the same file, ${output}`, {
      hint: "Give the page a name of its own, for example --page music.html.",
    });
  }
  await checkOutput(output);
  if (page !== undefined) await checkOutput(page);
}

async function write(midi: MidiFile, { output, page, json }: Options, io: Io): Promise<void> {
  await writeOutput(output, writeMidi(midi));
  if (page !== undefined) {
    const { piece } = quantize(toPiece(midi, output));
    await writeOutput(page, new TextEncoder().encode(listeningPage(piece)));
  }
  const notes = midi.tracks.flatMap(({ events }) => events)
    .filter(({ type }) => type === "noteOn").length;
  if (json) return io.print(JSON.stringify({ output, page, notes }));
  io.print(`Wrote ${output}: ${formatCount(notes)} notes`);
  if (page !== undefined) io.print(`Wrote ${page}: open it in a browser to see and hear the music`);
}

async function composeClassic(
  { configuration, vocabulary }: ClassicDescription,
  parameters: Float32Array,
  stream: Int32Array,
  options: Options,
  prng: Prng,
): Promise<MidiFile> {
  const symbols = Vocabulary.fromJSON(vocabulary);
  const { sequenceLength } = configuration;
  const primer = options.primer
    ? classicPrimer(await Deno.readFile(options.primer), options.primer, symbols, sequenceLength)
    : randomWindow(stream, sequenceLength, prng);
  const sampling = samplingOf(options);
  const ids = generateClassic(await startEngine(), configuration, parameters, primer, {
    ...sampling,
    length: options.length,
    prng,
  });
  return classicMidi(symbols.decode(ids));
}

function randomWindow(stream: Int32Array, length: number, prng: Prng): Int32Array {
  const from = prng.below(stream.length - length);
  return stream.slice(from, from + length);
}

function classicPrimer(
  bytes: Uint8Array,
  source: string,
  vocabulary: Vocabulary,
  length: number,
): Int32Array {
  const all = extractClassicSymbols(readMidi(bytes, source).midi);
  const known = all.filter((symbol) => vocabulary.has(symbol));
  if (known.length >= length) return vocabulary.encode(known.slice(-length));
  throw new CorpusError(
    `Cannot continue ${source}: wanted ${length} symbols that the model knows, found ${known.length}`,
    { source, hint: "Choose a longer primer, or one in the style of the training music." },
  );
}

/** The options that say how the next symbol is chosen. */
export function samplingOf({ temperature, topK, topP }: Options) {
  return { temperature, topK: topK ?? 0, topP };
}

async function composeExpressive(
  model: ExpressiveModel,
  options: Options,
  given: GivenOptions,
  prng: Prng,
  io: Io,
): Promise<MidiFile> {
  const primer = options.primer === undefined
    ? undefined
    : expressivePrimer(await Deno.readFile(options.primer), options.primer);
  const composer = new ExpressiveComposer(await startEngine(), model);
  const wishes = { ...wishesOf(options, given), primer, prng };
  const judge = new Judge(model.training);
  const compose = () => judge.composed(() => composer.compose(wishes));
  const drafts = Array.from({ length: options.count }, compose);
  composer.close();
  const ranked = judge.rank(drafts.filter(({ events }) => events.length > 0));
  if (ranked.length === 0) {
    throw new CorpusError("Cannot write music: nothing was generated under these limits", {
      hint: "Loosen --key, --range, --bars or --seconds, or train longer.",
    });
  }
  if (drafts.length > 1) { for (const line of rankingLines(ranked)) io.note(line); }
  const [{ sequence, originality }] = ranked;
  io.note(originalityLine(originality));
  return fromPiece(
    decode(primer && options.keepPrimer ? joined(primer, sequence) : fromItsBar(sequence)),
  );
}

/** The options of a command line in the words of the composer. */
function wishesOf(options: Options, given: GivenOptions): Omit<ExpressiveOptions, "prng"> {
  const limited = options.bars !== undefined || options.seconds !== undefined;
  return {
    ...samplingOf(options),
    length: limited && !given.has("length") ? LIMITED_LENGTH : options.length,
    bars: options.bars,
    seconds: options.seconds,
    pitchClasses: options.key === undefined ? undefined : pitchClassesOfKey(options.key),
    range: options.range && [options.range.low, options.range.high],
  };
}

function rankingLines(ranked: readonly Candidate[]): string[] {
  const lines = ranked.map(({ number, reasons }) =>
    `  ${number}: ${reasons.length > 0 ? reasons.join(", ") : "nothing against it"}`
  );
  return ["Candidates, best first; the first one is written:", ...lines];
}

/** The short form of the originality report. */
function originalityLine({ longestRun, shareOf8 }: Originality): string {
  const { notes, bars, source, bar } = longestRun;
  if (notes === 0) return "Originality: no two notes in a row are as in a training piece";
  const share = Number.isNaN(shareOf8)
    ? ""
    : `; ${Math.round(shareOf8 * 100)} % of its 8-note figures occur there`;
  return `Originality: at most ${notes} notes in a row (${
    bars.toFixed(1)
  } bars) are as in a training ` +
    `piece (${source}, bar ${bar})${share}`;
}

/** Events at most when the length is given in bars or seconds. */
const LIMITED_LENGTH = 100_000;

function expressivePrimer(bytes: Uint8Array, source: string): EventSequence {
  const sequence = encode(quantize(toPiece(readMidi(bytes, source).midi, source)).piece);
  if (sequence.events.length > 0) return sequence;
  throw new CorpusError(`Cannot continue ${source}: there are no notes in it`, {
    source,
    hint: "Choose another file with --primer.",
  });
}

/** The primer and what follows it, as one piece. */
function joined(primer: EventSequence, music: EventSequence): EventSequence {
  return { ...primer, events: [...primer.events, ...music.events] };
}

/** The same music without the bars before the one that it starts in. */
function fromItsBar(sequence: EventSequence): EventSequence {
  const { start: bar } = barAt(sequence.meters, sequence.start);
  const moved = <Change extends { readonly onset: Grid }>(changes: readonly Change[]) => {
    const held = changes.findLastIndex(({ onset }) => onset <= bar);
    return changes.slice(Math.max(0, held))
      .map((change) => ({ ...change, onset: Math.max(0, change.onset - bar) as Grid }));
  };
  const { tempos, meters, keys, start } = sequence;
  return {
    ...sequence,
    start: (start - bar) as Grid,
    tempos: moved(tempos),
    meters: moved(meters),
    keys: moved(keys),
  };
}

/** Pitch classes of a key such as `D`, `F#m` or `Bb`; a minor key has its raised sixth and seventh too. */
export function pitchClassesOfKey(key: string): ReadonlySet<number> {
  const [, letter, sign, minor] = /^([A-G])([#b]?)(m?)$/.exec(key)!;
  const natural = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }[letter]!;
  const tonic = natural + (sign === "#" ? 1 : sign === "b" ? 11 : 0);
  const scale = minor ? [0, 2, 3, 5, 7, 8, 9, 10, 11] : [0, 2, 4, 5, 7, 9, 11];
  return new Set(scale.map((each) => (tonic + each) % 12));
}

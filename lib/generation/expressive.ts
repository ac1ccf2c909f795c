/**
 * Generation with the `expressive` preset: one event after another, with state, the way training
 * read them.
 *
 * @module
 */
import type { EventMemory, Expectation } from "../dataset/event_memory.ts";
import { knowCorpus } from "../dataset/expressive_corpus.ts";
import { END_TOKEN, relativeSymbolId, type TokenTable } from "../dataset/tokens.ts";
import { type Expectations, Tracker } from "../dataset/tracker.ts";
import type { Engine } from "../engine/backend.ts";
import { createRunner, type Runner } from "../engine/runner.ts";
import { CorpusError } from "../errors.ts";
import {
  type ExpressiveConfiguration,
  expressivePlan,
  featureInput,
  type Head,
  RELATIVE_CLASSES,
} from "../model/expressive.ts";
import type { Prng } from "../random.ts";
import { type Grid, GRID_PER_QUARTER } from "../score/types.ts";
import type { Codebook } from "../symbols/codebook.ts";
import { pitchOf } from "../symbols/transpose.ts";
import { isDrum } from "../symbols/transpose.ts";
import type { EventSequence, MusicEvent } from "../symbols/types.ts";
import { Frame } from "./frame.ts";
import { LoopGuard } from "./loop_guard.ts";
import { exponentials, sampleProbabilities, type SamplingOptions } from "./sample.ts";
import { PartHabits } from "./habits.ts";
import { VoicingBank } from "./voicing.ts";

/** A trained model. */
export interface ExpressiveModel {
  /** Sizes of the network. */
  readonly configuration: ExpressiveConfiguration;
  /** In the layout of `expressivePlan`. */
  readonly parameters: Float32Array;
  /** The music that it was trained on. */
  readonly training: readonly EventSequence[];
}

/** What to generate. */
export interface ExpressiveOptions extends SamplingOptions {
  /** Events at most; the music may end by itself from 85 % of it on. */
  readonly length: number;
  /** Bars of new music at most. */
  readonly bars?: number;
  /** Seconds of new music at most. */
  readonly seconds?: number;
  /** Music to go on from; without it the music starts as a training piece does. */
  readonly primer?: EventSequence;
  /** Pitch classes that may sound; all by default. */
  readonly pitchClasses?: ReadonlySet<number>;
  /** Lowest and highest pitch allowed; 0–127 by default. */
  readonly range?: readonly [number, number];
  /** Randomness. */
  readonly prng: Prng;
}

/** What to generate, in which frame. */
type Framed = ExpressiveOptions & Fitting & { readonly habits: PartHabits };

/** What fits a piece. */
interface Fitting {
  /** Lowest and highest pitch of each role. */
  readonly ranges: readonly (readonly [number, number])[];
  /** For each symbol id 0–1. */
  readonly fitting: Float64Array;
}

/** Share of the wanted length from which on the music may end, and how much likelier its end is made in the end. */
const MAY_END = 0.85;
const LIKELIER_END = 200;
/** Events that the memory of the corpus looks back: enough for its idiom, too few for its tunes. */
const CORPUS_CONTEXT = 4;
/** Length of a passage known from the corpus from which on its continuation is avoided. */
const COPY_LIMIT = 7;
/** Where a hand is before it has played: C4. */
const MIDDLE = 60;
/** What is left of the probability of an event that would go on copying. */
const COPY_PENALTY = 0.02;

/** Rhythm and loudness are chosen at this share of the temperature: a groove bears less surprise than a tune. */
const STEADINESS = 0.8;

/** Composes with one model. */
export class ExpressiveComposer {
  readonly #configuration: ExpressiveConfiguration;
  readonly #codebook: Codebook;
  readonly #tokens: TokenTable;
  readonly #corpus: EventMemory;
  readonly #voicings: VoicingBank;
  readonly #training: readonly EventSequence[];
  readonly #runner: Runner;

  /** Loads the model into the engine. */
  constructor(engine: Engine, { configuration, parameters, training }: ExpressiveModel) {
    this.#configuration = configuration;
    const { codebook, tokens, memory } = knowCorpus(training);
    [this.#codebook, this.#tokens, this.#corpus] = [codebook, tokens, memory];
    this.#voicings = new VoicingBank(training);
    this.#training = training;
    const plan = expressivePlan(configuration, { rows: 1, steps: 1 }, true);
    this.#runner = createRunner(engine, plan, parameters);
    const { shapes, bases } = this.#codebook.shapes(RELATIVE_CLASSES);
    this.#runner.inputIds("symbol shapes").set(shapes);
    this.#runner.inputIds("symbol bases").set(bases);
  }

  /** Frees the engine's memory. */
  close(): void {
    this.#runner.close();
  }

  /**
   * New music; with a primer, only what follows it.
   *
   * @throws {CorpusError} if nothing that the model knows fits the key and range
   */
  compose(options: ExpressiveOptions): EventSequence {
    const model = this.#training[options.prng.below(this.#training.length)];
    const head = options.primer ?? openingOf(model);
    const tracker = new Tracker(this.#codebook, this.#tokens, this.#corpus, head);
    this.#restart();
    const frame = new Frame(options.primer ?? model);
    const fitting = this.#fitting(head.parts.length, frame, options);
    const habits = new PartHabits(options.primer ?? model, this.#playableRoles(fitting));
    for (const event of options.primer?.events ?? []) {
      this.#observe(tracker, tracker.expectations());
      habits.push(event, tracker.now);
      tracker.push(event);
    }
    const start = tracker.now as Grid;
    const end = start + longest(head, options);
    const guard = new LoopGuard(options.length);
    const framed = { ...options, ...fitting, habits };
    const events: MusicEvent[] = [];
    while (events.length < options.length) {
      if (tracker.now >= end) break;
      const share = events.length / options.length;
      const event = this.#next(tracker, guard, share, framed);
      if (!event) break;
      guard.push(event);
      events.push(event);
      habits.push(event, tracker.now);
      tracker.push(event);
    }
    return {
      ...head,
      source: "generated",
      start,
      events: closed(whole(events), start, end, habits),
    };
  }

  /**
   * For each event of a piece, how likely its symbol was held before it: the sum over the parts that
   * might play it; 0 if no part can.
   */
  likelihoods(piece: EventSequence): number[] {
    const tracker = new Tracker(this.#codebook, this.#tokens, this.#corpus, piece);
    this.#restart();
    return piece.events.map((event) => {
      const expected = tracker.expectations();
      this.#observe(tracker, expected);
      const { probabilities } = this.#outlook(tracker, expected);
      tracker.push(event);
      return this.#codebook.roles.reduce((sum, _, role) => {
        const id = this.#codebook.idOf(role, event.symbol);
        return sum + (id < 0 ? 0 : probabilities[id]);
      }, 0);
    });
  }

  /** Forgets what was played. */
  #restart(): void {
    this.#runner.carried().fill(0);
    this.#runner.input("keep").fill(0);
  }

  /** Runs the network up to the symbol. */
  #observe(tracker: Tracker, expected: Expectations): void {
    const ids = tracker.features(expected);
    ids.forEach((id, f) => this.#runner.inputIds(featureInput(f))[0] = id);
    this.#runner.run("symbol");
    this.#runner.input("keep").fill(1);
  }

  #next(
    tracker: Tracker,
    guard: LoopGuard,
    share: number,
    options: Framed,
  ): MusicEvent | undefined {
    const expected = tracker.expectations(CORPUS_CONTEXT);
    this.#observe(tracker, expected);
    const symbol = this.#chooseSymbol(tracker, expected, guard, share, options);
    if (symbol === this.#codebook.symbols.size) return undefined;
    const role = this.#codebook.roleOfId(symbol);
    const name = this.#codebook.symbolOfId(symbol);
    this.#runner.inputIds("symbol")[0] = symbol;
    this.#runner.inputIds("chosen interval")[0] = tracker.chosenInterval(role, name);
    const duration = this.#chooseDuration(symbol, tracker, expected, options);
    this.#runner.inputIds("duration")[0] = duration;
    const length = this.#codebook.durationOf(duration);
    this.#runner.inputIds("next end")[0] = tracker.nextEnd(length);
    const step = this.#choosePlain(
      "step",
      options,
      this.#allowedSteps(tracker, role, length, options),
    );
    this.#runner.inputIds("step")[0] = step;
    const velocity = this.#choosePlain("velocity", options, () => true);
    const near = tracker.lastPitch(role) < 128 ? tracker.lastPitch(role) : MIDDLE;
    const loudness = this.#codebook.velocityOf(velocity);
    return {
      symbol: name,
      part: role,
      step: this.#codebook.stepOf(step),
      duration: length,
      velocity: loudness,
      notes: this.#voicings.pitches(name, role, near, options.ranges[role])!
        .map((pitch) => ({ pitch, velocity: loudness })),
    };
  }

  #chooseSymbol(
    tracker: Tracker,
    expected: Expectations,
    guard: LoopGuard,
    share: number,
    options: Framed,
  ): number {
    const end = this.#codebook.symbols.size;
    const { probabilities, corpus, piece } = this.#outlook(tracker, expected);
    const ending = endFactor(share);
    probabilities.forEach((probability, id) => {
      probabilities[id] = probability * (id === end ? ending : options.fitting[id]);
    });
    const copied = tracker.expectations().corpus;
    if (copied.contextLength >= COPY_LIMIT) {
      this.#known(tracker, copied).forEach((known, id) => {
        if (id !== end) probabilities[id] *= 1 - (1 - COPY_PENALTY) * Math.min(1, known);
      });
    }
    const allowed = options.habits.allowedAt(tracker.now);
    const usual = probabilities.map((probability, id) =>
      id === end || allowed(this.#codebook.roleOfId(id)) ? probability : 0
    );
    const guarded = (all: Float64Array) =>
      all.map((probability, id) =>
        id === end ? probability : probability * guard.factor(this.#codebook.symbolOfId(id))
      );
    // Music of very few symbols cannot avoid all that it has played often.
    const left = [guarded(usual), usual, guarded(probabilities)]
      .find((all) => all.some((probability) => probability > 0)) ?? probabilities;
    const symbol = sampleProbabilities(left, options, options.prng);
    const known = [expected.corpus, expected.piece].map(({ contextLength }, e) =>
      contextLength === 0 ? -1 : [corpus, piece][e][symbol]
    );
    this.#runner.input("symbol memory").set(known);
    return symbol;
  }

  /** What the network and the memories together expect, and the memories alone: probabilities by symbol id. */
  #outlook(tracker: Tracker, expected: Expectations) {
    const corpus = this.#known(tracker, expected.corpus);
    const piece = this.#known(tracker, expected.piece);
    const probabilities = this.#mixed("symbol", [
      expected.corpus.contextLength > 0 ? corpus : undefined,
      expected.piece.contextLength > 0 ? piece : undefined,
    ]);
    return { probabilities, corpus, piece };
  }

  /** The probabilities of a memory by symbol id; the last one is that of the end. */
  #known(tracker: Tracker, { probabilities }: Expectation): Float64Array {
    const end = this.#codebook.symbols.size;
    const result = new Float64Array(end + 1);
    for (const [token, probability] of probabilities) {
      const id = token === END_TOKEN
        ? end
        : relativeSymbolId(this.#tokens.eventOf(token), tracker.reference!, this.#codebook);
      if (id >= 0) result[id] += probability;
    }
    return result;
  }

  #chooseDuration(
    symbol: number,
    tracker: Tracker,
    expected: Expectations,
    options: SamplingOptions & { readonly prng: Prng },
  ): number {
    const given = ({ probabilities, contextLength }: Expectation) => {
      const known = new Float64Array(this.#configuration.heads.duration);
      if (contextLength === 0) return undefined;
      let total = 0;
      for (const [token, probability] of probabilities) {
        if (token === END_TOKEN) continue;
        const event = this.#tokens.eventOf(token);
        if (relativeSymbolId(event, tracker.reference!, this.#codebook) !== symbol) continue;
        total += probability;
        known[this.#codebook.durationId(event.duration)] += probability;
      }
      return total > 0 ? known.map((probability) => probability / total) : undefined;
    };
    this.#runner.run("duration");
    const memories = [given(expected.corpus), given(expected.piece)] as const;
    const probabilities = this.#mixed("duration", memories);
    probabilities[0] = 0;
    return sampleProbabilities(probabilities, steadier(options), options.prng);
  }

  /** The steps that the habits of the parts leave after a note; all where they leave none. */
  #allowedSteps({ now }: Tracker, role: number, length: number, { habits }: Framed) {
    const shortest = habits.shortestStep(now, role, length);
    const longest = habits.longestStep(now, role, length);
    const fits = (step: number) => shortest <= step && step <= longest;
    const some = this.#codebook.steps.some(fits);
    return (id: number) => id > 0 && (!some || fits(this.#codebook.stepOf(id)));
  }

  #choosePlain(
    head: "step" | "velocity",
    options: SamplingOptions & { readonly prng: Prng },
    allowed: (id: number) => boolean,
  ): number {
    this.#runner.run(head);
    const probabilities = softmax(this.#runner.output(`${head} logits`))
      .map((probability, id) => allowed(id) ? probability : 0);
    return sampleProbabilities(probabilities, steadier(options), options.prng);
  }

  /** The network's distribution mixed with those of the two memories, as far as they know something. */
  #mixed(
    head: Head,
    memories: readonly [Float64Array | undefined, Float64Array | undefined],
  ): Float64Array {
    const network = softmax(this.#runner.output(`${head} logits`));
    const predictors = [network, ...memories];
    const gates = this.#runner.output(`${head} gates`);
    const shares = softmax(gates.map((gate, i) => predictors[i] ? gate : -Infinity));
    return network.map((_, id) =>
      predictors.reduce((sum, predictor, i) => sum + (predictor ? shares[i] * predictor[id] : 0), 0)
    );
  }

  /** The roles with a symbol that fits. */
  #playableRoles({ fitting }: Fitting): number[] {
    const ids = [...fitting.keys()].filter((id) => fitting[id] > 0);
    return [...new Set(ids.map((id) => this.#codebook.roleOfId(id)))];
  }

  /** What the probability of each symbol is multiplied by, in a piece of that many parts: 0 if it may not sound. */
  #fitting(parts: number, frame: Frame, { pitchClasses, range }: ExpressiveOptions): Fitting {
    const all = this.#codebook.symbols.symbols.map((_, id) => ({
      symbol: this.#codebook.symbolOfId(id),
      role: this.#codebook.roleOfId(id),
    }));
    const playable = (symbol: string, role: number, within: readonly [number, number]) =>
      this.#voicings.pitches(symbol, role, MIDDLE, within);
    // A register that the model knows no note of is no frame.
    const ranges = this.#codebook.roles.map((_, role) => {
      const register = range ?? frame.range(role);
      const own = all.filter((each) => each.role === role);
      const notes = own.filter(({ symbol }) => pitchOf(symbol) !== undefined);
      const known = (notes.length > 0 ? notes : own).some(({ symbol }) =>
        playable(symbol, role, register)
      );
      return known || range ? register : [0, 127] as const;
    });
    const fitting = Float64Array.from(all, ({ symbol, role }) => {
      if (role >= parts) return 0;
      if (isDrum(symbol)) return 1;
      const pitches = playable(symbol, role, ranges[role]);
      if (!pitches?.every((pitch) => !pitchClasses || pitchClasses.has(pitch % 12))) return 0;
      return pitchClasses ? 1 : frame.factor(symbol);
    });
    if (fitting.some((factor) => factor > 0)) return { ranges, fitting };
    throw new CorpusError("Cannot compose: no note or chord of the model fits the key and range", {
      hint: "Choose a wider --range or another --key.",
    });
  }
}

/** Tempo, meter and place in the bar with which a piece opens. */
function openingOf({ tempos, meters, keys, start, parts, source }: EventSequence): Omit<
  EventSequence,
  "events"
> {
  const first = <Change extends { readonly onset: number }>(changes: readonly Change[]) =>
    changes.slice(0, 1).map((change) => ({ ...change, onset: 0 as Grid }));
  const opening = { tempos: first(tempos), meters: first(meters), keys: first(keys) };
  return { ...opening, start, parts, source };
}

/** Most grid units of new music, at the meter and tempo of the opening. */
function longest({ meters, tempos }: Omit<EventSequence, "events">, wanted: ExpressiveOptions) {
  const { numerator, denominator } = meters.at(-1) ?? { numerator: 4, denominator: 4 };
  const { microsecondsPerQuarter } = tempos.at(-1) ?? { microsecondsPerQuarter: 500_000 };
  const bar = 4 * GRID_PER_QUARTER * numerator / denominator;
  const second = GRID_PER_QUARTER * 1e6 / microsecondsPerQuarter;
  const most = Math.min((wanted.bars ?? Infinity) * bar, (wanted.seconds ?? Infinity) * second);
  return Math.floor(most);
}

/** What the probability of the end is multiplied by when that share of the wanted length is there. */
function endFactor(share: number): number {
  if (share < MAY_END) return 0;
  return 1 + (LIKELIER_END - 1) * (share - MAY_END) / (1 - MAY_END);
}

/** The events without those of the last onset, if more would have followed at that onset. */
function whole(events: readonly MusicEvent[]): readonly MusicEvent[] {
  const last = events.findLastIndex(({ step }) => step > 0);
  return last < 0 ? events : events.slice(0, last + 1);
}

/**
 * The events with none sounding beyond `end`, the last one followed by nothing. Parts that never
 * rest end together.
 */
function closed(
  events: readonly MusicEvent[],
  start: number,
  end: number,
  habits: PartHabits,
): MusicEvent[] {
  const onsets = onsetsOf(events, start);
  const ends = events.map(({ duration }, i) => Math.min(end, onsets[i] + duration));
  const last = onsets.at(-1)!;
  const final = ends.reduce((a, b) => Math.max(a, b), last);
  return events.map((event, i) => {
    const until = habits.neverRests(event.part) && ends[i] > last ? final : ends[i];
    const duration = (until - onsets[i]) as Grid;
    return { ...event, duration, step: i === events.length - 1 ? duration : event.step };
  });
}

/** Onset of each event. */
function onsetsOf(events: readonly MusicEvent[], start: number): number[] {
  let onset = start;
  return events.map(({ step }) => (onset += step) - step);
}

function steadier(options: SamplingOptions): SamplingOptions {
  return { ...options, temperature: options.temperature * STEADINESS };
}

/** Probabilities from logits in natural log. */
function softmax(logits: Float32Array): Float64Array {
  const weights = exponentials(logits);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/**
 * What the network is told before it predicts the next event. Training and generation use the same
 * tracker, so both see the same numbers.
 *
 * @module
 */
import { GRID_PER_QUARTER, type MeterChange } from "../score/types.ts";
import type { Grid } from "../score/types.ts";
import { type Codebook, roleOf, VELOCITIES } from "../symbols/codebook.ts";
import { isDrum, pitchClassesOf, pitchOf } from "../symbols/transpose.ts";
import type { MusicEvent, MusicSymbol } from "../symbols/types.ts";
import {
  contextsAfter,
  EventMemory,
  type Expectation,
  LONGEST_CONTEXT,
  NOTHING_EXPECTED,
} from "./event_memory.ts";
import { referenceAfter, referencePitch, type TokenTable } from "./tokens.ts";

/** One number that the network looks up in a table of its own. */
export interface Feature {
  /** Its name. */
  readonly name: string;
  /** Ids are in [0, size). */
  readonly size: number;
  /** What happens to it when the piece is moved to another key. */
  readonly moves: "not" | "as symbol" | "as pitch";
}

/** Pitch feature of a role that has not played yet. */
const NO_PITCH = 128;
/** Distance between two pitches beyond which only the direction counts. */
const WIDEST_INTERVAL = 24;
const BAR_POSITIONS = 256;
const PHRASE_BARS = 16;
const MOST_BARS = 64;
const REMAINING_CLASSES = 32;
/** Grid units in a class of remaining time: an eighth of a quarter. */
const REMAINING_STEP = 6;
/** Classes of the time to the next note end. */
export const NEXT_END_CLASSES = 48;
/** Ids of {@linkcode Tracker.chosenInterval}: none, the notes, the chords. */
export const CHOSEN_INTERVALS = 2 * WIDEST_INTERVAL + 2 + 12;
/** Shares of the recent notes from which on a pitch class counts as touched, used, and much used. */
const SCALE_LEVELS = [0.005, 0.03, 0.08, 0.16] as const;
/** What is left of the weight of a note after each further event: half of it after 23. */
const FORGETTING = 0.97;
/** The meters that the network can tell apart. */
const METERS = ["4/4", "3/4", "6/8", "2/4", "9/8", "2/2", "12/8"];

/** The features for a codebook, in the order of {@linkcode Tracker.features}. */
export function featuresOf(codebook: Codebook): Feature[] {
  const plain = (name: string, size: number): Feature => ({ name, size, moves: "not" });
  const memory = (name: string) => [
    plain(`${name} length`, LONGEST_CONTEXT + 1),
    plain(`${name} count`, 8),
    plain(`${name} top`, 10),
  ];
  return [
    { name: "symbol", size: codebook.symbols.size + 2, moves: "as symbol" },
    plain("duration", codebook.durations.length + 2),
    plain("step", codebook.steps.length + 2),
    plain("velocity", VELOCITIES + 1),
    plain("interval", 2 * WIDEST_INTERVAL + 2),
    plain("beat", GRID_PER_QUARTER),
    plain("bar", BAR_POSITIONS),
    plain("meter", METERS.length + 1),
    plain("phrase", PHRASE_BARS),
    plain("bars", MOST_BARS),
    ...memory("corpus"),
    ...memory("piece"),
    ...Array.from({ length: 12 }, (_, k) => plain(`scale ${k}`, SCALE_LEVELS.length + 1)),
    { name: "reference", size: NO_PITCH + 1, moves: "as pitch" },
    ...codebook.roles.flatMap(({ drums }, role): Feature[] => [
      { name: `pitch ${role}`, size: NO_PITCH + 1, moves: drums ? "not" : "as pitch" },
      plain(`remaining ${role}`, REMAINING_CLASSES),
    ]),
  ];
}

/** Names of the features that tell how far the memories can be trusted. */
export const TRUST_FEATURES = ["corpus", "piece"].flatMap((name) => [
  `${name} length`,
  `${name} count`,
  `${name} top`,
]);

/** What the two memories expect next. */
export interface Expectations {
  /** After what was heard in the whole corpus. */
  readonly corpus: Expectation;
  /** After what was heard in this piece. */
  readonly piece: Expectation;
}

/** Follows a piece event by event. */
export class Tracker {
  readonly #codebook: Codebook;
  readonly #tokens: TokenTable;
  readonly #corpus: EventMemory;
  readonly #own?: EventMemory;
  readonly #piece = new EventMemory();
  readonly #meters: readonly MeterChange<Grid>[];
  readonly #history = [0];
  readonly #pitches: number[];
  readonly #ends: number[];
  /** For each pitch class how often it sounded, old notes counting less. */
  #presence: readonly number[] = new Array(12).fill(0);
  #last?: MusicEvent;
  #reference?: number;
  #interval = 0;
  #now: number;

  /**
   * Starts before the first event, at grid position `start`.
   *
   * @param own a memory of this very piece, if `corpus` has learned it too: it is left out
   */
  constructor(
    codebook: Codebook,
    tokens: TokenTable,
    corpus: EventMemory,
    piece: { readonly meters: readonly MeterChange<Grid>[]; readonly start: number },
    own?: EventMemory,
  ) {
    this.#codebook = codebook;
    this.#tokens = tokens;
    this.#corpus = corpus;
    this.#own = own;
    this.#meters = piece.meters;
    this.#now = piece.start;
    this.#pitches = codebook.roles.map(() => NO_PITCH);
    this.#ends = codebook.roles.map(() => -Infinity);
  }

  /** Onset of the next event in grid units. */
  get now(): number {
    return this.#now;
  }

  /** The pitch that the next event is measured from; `undefined` before the first. */
  get reference(): number | undefined {
    return this.#reference;
  }

  /** Pitch that a role played last; 128 if it has not played. */
  lastPitch(role: number): number {
    return this.#pitches[role] ?? NO_PITCH;
  }

  /**
   * What the memories expect next. They know no keys, so of the first event they know nothing.
   *
   * @param longest events that the memory of the corpus may look back
   */
  expectations(longest = LONGEST_CONTEXT): Expectations {
    if (!this.#last) return { corpus: NOTHING_EXPECTED, piece: NOTHING_EXPECTED };
    const contexts = contextsAfter(this.#history);
    return {
      corpus: this.#corpus.expect(contexts.slice(0, longest), this.#own),
      piece: this.#piece.expect(contexts),
    };
  }

  /** The features before the next event, in the order of {@linkcode featuresOf}. */
  features({ corpus, piece }: Expectations): number[] {
    const { bar, position, meter } = this.#place();
    return [
      ...this.#lastIds(),
      this.#interval,
      this.#now % GRID_PER_QUARTER,
      Math.min(BAR_POSITIONS - 1, position),
      meter,
      bar % PHRASE_BARS,
      Math.min(MOST_BARS - 1, bar),
      ...trust(corpus),
      ...trust(piece),
      ...this.#scale(),
      this.reference ?? NO_PITCH,
      ...this.#pitches.flatMap((pitch, role) => [pitch, this.#remaining(role)]),
    ];
  }

  /**
   * The interval from what a role played last to a symbol chosen for it: 0 if there is none, then notes
   * by semitones, then chords by pitch class.
   */
  chosenInterval(role: number, symbol: MusicSymbol): number {
    const last = this.lastPitch(role);
    if (last === NO_PITCH) return 0;
    const pitch = pitchOf(symbol);
    if (pitch !== undefined) return 1 + WIDEST_INTERVAL + clamped(pitch - last);
    const classes = pitchClassesOf(symbol);
    return classes ? 2 * WIDEST_INTERVAL + 2 + (classes[0] - last % 12 + 12) % 12 : 0;
  }

  /** Class of the time from the next event to the next end of a note, if it lasts `duration`. */
  nextEnd(duration: number): number {
    const ends = this.#ends.filter((end) => end > this.#now).map((end) => end - this.#now);
    const first = Math.min(duration, ...ends);
    return Math.min(NEXT_END_CLASSES - 1, Math.ceil(first / REMAINING_STEP));
  }

  /** Token of an event if it came next. */
  tokenOf(event: MusicEvent): number {
    return this.#tokens.tokenOf(event, this.reference);
  }

  /** Goes past an event. */
  push(event: MusicEvent): void {
    const token = this.tokenOf(event);
    const role = roleOf(event.part);
    const pitch = referencePitch(event);
    const last = this.lastPitch(role);
    this.#piece.learnOne(contextsAfter(this.#history), token);
    this.#history.push(token);
    this.#interval = last === NO_PITCH ? 0 : 1 + WIDEST_INTERVAL + clamped(pitch - last);
    // A piece may have more parts than the codebook has roles: of those no feature tells.
    if (role < this.#pitches.length) {
      this.#pitches[role] = pitch;
      this.#ends[role] = this.#now + event.duration;
    }
    if (!isDrum(event.symbol)) this.#hear(event);
    this.#now += event.step;
    this.#last = event;
    this.#reference = referenceAfter(event, this.#reference);
  }

  /**
   * How present each pitch class has been lately, upwards from the reference pitch: the scale the
   * music is in, whatever its key.
   */
  #scale(): number[] {
    const { reference } = this;
    if (reference === undefined) return this.#presence.map(() => 0);
    const total = this.#presence.reduce((a, b) => a + b, 0);
    return this.#presence.map((_, k) => {
      const share = this.#presence[(reference + k) % 12] / Math.max(total, 1e-9);
      return SCALE_LEVELS.filter((level) => share >= level).length;
    });
  }

  #hear({ notes }: MusicEvent): void {
    this.#presence = this.#presence.map((weight, pitchClass) =>
      weight * FORGETTING + notes.filter(({ pitch }) => pitch % 12 === pitchClass).length
    );
  }

  /** Ids of the last event, or those that stand for the start of the piece. */
  #lastIds(): number[] {
    const { symbols, durations, steps } = this.#codebook;
    if (!this.#last) return [symbols.size + 1, durations.length + 1, steps.length + 1, VELOCITIES];
    const { symbol, duration, step, velocity } = this.#codebook.encode(this.#last);
    return [symbol < 0 ? symbols.size : symbol, duration, step, velocity];
  }

  /** Bar, position in the bar in sixteenths of a quarter, and meter at the next event. */
  #place(): { bar: number; position: number; meter: number } {
    let [bars, start, length, name] = [0, 0, 4 * GRID_PER_QUARTER, "4/4"];
    for (const { onset, numerator, denominator } of this.#meters) {
      if (onset > this.#now) break;
      bars += Math.ceil((onset - start) / length);
      start = onset;
      length = Math.max(1, 4 * GRID_PER_QUARTER * numerator / denominator);
      name = `${numerator}/${denominator}`;
    }
    const passed = this.#now - start;
    return {
      bar: bars + Math.floor(passed / length),
      position: Math.floor((passed % length) / 3),
      meter: METERS.indexOf(name) + 1,
    };
  }

  #remaining(role: number): number {
    const rest = this.#ends[role] - this.#now;
    if (rest === -Infinity) return 0;
    if (rest <= -4 * GRID_PER_QUARTER) return 1;
    if (rest < 0) return 2;
    return Math.min(REMAINING_CLASSES - 1, 3 + Math.ceil(rest / REMAINING_STEP));
  }
}

function clamped(interval: number): number {
  return Math.max(-WIDEST_INTERVAL, Math.min(WIDEST_INTERVAL, interval));
}

/** How far an expectation can be trusted: how long a context, how often met, how sure. */
function trust({ contextLength, count, top }: Expectation): number[] {
  const often = count === 0 ? 0 : Math.min(7, 1 + Math.floor(Math.log2(count)));
  return [contextLength, often, contextLength === 0 ? 0 : 1 + Math.min(8, Math.floor(top * 9))];
}

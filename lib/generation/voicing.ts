/**
 * From a chord symbol to notes: chords are voiced as they were in the training music, near where
 * the hand is.
 *
 * @module
 */
import { roleOf } from "../symbols/codebook.ts";
import { isDrum, pitchClassesOf, pitchOf } from "../symbols/transpose.ts";
import type { EventSequence, MusicSymbol } from "../symbols/types.ts";

/** A way to lay out a chord: its lowest pitch class above the first of the normal order, and the intervals above it. */
interface Pattern {
  readonly bass: number;
  readonly intervals: readonly number[];
  count: number;
}

/** How much a semitone of movement weighs against how often a voicing was seen (natural log). */
const MOVEMENT_COST = 0.15;

/** Weight of a close position that was never seen: far below that of any voicing that was. */
const SELDOM = 1e-9;

/** The voicings seen in training, by role and chord, whatever the key. */
export class VoicingBank {
  readonly #patterns = new Map<string, Pattern[]>();

  /** Collects the voicings of all chords. */
  constructor(sequences: readonly EventSequence[]) {
    for (const { events } of sequences) {
      for (const { symbol, part, notes } of events) {
        const classes = pitchClassesOf(symbol);
        if (classes) this.#add(roleOf(part), classes, notes.map(({ pitch }) => pitch));
      }
    }
  }

  /**
   * The pitches of a symbol, ascending; `undefined` if there is no way to play it within the limits,
   * which drums do not have.
   *
   * @param near where the lowest note of the role was last, 0–127
   * @param limits lowest and highest pitch allowed
   */
  pitches(
    symbol: MusicSymbol,
    role: number,
    near: number,
    [low, high]: readonly [number, number] = [0, 127],
  ): number[] | undefined {
    const pitch = pitchOf(symbol);
    if (pitch !== undefined) return pitch >= low && pitch <= high ? [pitch] : undefined;
    if (isDrum(symbol)) return symbol.slice(5).split(".").map(Number);
    const classes = pitchClassesOf(symbol)!;
    const patterns = [...this.#patternsOf(role, classes), ...closePositions(classes)];
    const candidates = patterns.flatMap((pattern) => {
      const first = (classes[0] + pattern.bass) % 12;
      return Array.from({ length: 11 }, (_, octave) => first + 12 * octave)
        .filter((bass) => bass >= low && bass + pattern.intervals.at(-1)! <= high)
        .map((bass) => ({
          pitches: pattern.intervals.map((interval) => bass + interval),
          score: Math.log(pattern.count) - MOVEMENT_COST * Math.abs(bass - near),
        }));
    });
    if (candidates.length === 0) return undefined;
    return candidates.reduce((best, each) => each.score > best.score ? each : best).pitches;
  }

  #add(role: number, classes: readonly number[], pitches: readonly number[]): void {
    const bass = (pitches[0] - classes[0] + 132) % 12;
    const intervals = pitches.map((pitch) => pitch - pitches[0]);
    for (const key of keysOf(role, classes)) {
      const known = this.#patterns.get(key) ?? [];
      this.#patterns.set(key, known);
      const same = known.find((each) =>
        each.bass === bass && each.intervals.join() === intervals.join()
      );
      if (same) same.count++;
      else known.push({ bass, intervals, count: 1 });
    }
  }

  /** The patterns of this role, or of any role if it never played such a chord. */
  #patternsOf(role: number, classes: readonly number[]): readonly Pattern[] {
    const [own, any] = keysOf(role, classes);
    return this.#patterns.get(own) ?? this.#patterns.get(any) ?? [];
  }
}

/** Names of a chord type: in its role, and in any. */
function keysOf(role: number, classes: readonly number[]): [string, string] {
  const shape = classes.map((each) => (each - classes[0] + 12) % 12).join(".");
  return [`${role} ${shape}`, `any ${shape}`];
}

/** The pitch classes stacked upwards from each of them, for where no voicing was seen or none fits. */
function closePositions(classes: readonly number[]): Pattern[] {
  return classes.map((first, i) => ({
    bass: (first - classes[0] + 12) % 12,
    intervals: [...classes.slice(i), ...classes.slice(0, i)].map((each) =>
      (each - first + 12) % 12
    ),
    count: i === 0 ? SELDOM : SELDOM / 10,
  }));
}

/**
 * The frame of a piece: the register of its parts and the weight of its pitch classes. New music
 * keeps to the frame of the piece whose opening it takes, so that it stays in one key and in reach.
 *
 * @module
 */
import { roleOf } from "../symbols/codebook.ts";
import { pitchClassesOf, pitchOf } from "../symbols/transpose.ts";
import type { EventSequence, MusicSymbol } from "../symbols/types.ts";

/** Semitones that a part may leave its register by. */
const MARGIN = 3;
/** Share of the notes from which on a pitch class belongs to the piece. */
const BELONGS = 0.04;
/** What is left of the probability of a pitch class that never occurs. */
const FOREIGN = 0.02;

/** Register and key of one piece. */
export class Frame {
  readonly #low: number[] = [];
  readonly #high: number[] = [];
  readonly #shares: readonly number[];

  /** The frame of `sequence`. */
  constructor({ events, parts }: EventSequence) {
    const counts = new Array(12).fill(0);
    for (const { part, notes } of events) {
      if (parts[part].drums) continue;
      const role = roleOf(part);
      for (const { pitch } of notes) {
        counts[pitch % 12]++;
        this.#low[role] = Math.min(this.#low[role] ?? 127, pitch);
        this.#high[role] = Math.max(this.#high[role] ?? 0, pitch);
      }
    }
    const total = Math.max(1, counts.reduce((a, b) => a + b, 0));
    this.#shares = counts.map((count) => count / total);
  }

  /** Lowest and highest pitch of a role; all pitches if it does not play here. */
  range(role: number): readonly [number, number] {
    const [low, high] = [this.#low[role] ?? MARGIN, this.#high[role] ?? 127 - MARGIN];
    return [Math.max(0, low - MARGIN), Math.min(127, high + MARGIN)];
  }

  /** What the probability of `symbol` is multiplied by: 1 for what belongs to the piece. */
  factor(symbol: MusicSymbol): number {
    const pitch = pitchOf(symbol);
    const classes = pitch === undefined ? pitchClassesOf(symbol) : [pitch % 12];
    if (!classes) return 1;
    const least = Math.min(...classes.map((each) => this.#shares[each]));
    return Math.max(FOREIGN, Math.min(1, least / BELONGS));
  }
}

/**
 * Keeps generation out of loops without disturbing ordinary repetition.
 *
 * @module
 */
import type { MusicEvent, MusicSymbol } from "../symbols/types.ts";

/** Longest figure, in events, whose repetition is watched. */
const LONGEST_FIGURE = 4;
/** Times that a figure may stand in a row before going on with it is discouraged. */
const USUAL_REPEATS = 4;
/** What is left of the probability with each further repetition. */
const FATIGUE = 0.3;
/** Times that a figure stands in a row at most. */
const MOST_REPEATS = 7;
/** Share of all events that one symbol may reach before it is discouraged, and at most. */
const USUAL_SHARE = 0.2;
const LARGEST_SHARE = 0.28;
/** Events before shares mean anything. */
const SHORTEST_COUNT = 40;

/** Watches what was generated. */
export class LoopGuard {
  readonly #symbols: MusicSymbol[] = [];
  readonly #counts = new Map<MusicSymbol, number>();
  readonly #length: number;

  /** @param length events that will be generated at most */
  constructor(length: number) {
    this.#length = length;
  }

  /** Goes past an event. */
  push({ symbol }: MusicEvent): void {
    this.#symbols.push(symbol);
    this.#counts.set(symbol, (this.#counts.get(symbol) ?? 0) + 1);
  }

  /** What the probability of `symbol` is multiplied by, if it came next: 1 as a rule. */
  factor(symbol: MusicSymbol): number {
    return this.#repeatFactor(symbol) * this.#shareFactor(symbol);
  }

  #repeatFactor(symbol: MusicSymbol): number {
    let factor = 1;
    for (let figure = 1; figure <= LONGEST_FIGURE; figure++) {
      const repeats = this.#repeats(symbol, figure);
      if (repeats > MOST_REPEATS) return 0;
      if (repeats > USUAL_REPEATS) factor = Math.min(factor, FATIGUE ** (repeats - USUAL_REPEATS));
    }
    return factor;
  }

  /** How often a figure of this length would stand in a row at the end, with `symbol` added. */
  #repeats(symbol: MusicSymbol, figure: number): number {
    const symbols = this.#symbols;
    let matched = 0;
    let next = symbol;
    for (let i = symbols.length; i >= figure; i--) {
      if (symbols[i - figure] !== next) break;
      matched++;
      next = symbols[i - 1];
    }
    return 1 + matched / figure;
  }

  #shareFactor(symbol: MusicSymbol): number {
    const count = (this.#counts.get(symbol) ?? 0) + 1;
    const total = Math.max(SHORTEST_COUNT, this.#symbols.length + 1);
    const share = count / Math.min(total, this.#length);
    if (this.#symbols.length < SHORTEST_COUNT && count < SHORTEST_COUNT * LARGEST_SHARE) return 1;
    if (share >= LARGEST_SHARE) return 0;
    return share <= USUAL_SHARE ? 1 : 0.5;
  }
}

/**
 * Finds music that has got stuck.
 *
 * @module
 */
import type { MusicEvent, MusicSymbol } from "../symbols/types.ts";

/** The longest figure, in events, whose repetition counts as a loop. */
const LONGEST_FIGURE = 4;
/** A figure may be played this many times running. */
const MOST_REPETITIONS = 8;
/** One symbol may be this share of all events, where there are enough for a share to mean anything. */
const LARGEST_SHARE = 0.3;
const SHORTEST_COUNT = 10;

/** A figure that is played again and again. */
export interface Loop {
  /** The symbols of the figure. */
  readonly figure: readonly MusicSymbol[];
  /** How many times it is played running, the last time whole. */
  readonly times: number;
  /** Place of its first event. */
  readonly event: number;
}

/** What is repeated in a piece, and whether it is too much. */
export interface Repetition {
  /** The figure of 1–4 events with the most repetitions running; of equals, the shorter one. */
  readonly longestLoop: Loop;
  /** The commonest symbol and its share of all events. */
  readonly commonest: { readonly symbol: MusicSymbol; readonly share: number };
  /** Whether a figure is played more than 8 times running. */
  readonly loops: boolean;
  /** Whether one symbol is more than 30 % of all events, of 10 at least. */
  readonly monotonous: boolean;
  /** Whether it is one or the other. */
  readonly degenerate: boolean;
}

/**
 * Looks for loops and for a symbol that crowds out the others. Only symbols are compared, so a loop
 * does not hide behind changing durations or loudness.
 *
 * @returns undefined for no events
 */
export function repetition(events: readonly Pick<MusicEvent, "symbol">[]): Repetition | undefined {
  if (events.length === 0) return undefined;
  const symbols = events.map((event) => event.symbol);
  const longestLoop = [1, 2, 3, LONGEST_FIGURE]
    .filter((length) => length <= symbols.length)
    .map((length) => mostRepeated(symbols, length))
    .reduce((longest, loop) => loop.times > longest.times ? loop : longest);
  const commonest = commonestOf(symbols);
  const loops = longestLoop.times > MOST_REPETITIONS;
  const monotonous = symbols.length >= SHORTEST_COUNT && commonest.share > LARGEST_SHARE;
  return { longestLoop, commonest, loops, monotonous, degenerate: loops || monotonous };
}

/** Whether music is empty, plays a figure again and again, or hardly anything but one symbol. */
export function isStuck(repeated: Repetition | undefined): boolean {
  return repeated?.degenerate ?? true;
}

/** The figure of `length` events that is played most times running; of equals, the first. */
function mostRepeated(symbols: readonly MusicSymbol[], length: number): Loop {
  let start = 0;
  let best = { times: 1, event: 0 };
  for (let i = length; i < symbols.length; i++) {
    if (symbols[i] !== symbols[i - length]) start = i - length + 1;
    const times = Math.floor((i + 1 - start) / length);
    if (times > best.times) best = { times, event: start };
  }
  return { figure: symbols.slice(best.event, best.event + length), ...best };
}

/** The commonest symbol; of equals, the one that comes first. */
function commonestOf(symbols: readonly MusicSymbol[]): { symbol: MusicSymbol; share: number } {
  const counts = new Map<MusicSymbol, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const [symbol, count] = [...counts].reduce((most, one) => one[1] > most[1] ? one : most);
  return { symbol, share: count / symbols.length };
}

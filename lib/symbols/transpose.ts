/**
 * Symbols in another key.
 *
 * @module
 */
import { chordSymbol } from "./normal_order.ts";
import { pitchName } from "./pitch_name.ts";
import type { MusicSymbol } from "./types.ts";

/** Pitch of each name. Two pairs of pitches below octave 0 share a name: the higher one counts. */
const PITCHES: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 128 }, (_, pitch) => [pitchName(pitch), pitch]),
);

/** Whether the symbol is of a drum part, which no key concerns. */
export function isDrum(symbol: MusicSymbol): boolean {
  return symbol.startsWith("drum:");
}

/** The pitch that a single-note symbol names; `undefined` for a chord or a drum. */
export function pitchOf(symbol: MusicSymbol): number | undefined {
  return PITCHES.get(symbol);
}

/** The pitch classes of a chord symbol; `undefined` for a single note or a drum. */
export function pitchClassesOf(symbol: MusicSymbol): number[] | undefined {
  return /^\d/.test(symbol) ? symbol.split(".").map(Number) : undefined;
}

/**
 * The symbol moved up by `semitones`: a note to the pitch that far away, a chord to its new normal
 * order; drums stay. `undefined` if the pitch would leave 0–127.
 */
export function transposeSymbol(symbol: MusicSymbol, semitones: number): MusicSymbol | undefined {
  const pitch = pitchOf(symbol);
  if (pitch !== undefined) {
    const moved = pitch + semitones;
    return moved >= 0 && moved <= 127 ? pitchName(moved) : undefined;
  }
  const classes = pitchClassesOf(symbol);
  if (classes === undefined) return symbol;
  return chordSymbol(classes.map((each) => (each + semitones + 120) % 12));
}

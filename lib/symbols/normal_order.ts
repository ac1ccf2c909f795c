/**
 * Normal order: the most compact way to write the pitch classes of a chord.
 *
 * @module
 */
import type { MusicSymbol } from "./types.ts";

/** Normal order of each set of pitch classes met so far, by its 12-bit mask. */
const orderOfMask = new Map<number, readonly number[]>();

/** Chord symbol of each set of pitch classes met so far, by its 12-bit mask. */
const symbolOfMask = new Map<number, MusicSymbol>();

/**
 * The normal order of a set of pitch classes, such as `[7, 11, 2]` for a G major chord.
 *
 * Of all rotations of the ascending set it is the one with the smallest span from first to last,
 * then the smallest second, third, … interval above the first (Forte's packing to the left), then
 * the lowest first pitch class. Gives what music21 10.5.0's `Chord.normalOrder` gives on all 4,095
 * sets. The empty set gives an empty array.
 *
 * @param pitchClasses integers 0–11 in any order, repeats allowed
 * @throws {RangeError} if a pitch class is not an integer from 0 to 11
 */
export function normalOrder(pitchClasses: Iterable<number>): number[] {
  let mask = 0;
  for (const pitchClass of pitchClasses) {
    if (!Number.isInteger(pitchClass) || pitchClass < 0 || pitchClass > 11) {
      throw new RangeError(
        `Cannot put a chord in normal order: wanted pitch classes from 0 to 11, found ${pitchClass}`,
      );
    }
    mask |= 1 << pitchClass;
  }
  return [...orderOf(mask)];
}

/**
 * The symbol of a chord: its pitch classes in normal order joined by dots, such as `7.11.2`; a
 * single pitch class, as in an octave, is the number alone.
 *
 * @param pitches MIDI keys or pitch classes, integers of at least 0, at least one
 */
export function chordSymbol(pitches: Iterable<number>): MusicSymbol {
  let mask = 0;
  for (const pitch of pitches) mask |= 1 << (pitch % 12);
  let symbol = symbolOfMask.get(mask);
  if (symbol === undefined) {
    symbol = orderOf(mask).join(".");
    symbolOfMask.set(mask, symbol);
  }
  return symbol;
}

/** The normal order of the pitch classes whose bits are set, worked out once per set. */
function orderOf(mask: number): readonly number[] {
  let order = orderOfMask.get(mask);
  if (order === undefined) {
    order = mostCompactRotation(mask);
    orderOfMask.set(mask, order);
  }
  return order;
}

/** Tries every rotation; the first of equals wins, and it starts on the lowest pitch class. */
function mostCompactRotation(mask: number): number[] {
  const ascending: number[] = [];
  for (let pitchClass = 0; pitchClass < 12; pitchClass++) {
    if (mask & (1 << pitchClass)) ascending.push(pitchClass);
  }
  let best = ascending;
  for (let first = 1; first < ascending.length; first++) {
    const rotation = [...ascending.slice(first), ...ascending.slice(0, first)];
    if (isMoreCompact(rotation, best)) best = rotation;
  }
  return best;
}

/** Compares the spans, then the intervals above the first pitch class from the left. */
function isMoreCompact(rotation: readonly number[], other: readonly number[]): boolean {
  const last = rotation.length - 1;
  for (const index of [last, ...rotation.keys()]) {
    const difference = intervalTo(rotation, index) - intervalTo(other, index);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Semitones from the first pitch class up to the one at `index`, 0–11. */
function intervalTo(rotation: readonly number[], index: number): number {
  return (rotation[index] - rotation[0] + 12) % 12;
}

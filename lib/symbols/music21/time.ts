/**
 * Time as music21's objects have it once they are on the grid.
 *
 * @module
 */

/**
 * Units in a quarter note. Onsets and lengths on the grid are multiples of 1/12 of a quarter, bar
 * lengths of 1/32 (4n/d with d up to 128), so all sums of them are whole numbers of units.
 */
export const UNITS_PER_QUARTER = 96;

/** A time or length in units, always a whole number. */
export type Units = number;

/** The double nearest to a time, in quarters. */
export function toQuarters(time: Units): number {
  return time / UNITS_PER_QUARTER;
}

/**
 * Whether an exact time is less than (negative), equal to (0) or greater than (positive) a double.
 *
 * music21 compares fractions with doubles, and 8/3 as a double is a little less than 8/3.
 *
 * @param quarters at least 0, in quarters
 */
export function compareToDouble(time: Units, quarters: number): number {
  const difference = toQuarters(time) - quarters;
  // Rounding keeps order, so only equal doubles need exact arithmetic; 1/32 is exact as a double.
  if (difference !== 0 || time % 3 === 0) return difference;
  const exact = BigInt(time) << 60n;
  const rounded = BigInt(quarters * 2 ** 60) * BigInt(UNITS_PER_QUARTER);
  return exact < rounded ? -1 : 1;
}

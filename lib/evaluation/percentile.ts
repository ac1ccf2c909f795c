/**
 * Places in a distribution.
 *
 * @module
 */

/**
 * The value below which `percent` per cent of the values lie, interpolated linearly between
 * neighbours (numpy's default, method 7 of Hyndman and Fan 1996). NaN for no values.
 *
 * @param values in any order
 * @param percent 0–100
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return NaN;
  const ascending = [...values].sort((a, b) => a - b);
  const place = (ascending.length - 1) * percent / 100;
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
}

/** The arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

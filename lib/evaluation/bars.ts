/**
 * Where the bars of a piece are.
 *
 * @module
 */
import { type Grid, GRID_PER_QUARTER, type MeterChange } from "../score/types.ts";

/** A bar of a piece. */
export interface Bar {
  /** Counted from 1. */
  readonly number: number;
  /** Start in grid units. */
  readonly start: number;
  /** Full length of a bar of its meter, in grid units. */
  readonly length: number;
}

/**
 * The bar that `onset` is in. A bar that a change of meter cuts short counts as one; without a
 * meter, bars are 4/4.
 */
export function barAt(meters: readonly MeterChange<Grid>[], onset: number): Bar {
  let [number, start, length] = [1, 0, 4 * GRID_PER_QUARTER];
  for (const meter of meters) {
    if (meter.onset > onset) break;
    number += Math.ceil((meter.onset - start) / length);
    start = meter.onset;
    length = 4 * GRID_PER_QUARTER * meter.numerator / meter.denominator;
  }
  const bars = Math.floor((onset - start) / length);
  return { number: number + bars, start: start + bars * length, length };
}

/** All bars that start before `end`, in grid units. */
export function barsUntil(meters: readonly MeterChange<Grid>[], end: number): Bar[] {
  const bars: Bar[] = [];
  for (let next = 0; next < end;) {
    const bar = barAt(meters, next);
    bars.push(bar);
    const change = meters.find(({ onset }) => onset > bar.start && onset < bar.start + bar.length);
    next = change?.onset ?? bar.start + bar.length;
  }
  return bars;
}

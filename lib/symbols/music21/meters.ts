/**
 * Which meter is in force where.
 *
 * @module
 */
import { type Units, UNITS_PER_QUARTER } from "./time.ts";

/** A meter and where it starts. */
export interface Meter {
  /** Where it starts. */
  readonly onset: Units;
  /** Length of its bars. */
  readonly barLength: Units;
}

/** Meters that can be asked for a place; without one at the start, music21 takes 4/4. */
export class MeterMap {
  readonly #meters: readonly Meter[];

  /** Of meters at the same place the last one counts. */
  constructor(meters: readonly Meter[]) {
    const start = meters.some(({ onset }) => onset === 0)
      ? []
      : [{ onset: 0, barLength: 4 * UNITS_PER_QUARTER }];
    this.#meters = [...start, ...meters].sort((a, b) => a.onset - b.onset);
  }

  /** The meter in force at a time. */
  at(time: Units): Meter {
    let low = 0;
    let high = this.#meters.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#meters[middle].onset <= time) low = middle;
      else high = middle;
    }
    return this.#meters[low];
  }
}

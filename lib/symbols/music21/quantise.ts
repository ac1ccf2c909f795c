/**
 * Puts a track on music21's grid: quarters divided by 4 and by 3 (R4 of the extraction rules).
 *
 * @module
 */
import { compareElements, isGrace, type TrackElement } from "./track.ts";
import { type Units, UNITS_PER_QUARTER } from "./time.ts";

/** An element on the grid. */
export interface GridElement extends Omit<TrackElement, "onset" | "duration"> {
  /** Start, from the start of the track. */
  readonly onset: Units;
  /** Length; 0 for marks and grace notes. */
  readonly duration: Units;
}

/** The two grids, in quarters, as doubles: on equal errors the first wins. */
const GRIDS = [1 / 4, 1 / 3] as const;

/** The elements on the grid, in the order given. */
export function quantise(elements: readonly TrackElement[]): GridElement[] {
  const order = [...elements.keys()].sort((a, b) => compareElements(elements[a], elements[b]));
  const onsets = order.map((index) => bestMatch(elements[index].onset));
  const gaps = gapsToNext(onsets);
  const onGrid = new Array<GridElement>(elements.length);
  for (const [place, index] of order.entries()) {
    const { kind, pitches, unpitched, barLength } = elements[index];
    const onset = toUnits(onsets[place]);
    const duration = toUnits(quantiseDuration(elements[index], gaps[place]));
    onGrid[index] = { kind, onset, duration, pitches, unpitched, barLength };
  }
  return onGrid;
}

/** A note never loses its length; grace notes and marks have none to lose. */
function quantiseDuration(element: TrackElement, gap: number): number {
  return bestMatch(element.duration, element.kind !== "note" || isGrace(element), gap);
}

/** From each onset to the next greater one, in quarters; 0 where there is none (R4.4). */
function gapsToNext(onsets: readonly number[]): number[] {
  const gaps: number[] = [];
  let next: number | undefined;
  for (let i = onsets.length - 1; i >= 0; i--) {
    if (i + 1 < onsets.length && onsets[i + 1] > onsets[i]) next = onsets[i + 1];
    gaps.push(next === undefined ? 0 : (toUnits(next) - toUnits(onsets[i])) / UNITS_PER_QUARTER);
  }
  return gaps.reverse();
}

/**
 * The point of the two grids that a time goes to, in quarters (R4.2): the one that leaves the
 * smallest gap before the next element, then the nearest, then the one on the grid of quarters / 4.
 */
function bestMatch(target: number, zeroAllowed = true, gap = 0): number {
  let best = { match: 0, left: Infinity, error: Infinity };
  for (const unit of GRIDS) {
    const match = nearestMultiple(target, unit) || (zeroAllowed ? 0 : unit);
    // music21 rounds errors to 7 decimals before it compares them.
    const error = Math.floor(Math.abs(target - match) * 1e7 + 0.5);
    const left = gap % unit === 0 ? 0 : Math.max(gap - match, 0);
    if (left < best.left || (left === best.left && error < best.error)) {
      best = { match, left, error };
    }
  }
  return best.match;
}

/** The multiple of `unit` next to `target`; halves go down. */
function nearestMultiple(target: number, unit: number): number {
  const count = Math.floor(target / unit);
  const low = unit * count;
  return low <= target && target <= low + unit / 2 ? low : unit * (count + 1);
}

/** The exact multiple of 1/12 that a grid point stands for. */
function toUnits(quarters: number): Units {
  return Math.round(quarters * 12) * (UNITS_PER_QUARTER / 12);
}

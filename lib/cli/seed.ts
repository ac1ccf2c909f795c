/**
 * The seed of a run.
 *
 * @module
 */
import type { Io } from "./io.ts";

/** The seed that was asked for, or a fresh one; it is always told, so that a run can be repeated. */
export function chooseSeed(wanted: number | undefined, io: Io): number {
  const seed = wanted ?? crypto.getRandomValues(new Uint32Array(1))[0];
  io.note(`Seed ${seed}`);
  return seed;
}

/**
 * From places in the music to seconds.
 *
 * @module
 */
import type { TempoChange } from "./types.ts";

/** Microseconds a quarter before the first tempo of a piece: 120 quarters a minute. */
const DEFAULT_TEMPO = 500_000;

/** Seconds from the start of a piece to `time`, by its tempo map; times are in units of which a quarter has `perQuarter`. */
export function secondsAt<Time extends number>(
  tempos: readonly TempoChange<Time>[],
  perQuarter: number,
  time: number,
): number {
  let microseconds = 0;
  let [from, tempo] = [0, DEFAULT_TEMPO];
  for (const { onset, microsecondsPerQuarter } of tempos) {
    if (onset >= time) break;
    microseconds += (onset - from) * tempo;
    [from, tempo] = [onset, microsecondsPerQuarter];
  }
  return (microseconds + (time - from) * tempo) / perQuarter / 1e6;
}

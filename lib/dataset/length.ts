/**
 * How long a piece is.
 *
 * @module
 */
import type { RawPiece } from "../score/types.ts";

/** Microseconds a quarter before the first tempo of a piece: 120 quarters a minute. */
const DEFAULT_TEMPO = 500_000;

/** The length of a piece, to the end of the note that ends last. */
export interface PieceLength {
  /** In quarters. */
  readonly quarters: number;
  /** In seconds, by the tempo map. */
  readonly seconds: number;
}

/** How long `piece` is. */
export function lengthOf(piece: RawPiece): PieceLength {
  let end = 0;
  for (const { notes } of piece.parts) {
    for (const { onset, duration } of notes) end = Math.max(end, onset + duration);
  }
  let microseconds = 0;
  let [from, tempo] = [0, DEFAULT_TEMPO];
  for (const { onset, microsecondsPerQuarter } of piece.tempos) {
    if (onset >= end) break;
    microseconds += (onset - from) * tempo;
    [from, tempo] = [onset, microsecondsPerQuarter];
  }
  microseconds += (end - from) * tempo;
  return {
    quarters: end / piece.ticksPerQuarter,
    seconds: microseconds / piece.ticksPerQuarter / 1e6,
  };
}

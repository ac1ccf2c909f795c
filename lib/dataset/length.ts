/**
 * How long a piece is.
 *
 * @module
 */
import { secondsAt } from "../score/seconds.ts";
import type { RawPiece } from "../score/types.ts";

/** The length of a piece, to the end of the note that ends last. */
export interface PieceLength {
  /** In quarters. */
  readonly quarters: number;
  /** In seconds, by the tempo map. */
  readonly seconds: number;
}

/** How long `piece` is. */
export function lengthOf({ parts, tempos, ticksPerQuarter }: RawPiece): PieceLength {
  let end = 0;
  for (const { notes } of parts) {
    for (const { onset, duration } of notes) end = Math.max(end, onset + duration);
  }
  return { quarters: end / ticksPerQuarter, seconds: secondsAt(tempos, ticksPerQuarter, end) };
}

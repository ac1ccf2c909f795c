/** Music written down briefly, for tests. */
import type { Grid, Note, Part, Piece } from "../../lib/score/types.ts";
import { encode } from "../../lib/symbols/events.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";

/** `[pitch, onset, duration]`, the times in quarters. */
export type ShortNote = readonly [number, number, number];

/** A part of notes of velocity 80. */
export function part(notes: readonly ShortNote[], drums = false): Part<Grid> {
  const full = notes.map(([pitch, onset, duration]): Note<Grid> => ({
    pitch,
    velocity: 80,
    onset: onset * 48 as Grid,
    duration: duration * 48 as Grid,
  }));
  full.sort((a, b) => a.onset - b.onset || a.pitch - b.pitch || a.duration - b.duration);
  return { name: "", program: 0, drums, notes: full };
}

/** A piece in 4/4. */
export function piece(parts: readonly Part<Grid>[], source = ""): Piece {
  return { source, parts, tempos: [], meters: [], keys: [] };
}

/** The events of a melody of one note after another, `[pitch, duration in quarters]`. */
export function melody(
  notes: readonly (readonly [number, number])[],
  source = "",
  drums = false,
): EventSequence {
  let onset = 0;
  const placed = notes.map(([pitch, duration]): ShortNote => {
    onset += duration;
    return [pitch, onset - duration, duration];
  });
  return encode(piece([part(placed, drums)], source));
}

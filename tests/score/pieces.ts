/**
 * For tests: pieces in few words, and random ones.
 *
 * @module
 */
import fc from "fast-check";
import { compareNotes, withoutOverlaps } from "../../lib/score/notes.ts";
import type { Grid, Note, Part, Piece, RawPiece, Ticks } from "../../lib/score/types.ts";

/** A note as `[onset, duration, pitch, velocity]`; the velocity is 80 where it is left out. */
export type ShortNote = readonly [number, number, number, number?];

/** Notes as arrays. */
export function short(notes: readonly Note<number>[]): number[][] {
  return notes.map(({ onset, duration, pitch, velocity }) => [onset, duration, pitch, velocity]);
}

/** Notes from arrays, in the order given. */
export function notesOf<Time extends number>(notes: readonly ShortNote[]): Note<Time>[] {
  return notes.map(([onset, duration, pitch, velocity = 80]) => ({
    pitch,
    velocity,
    onset: onset as Time,
    duration: duration as Time,
  }));
}

/** A part without a name on program 0. */
export function partOf<Time extends number>(...notes: ShortNote[]): Part<Time> {
  return { name: "", program: 0, drums: false, notes: notesOf(notes) };
}

/** A piece in ticks, of one part. */
export function rawPiece(ticksPerQuarter: number, ...notes: ShortNote[]): RawPiece {
  const parts = [partOf<Ticks>(...notes)];
  return { source: "test", ticksPerQuarter, parts, tempos: [], meters: [], keys: [], repairs: {} };
}

/** A piece on the grid with these parts. */
export function pieceOf(...parts: Part<Grid>[]): Piece {
  return { source: "test", parts, tempos: [], meters: [], keys: [] };
}

const onset = fc.nat(2000).map((value) => value as Grid);
const note: fc.Arbitrary<Note<Grid>> = fc.record({
  pitch: fc.nat(127),
  velocity: fc.integer({ min: 1, max: 127 }),
  onset,
  duration: fc.integer({ min: 1, max: 400 }).map((value) => value as Grid),
});
const name = fc.oneof(
  fc.constantFrom("", "Piano", "Flöte", "ピアノ"),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", "").trim()),
);

function partWith(notes: fc.Arbitrary<Note<Grid>[]>): fc.Arbitrary<Part<Grid>> {
  return fc.record({ name, program: fc.nat(127), drums: fc.boolean(), notes });
}

/** Changes with one value each at distinct, ascending onsets. */
function changes<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<(Value & { onset: Grid })[]> {
  return fc.uniqueArray(onset, { maxLength: 4 }).chain((onsets) =>
    fc.tuple(
      ...onsets.sort((a, b) => a - b).map((at) => value.map((body) => ({ ...body, onset: at }))),
    )
  );
}

function piecesWith(part: fc.Arbitrary<Part<Grid>>): fc.Arbitrary<Piece> {
  return fc.record({
    source: fc.constantFrom("", "song.mid"),
    parts: fc.array(part, { maxLength: 18 }),
    tempos: changes(fc.record({ microsecondsPerQuarter: fc.integer({ min: 1, max: 0xffffff }) })),
    meters: changes(fc.record({
      numerator: fc.integer({ min: 1, max: 255 }),
      denominator: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
    })),
    keys: changes(fc.record({ fifths: fc.integer({ min: -7, max: 7 }), minor: fc.boolean() })),
  }).map((piece) => structuredClone(piece)); // fast-check's records have no prototype
}

const notes = fc.array(note, { minLength: 1, maxLength: 20 })
  .map((some) => some.sort(compareNotes));

/** Pieces of up to 18 parts whose notes may overlap in any way. */
export const pieces: fc.Arbitrary<Piece> = piecesWith(partWith(notes));

/** Pieces of up to 18 parts without overlaps of one pitch. */
export const playablePieces: fc.Arbitrary<Piece> = piecesWith(
  partWith(notes.map((some) => withoutOverlaps(some))),
);

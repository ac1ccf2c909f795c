/**
 * A piece of music: parts of notes, tempo and meter. `RawPiece` is in ticks as the file has it,
 * `Piece` is on the grid. The two time types cannot be mixed up.
 *
 * @module
 */

import type { RepairCounts } from "../midi/types.ts";

/** Grid units in a quarter note. 48 holds 64th notes, triplets of 16ths and of 32nds exactly. */
export const GRID_PER_QUARTER = 48;

declare const tickBrand: unique symbol;
declare const gridBrand: unique symbol;

/** A time or length in ticks of the file. */
export type Ticks = number & { readonly [tickBrand]: true };

/** A time or length in grid units: 1/48 of a quarter note, always an integer. */
export type Grid = number & { readonly [gridBrand]: true };

/** One sounding note. Two notes of one pitch may overlap in a piece; {@linkcode fromPiece} cuts. */
export interface Note<Time> {
  /** 0–127, 60 = C4. */
  readonly pitch: number;
  /** 1–127. */
  readonly velocity: number;
  /** Start, from the start of the piece. */
  readonly onset: Time;
  /** Length, greater than 0. */
  readonly duration: Time;
}

/** The notes of one instrument or hand: one program on one channel of one track. */
export interface Part<Time> {
  /** Name from the file, or an empty string. */
  readonly name: string;
  /** General MIDI program, 0–127; of no meaning for drums. */
  readonly program: number;
  /** Whether the part is on channel 10 (9 counted from 0), where pitches name drums. */
  readonly drums: boolean;
  /** Ascending by onset, then pitch, then duration, then velocity. */
  readonly notes: readonly Note<Time>[];
}

/** A tempo that holds from `onset` on. */
export interface TempoChange<Time> {
  /** Where it starts. */
  readonly onset: Time;
  /** Microseconds a quarter note. */
  readonly microsecondsPerQuarter: number;
}

/** A meter that holds from `onset` on. */
export interface MeterChange<Time> {
  /** Where it starts. */
  readonly onset: Time;
  /** Beats in a bar. */
  readonly numerator: number;
  /** The note value of a beat: 4 for a quarter. */
  readonly denominator: number;
}

/** A key signature that holds from `onset` on. */
export interface KeyChange<Time> {
  /** Where it starts. */
  readonly onset: Time;
  /** −7 (flats) to 7 (sharps). */
  readonly fifths: number;
  /** Whether the file calls it minor. */
  readonly minor: boolean;
}

/** One file's music. The maps are ascending; an empty tempo map means 120 quarters a minute, an empty meter map 4/4. */
export interface Music<Time> {
  /** Name of the file it came from, or of what made it. */
  readonly source: string;
  /** Parts in file order, none of them empty. */
  readonly parts: readonly Part<Time>[];
  /** Tempo changes. */
  readonly tempos: readonly TempoChange<Time>[];
  /** Meter changes. */
  readonly meters: readonly MeterChange<Time>[];
  /** Key signatures. */
  readonly keys: readonly KeyChange<Time>[];
}

/** A piece in ticks, as the file has it. */
export interface RawPiece extends Music<Ticks> {
  /** Ticks in a quarter note; for SMPTE time at 120 quarters a minute, perhaps not a whole number. */
  readonly ticksPerQuarter: number;
  /** Pairing rule → times applied; only rules that were applied. */
  readonly repairs: RepairCounts;
}

/** A piece on the grid. */
export type Piece = Music<Grid>;

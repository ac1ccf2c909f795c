/**
 * Piece in ticks → piece on the grid.
 *
 * @module
 */
import { compareNotes } from "./notes.ts";
import { inForce } from "./to_piece.ts";
import { type Grid, GRID_PER_QUARTER, type Note, type Piece, type RawPiece } from "./types.ts";

/** A set of places where notes may stand: the multiples of each step, in grid units. */
interface Lattice {
  /** Its binary division: the widest distance of two neighbours is a quarter divided by this. */
  readonly perQuarter: number;
  /** Steps in grid units; the first wins where two are equally near. */
  readonly steps: readonly number[];
  /** How far off, in grid units, a note may be that is meant to stand here (see `fits`). */
  readonly tolerance: number;
}

/**
 * From coarse to fine; each holds the one before. The tolerances are such that notes at random
 * times would be within them half of the time or less.
 */
const LATTICES: readonly Lattice[] = [
  { perQuarter: 4, steps: [12, 16], tolerance: 1.5 }, // sixteenths and eighth triplets
  { perQuarter: 8, steps: [6, 8], tolerance: 1 }, // 32nds and sixteenth triplets
  { perQuarter: 16, steps: [3, 4], tolerance: 0.5 }, // 64ths and 32nd triplets
  { perQuarter: GRID_PER_QUARTER, steps: [1], tolerance: 0 }, // the whole grid
];
/** Share of the notes that must be within the tolerance: a slip of the hand is forgiven. */
const FITTING_SHARE = 0.98;
/** Share of the notes that may fall on a repetition of their own pitch, in free rhythm. */
const LOST_SHARE = 0.01;
/** Grid units that count as none: far below any tick, far above the rounding of doubles. */
const ROUNDING = 1e-6;

/** A piece on the grid, and how well it fits. */
export interface Quantized {
  /** The piece; every time in it is a whole number of 1/48 quarters. */
  readonly piece: Piece;
  /** Binary division of the places that onsets were moved to: 4, 8, 16 or 48 a quarter. */
  readonly gridPerQuarterUsed: number;
  /** The farthest that an onset moved, in quarters; at most `1 / (2 * gridPerQuarterUsed)`. */
  readonly maxOnsetError: number;
}

/**
 * Moves every note to the nearest sixteenth or triplet, or to finer places if the music needs them:
 *
 * 1. If all onsets lie on the grid of 1/48 quarters, they stay where they are.
 * 2. Otherwise the coarsest places that {@linkcode FITTING_SHARE} of the onsets are close to.
 * 3. If there are none (free rhythm), the coarsest where repeated notes of one pitch stay apart.
 *
 * Durations go by the same rules but never to coarser places than onsets, and never to 0. Tempo,
 * meter and key go to the nearest grid unit.
 */
export function quantize(raw: RawPiece): Quantized {
  const scale = GRID_PER_QUARTER / raw.ticksPerQuarter;
  const notes = raw.parts.flatMap((part) => part.notes);
  const onsets = notes.map((note) => note.onset * scale);
  const onsetLattice = exactLattice(onsets) ?? fittingLattice(onsets) ?? freeLattice(raw);
  const durations = notes.map((note) => note.duration * scale);
  const durationLattice = exactLattice(durations) ??
    finer(onsetLattice, fittingLattice(durations) ?? onsetLattice);
  const onGrid = <Change extends { onset: number }>(changes: readonly Change[]) =>
    inForce(changes.map((change) => ({
      ...change,
      onset: Math.round(change.onset * scale) as Grid,
    })));
  const move = (note: Note<number>): Note<Grid> => ({
    pitch: note.pitch,
    velocity: note.velocity,
    onset: nearest(note.onset * scale, onsetLattice) as Grid,
    duration: Math.max(
      Math.min(...durationLattice.steps),
      nearest(note.duration * scale, durationLattice),
    ) as Grid,
  });
  const piece: Piece = {
    source: raw.source,
    parts: raw.parts.map((part) => ({ ...part, notes: part.notes.map(move).sort(compareNotes) })),
    tempos: onGrid(raw.tempos),
    meters: onGrid(raw.meters),
    keys: onGrid(raw.keys),
  };
  const maxError = onsets.reduce((max, onset) => Math.max(max, residual(onset, onsetLattice)), 0);
  return {
    piece,
    gridPerQuarterUsed: onsetLattice.perQuarter,
    maxOnsetError: maxError / GRID_PER_QUARTER,
  };
}

/** The place nearest to `time` (in grid units); of two equally near ones of a step, the earlier. */
function nearest(time: number, { steps }: Lattice): number {
  let best = Infinity;
  for (const step of steps) {
    const place = Math.ceil(time / step - 0.5) * step;
    if (Math.abs(place - time) < Math.abs(best - time)) best = place;
  }
  return best;
}

function residual(time: number, lattice: Lattice): number {
  return Math.abs(nearest(time, lattice) - time);
}

function finer(a: Lattice, b: Lattice): Lattice {
  return a.perQuarter > b.perQuarter ? a : b;
}

/** The coarsest lattice that holds all times exactly, if they are on the grid. */
function exactLattice(times: readonly number[]): Lattice | undefined {
  return LATTICES.find((lattice) => times.every((time) => residual(time, lattice) < ROUNDING));
}

/** The coarsest lattice that nearly all times are close to. */
function fittingLattice(times: readonly number[]): Lattice | undefined {
  return LATTICES.find((lattice) => {
    const close = times.filter((time) => residual(time, lattice) <= lattice.tolerance);
    return close.length >= FITTING_SHARE * times.length;
  });
}

/** The coarsest lattice on which repeated notes of one pitch do not fall together. */
function freeLattice(raw: RawPiece): Lattice {
  const total = raw.parts.reduce((sum, part) => sum + part.notes.length, 0);
  const last = LATTICES[LATTICES.length - 1];
  return LATTICES.find((lattice) => lostNotes(raw, lattice) <= LOST_SHARE * total) ?? last;
}

/** How many notes would start together with an earlier note of the same part and pitch. */
function lostNotes({ parts, ticksPerQuarter }: RawPiece, lattice: Lattice): number {
  let lost = 0;
  for (const { notes } of parts) {
    const previous = new Map<number, number>();
    for (const { pitch, onset } of notes) {
      const before = previous.get(pitch);
      previous.set(pitch, onset);
      if (before === undefined || before === onset) continue;
      const places = [before, onset].map((ticks) =>
        nearest(ticks * GRID_PER_QUARTER / ticksPerQuarter, lattice)
      );
      if (places[0] === places[1]) lost++;
    }
  }
  return lost;
}

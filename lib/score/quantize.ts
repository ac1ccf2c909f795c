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
  /** Its binary division: neighbours are at most a quarter divided by this apart. */
  readonly perQuarter: number;
  /** Steps in grid units. */
  readonly steps: readonly number[];
  /** The shortest of articulated note lengths, in grid units, that are rounded to it. */
  readonly shortest: number;
}

const SIXTEENTHS: Lattice = { perQuarter: 4, steps: [12, 16], shortest: 10 };
const THIRTY_SECONDS: Lattice = { perQuarter: 8, steps: [6, 8], shortest: 5 };
const SIXTY_FOURTHS: Lattice = { perQuarter: 16, steps: [3, 4], shortest: 0 };
const WHOLE_GRID: Lattice = { perQuarter: GRID_PER_QUARTER, steps: [1], shortest: 0 };

/** From coarse to fine, each with its triplets; each holds the one before. */
const LATTICES = [SIXTEENTHS, THIRTY_SECONDS, SIXTY_FOURTHS, WHOLE_GRID];
const COARSE_LATTICES = [SIXTEENTHS, THIRTY_SECONDS];
/** Shortest note, in grid units, in music that is not on the grid. */
const SHORTEST_NOTE = SIXTY_FOURTHS.steps[0];
/** A place is meant where it is nearer than this, in grid units (about 10 ms at 120 a minute). */
const CLEARLY_NEAR = 1;
/**
 * Share of the times that must be clearly near a 32nd or triplet in music that was written, not
 * played: chance alone makes 0.5.
 */
const WRITTEN_SHARE = 0.9;
/** Share of the notes that may fall on a repetition of their own pitch, in played music. */
const LOST_SHARE = 0.01;
/** Grid units that count as none: far below any tick, far above the rounding of doubles. */
const ROUNDING = 1e-6;

/** A piece on the grid, and how well it fits. */
export interface Quantized {
  /** The piece; every time in it is a whole number of 1/48 quarters. */
  readonly piece: Piece;
  /** Finest binary division that onsets stand on: 4, 8, 16 or 48 a quarter, with the triplets. */
  readonly gridPerQuarterUsed: number;
  /** The farthest that an onset moved, in quarters; at most `1 / (2 * gridPerQuarterUsed)`. */
  readonly maxOnsetError: number;
}

/**
 * Moves every note to sixteenths and eighth triplets, or to finer places where the music needs them:
 *
 * 1. If all onsets are on the grid of 1/48 quarters, they stay where they are.
 * 2. If nearly all are clearly near 32nds or their triplets, each goes to the nearest 64th or its
 *    triplet; but a coarser place that is clearly near comes first.
 * 3. Otherwise (played without a grid, or with a loose hand) they go to the nearest sixteenth or its
 *    triplet, and to finer ones only if repeated notes of one pitch would fall together.
 *
 * Durations go by the first two rules, and otherwise to note values: sixteenths and their triplets,
 * finer ones only for shorter notes. Tempo, meter and key go to the nearest grid unit.
 */
export function quantize(raw: RawPiece): Quantized {
  const toGrid = (ticks: number) => ticks * GRID_PER_QUARTER / raw.ticksPerQuarter;
  const notes = raw.parts.flatMap((part) => part.notes);
  const onsets = notes.map((note) => toGrid(note.onset));
  const placeOnset = writtenPlacement(onsets) ?? placementOn(playedLattice(raw));
  const placeDuration = writtenPlacement(notes.map((note) => toGrid(note.duration))) ?? noteValue;
  const move = (note: Note<number>): Note<Grid> => ({
    pitch: note.pitch,
    velocity: note.velocity,
    onset: placeOnset(toGrid(note.onset)) as Grid,
    duration: (placeDuration(toGrid(note.duration)) || SHORTEST_NOTE) as Grid,
  });
  const onGrid = <Change extends { onset: number }>(changes: readonly Change[]) =>
    inForce(changes.map((change) => ({
      ...change,
      onset: Math.round(toGrid(change.onset)) as Grid,
    })));
  const places = onsets.map(placeOnset);
  const farthest = onsets.reduce((max, time, i) => Math.max(max, Math.abs(places[i] - time)), 0);
  return {
    piece: {
      source: raw.source,
      parts: raw.parts.map((part) => ({ ...part, notes: moveNotes(part.notes, move) })),
      tempos: onGrid(raw.tempos),
      meters: onGrid(raw.meters),
      keys: onGrid(raw.keys),
    },
    gridPerQuarterUsed: coarsestWith(places),
    maxOnsetError: farthest / GRID_PER_QUARTER,
  };
}

/**
 * The notes of a part, moved, in their order. A note that ended before its pitch was struck again
 * still does.
 */
function moveNotes(
  notes: readonly Note<number>[],
  move: (note: Note<number>) => Note<Grid>,
): Note<Grid>[] {
  const next = new Map<number, { readonly before: number; readonly after: Grid }>();
  const moved = notes.toReversed().map((note) => {
    const placed = move(note);
    const again = next.get(note.pitch);
    next.set(note.pitch, { before: note.onset, after: placed.onset });
    const room = again === undefined ? Infinity : again.after - placed.onset;
    const wasApart = again !== undefined && note.onset + note.duration <= again.before;
    const cut = wasApart && room > 0 && placed.duration > room;
    return cut ? { ...placed, duration: room as Grid } : placed;
  });
  return moved.sort(compareNotes);
}

/** From a time in grid units to the whole grid unit where it is put. */
type Placement = (time: number) => number;

/** The placement on the nearest place of a lattice. */
function placementOn(lattice: Lattice): Placement {
  return (time) => nearest(time, lattice);
}

/** The nearest place of a lattice; halfway between two, the later, of equals, the binary one. */
function nearest(time: number, { steps }: Lattice): number {
  let best = Infinity;
  for (const step of steps) {
    const place = Math.round(time / step) * step;
    if (Math.abs(place - time) < Math.abs(best - time)) best = place;
  }
  return best;
}

/** The placement for music that was written on a grid, or `undefined` if it was not. */
function writtenPlacement(times: readonly number[]): Placement | undefined {
  if (times.every((time) => isNear(time, WHOLE_GRID, ROUNDING))) return Math.round;
  const near = times.filter((time) => isNear(time, THIRTY_SECONDS, CLEARLY_NEAR));
  return near.length < WRITTEN_SHARE * times.length ? undefined : writtenPlace;
}

function isNear(time: number, lattice: Lattice, limit: number): boolean {
  return Math.abs(nearest(time, lattice) - time) < limit;
}

/** The coarsest place that is clearly near, else the nearest 64th or its triplet. */
function writtenPlace(time: number): number {
  const clear = COARSE_LATTICES.find((lattice) => isNear(time, lattice, CLEARLY_NEAR));
  return nearest(time, clear ?? SIXTY_FOURTHS);
}

/** The note value nearest to an articulated length. */
function noteValue(time: number): number {
  return nearest(time, LATTICES.find((lattice) => time >= lattice.shortest) ?? WHOLE_GRID);
}

/** Binary division of the coarsest lattice that holds all places. */
function coarsestWith(places: readonly number[]): number {
  const lattice = LATTICES.find(({ steps }) =>
    places.every((place) => steps.some((step) => place % step === 0))
  );
  return (lattice ?? WHOLE_GRID).perQuarter;
}

/** The coarsest lattice on which nearly all repeated notes of one pitch stay apart. */
function playedLattice(raw: RawPiece): Lattice {
  const total = raw.parts.reduce((sum, part) => sum + part.notes.length, 0);
  const apart = (lattice: Lattice) => lostNotes(raw, lattice) <= LOST_SHARE * total;
  return LATTICES.find(apart) ?? WHOLE_GRID;
}

/** How many notes would start together with an earlier note of the same part and pitch. */
function lostNotes({ parts, ticksPerQuarter }: RawPiece, lattice: Lattice): number {
  const place = (onset: number) => nearest(onset * GRID_PER_QUARTER / ticksPerQuarter, lattice);
  let lost = 0;
  for (const { notes } of parts) {
    const previous = new Map<number, number>();
    for (const { pitch, onset } of notes) {
      const before = previous.get(pitch) ?? onset;
      previous.set(pitch, onset);
      if (before !== onset && place(before) === place(onset)) lost++;
    }
  }
  return lost;
}

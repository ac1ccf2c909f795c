/**
 * Piece ↔ musical events, for the `expressive` preset.
 *
 * @module
 */
import { CorpusError } from "../errors.ts";
import { compareNotes } from "../score/notes.ts";
import type { Grid, Note, Part, Piece } from "../score/types.ts";
import { chordSymbol } from "./normal_order.ts";
import { pitchName } from "./pitch_name.ts";
import type { EventSequence, MusicEvent, MusicSymbol, VoicedNote } from "./types.ts";

/** Notes of one part that start and end together. */
interface Group {
  readonly part: number;
  readonly drums: boolean;
  readonly onset: Grid;
  readonly duration: Grid;
  /** Ascending by pitch, then velocity. */
  readonly notes: VoicedNote[];
}

/**
 * The events of a piece, in order of onset, part, lowest pitch and duration.
 *
 * Notes of one part that start and end together are one event. Nothing is lost:
 * {@linkcode decode} gives the piece back, with its parts, voicings and velocities.
 *
 * @example
 * ```ts
 * import type { Grid } from "../score/types.ts";
 * import { encode } from "./events.ts";
 * import assert from "node:assert/strict";
 *
 * const note = (pitch: number) => (
 *   { pitch, velocity: 80, onset: 0 as Grid, duration: 48 as Grid }
 * );
 * const part = { name: "", program: 0, drums: false, notes: [note(60), note(64), note(67)] };
 * const sequence = encode({ source: "", parts: [part], tempos: [], meters: [], keys: [] });
 * assert.deepEqual(sequence.events.map((event) => event.symbol), ["0.4.7"]);
 * ```
 */
export function encode(piece: Piece): EventSequence {
  const groups = piece.parts.flatMap(groupNotes).sort((a, b) => a.onset - b.onset);
  return {
    source: piece.source,
    start: groups.length > 0 ? groups[0].onset : 0 as Grid,
    events: groups.map((group, i) => toEvent(group, groups[i + 1])),
    parts: piece.parts.map(({ name, program, drums }) => ({ name, program, drums })),
    tempos: piece.tempos,
    meters: piece.meters,
    keys: piece.keys,
  };
}

/**
 * The piece whose events these are; `decode(encode(piece))` equals `piece`. Parts without events are
 * left out. The symbols are not looked at: the events' own notes say what sounds.
 *
 * @throws {CorpusError} if an event names a part that is not there
 */
export function decode(sequence: EventSequence): Piece {
  const notes: Note<Grid>[][] = sequence.parts.map(() => []);
  let onset: number = sequence.start;
  for (const [index, event] of sequence.events.entries()) {
    if (notes[event.part] === undefined) {
      throw new CorpusError(
        `Cannot decode event ${index}: wanted one of ${notes.length} parts, ` +
          `found part ${event.part} (counted from 0)`,
        { source: sequence.source },
      );
    }
    for (const { pitch, velocity } of event.notes) {
      notes[event.part].push({ pitch, velocity, onset: onset as Grid, duration: event.duration });
    }
    onset += event.step;
  }
  return {
    source: sequence.source,
    parts: sequence.parts
      .map((info, index) => ({ ...info, notes: notes[index].sort(compareNotes) }))
      .filter((part) => part.notes.length > 0),
    tempos: sequence.tempos,
    meters: sequence.meters,
    keys: sequence.keys,
  };
}

/**
 * The symbol of pitches that sound together: the name of one, the normal order of several, or, for
 * drums, `drum:` and the pitches (each once, ascending).
 *
 * @param pitches MIDI keys in ascending order, at least one
 */
export function eventSymbol(pitches: readonly number[], drums: boolean): MusicSymbol {
  if (drums) return `drum:${[...new Set(pitches)].join(".")}`;
  return pitches.length === 1 ? pitchName(pitches[0]) : chordSymbol(pitches);
}

/**
 * The groups of one part, ascending by onset, lowest pitch and duration. Sorting all parts' groups by
 * onset keeps that order, and the order of the parts.
 */
function groupNotes({ notes, drums }: Part<Grid>, part: number): Group[] {
  const groups: Group[] = [];
  const byDuration = new Map<Grid, Group>();
  let now = -1;
  for (const { pitch, velocity, onset, duration } of notes.toSorted(compareNotes)) {
    if (onset !== now) byDuration.clear();
    now = onset;
    const group = byDuration.get(duration);
    if (group !== undefined) {
      group.notes.push({ pitch, velocity });
      continue;
    }
    const first = { part, drums, onset, duration, notes: [{ pitch, velocity }] };
    byDuration.set(duration, first);
    groups.push(first);
  }
  return groups;
}

/** The event of a group, with the time to the next one. */
function toEvent({ part, drums, onset, duration, notes }: Group, next?: Group): MusicEvent {
  const loudness = notes.reduce((sum, note) => sum + note.velocity, 0);
  return {
    symbol: eventSymbol(notes.map((note) => note.pitch), drums),
    part,
    step: next === undefined ? duration : (next.onset - onset) as Grid,
    duration,
    velocity: Math.round(loudness / notes.length),
    notes,
  };
}

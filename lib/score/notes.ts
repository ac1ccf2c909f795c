/**
 * Order and overlap of notes.
 *
 * @module
 */
import type { Note } from "./types.ts";

/** Order of the notes of a part: by onset, pitch, duration, velocity. */
export function compareNotes<Time extends number>(a: Note<Time>, b: Note<Time>): number {
  return a.onset - b.onset || a.pitch - b.pitch || a.duration - b.duration ||
    a.velocity - b.velocity;
}

/**
 * The notes of a part without overlaps of one pitch, as an instrument plays them: a note ends
 * where its pitch is struck again, and of notes of one pitch that start together the longest stays
 * (of equally long ones, the loudest).
 *
 * @param notes in the order of {@linkcode compareNotes}
 */
export function withoutOverlaps<Time extends number>(
  notes: readonly Note<Time>[],
): Note<Time>[] {
  const nextOnset = new Map<number, Time>();
  const kept: Note<Time>[] = [];
  for (let i = notes.length - 1; i >= 0; i--) {
    const note = notes[i];
    const limit = nextOnset.get(note.pitch) ?? Infinity;
    if (limit === note.onset) continue;
    nextOnset.set(note.pitch, note.onset);
    const room = limit - note.onset;
    kept.push(note.duration <= room ? note : { ...note, duration: room as Time });
  }
  return kept.reverse();
}

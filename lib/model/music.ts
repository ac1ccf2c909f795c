/**
 * The music a model was trained on, as it stands in the model folder: the memories, the voicings and
 * the originality report are made from it.
 *
 * @module
 */
import type { Grid } from "../score/types.ts";
import { eventSymbol } from "../symbols/events.ts";
import type { EventSequence, MusicEvent, VoicedNote } from "../symbols/types.ts";

/** A sequence without its events. */
export type SequenceHead = Omit<EventSequence, "events">;

/** Sequences in two parts: plain JSON, and the events as int32 numbers. */
export interface PackedMusic {
  /** Everything but the events, one a sequence. */
  readonly heads: readonly SequenceHead[];
  /**
   * The events of all sequences, one after the other: for each sequence its number of events, and for
   * each event part, step, duration, number of notes, and pitch and velocity of each note.
   */
  readonly events: Int32Array;
}

/** Packs sequences; {@linkcode unpackMusic} gives them back. */
export function packMusic(sequences: readonly EventSequence[]): PackedMusic {
  const numbers: number[] = [];
  for (const { events } of sequences) {
    numbers.push(events.length);
    for (const { part, step, duration, notes } of events) {
      numbers.push(part, step, duration, notes.length);
      for (const { pitch, velocity } of notes) numbers.push(pitch, velocity);
    }
  }
  const heads = sequences.map(({ events: _, ...head }) => head);
  return { heads, events: Int32Array.from(numbers) };
}

/** The sequences that {@linkcode packMusic} packed. */
export function unpackMusic({ heads, events }: PackedMusic): EventSequence[] {
  let at = 0;
  return heads.map((head) => ({
    ...head,
    events: Array.from({ length: events[at++] }, (): MusicEvent => {
      const [part, step, duration, count] = events.subarray(at, at + 4);
      at += 4;
      const notes = Array.from({ length: count }, (): VoicedNote => {
        const [pitch, velocity] = events.subarray(at, at + 2);
        at += 2;
        return { pitch, velocity };
      });
      const loudness = notes.reduce((sum, note) => sum + note.velocity, 0);
      return {
        symbol: eventSymbol(notes.map(({ pitch }) => pitch), head.parts[part].drums),
        part,
        step: step as Grid,
        duration: duration as Grid,
        velocity: Math.round(loudness / count),
        notes,
      };
    }),
  }));
}

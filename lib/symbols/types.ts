/**
 * What the network reads and writes.
 *
 * @module
 */
import type { Grid, KeyChange, MeterChange, TempoChange } from "../score/types.ts";

/**
 * A pitch name (`C4`, `F#3`, `E-5`), a chord as its pitch classes in normal order (`0.4.7`), or,
 * in drum parts, `drum:` and the drum pitches (`drum:36.42`).
 */
export type MusicSymbol = string;

/** One note of a chord as it was voiced. */
export interface VoicedNote {
  /** 0–127. */
  readonly pitch: number;
  /** 1–127. */
  readonly velocity: number;
}

/** A note or chord with its timing. */
export interface MusicEvent {
  /** What sounds. */
  readonly symbol: MusicSymbol;
  /** Index into the parts of the sequence. */
  readonly part: number;
  /**
   * Time from this event's onset to the next event's onset, 0 when they start together; for the
   * last event, its duration.
   */
  readonly step: Grid;
  /** How long it sounds, greater than 0. */
  readonly duration: Grid;
  /** Mean velocity of its notes, rounded, 1–127. */
  readonly velocity: number;
  /** The notes themselves, ascending by pitch. */
  readonly notes: readonly VoicedNote[];
}

/** What a part of an event sequence is played on. */
export interface PartInfo {
  /** Name from the file, or an empty string. */
  readonly name: string;
  /** General MIDI program, 0–127. */
  readonly program: number;
  /** Whether it is the drum channel. */
  readonly drums: boolean;
}

/** A piece as a sequence of events; `decode` gives the piece back. */
export interface EventSequence {
  /** Name of the file it came from, or of what made it. */
  readonly source: string;
  /** Onset of the first event. */
  readonly start: Grid;
  /** Events by onset, then part, then lowest pitch, then duration. */
  readonly events: readonly MusicEvent[];
  /** What the parts are played on. */
  readonly parts: readonly PartInfo[];
  /** Tempo changes of the piece. */
  readonly tempos: readonly TempoChange<Grid>[];
  /** Meter changes of the piece. */
  readonly meters: readonly MeterChange<Grid>[];
  /** Key signatures of the piece. */
  readonly keys: readonly KeyChange<Grid>[];
}

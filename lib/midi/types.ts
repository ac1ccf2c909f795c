/**
 * A MIDI file as the rest of the program sees it: checked, complete, in ticks.
 *
 * @module
 */

/**
 * What one tick of the file means: a part of a quarter (1–32,767 of them) or of a video frame
 * (1–255 of them). Frames a second are 24, 25, 29 (meaning 29.97) or 30 in proper files, 1–128 in any.
 */
export type Division =
  | { readonly kind: "quarter"; readonly ticksPerQuarter: number }
  | { readonly kind: "smpte"; readonly framesPerSecond: number; readonly ticksPerFrame: number };

/**
 * One event of a track. `onsetTicks` counts from the start of the track; `channel` is 0–15; other
 * numbers without a range of their own are 0–127.
 */
export type MidiEvent =
  & { readonly onsetTicks: number }
  & (
    | {
      readonly type: "noteOn";
      readonly channel: number;
      readonly pitch: number;
      /** 1–127: a note-on with velocity 0 is read as a note-off. */
      readonly velocity: number;
    }
    | {
      readonly type: "noteOff";
      readonly channel: number;
      readonly pitch: number;
      readonly velocity: number;
    }
    | { readonly type: "programChange"; readonly channel: number; readonly program: number }
    | {
      readonly type: "controlChange";
      readonly channel: number;
      readonly controller: number;
      readonly value: number;
    }
    | {
      readonly type: "polyPressure";
      readonly channel: number;
      readonly pitch: number;
      readonly value: number;
    }
    | { readonly type: "channelPressure"; readonly channel: number; readonly value: number }
    /** 14 bits, −8192 to 8191; 0 is the centre. */
    | { readonly type: "pitchBend"; readonly channel: number; readonly value: number }
    /** 1 to 16,777,215 µs. */
    | { readonly type: "tempo"; readonly microsecondsPerQuarter: number }
    | {
      readonly type: "timeSignature";
      /** 1–255. */
      readonly numerator: number;
      /** A power of two up to 128: 4 for quarters. */
      readonly denominator: number;
      /** MIDI clocks (24 a quarter) from one click of the metronome to the next, 0–255. */
      readonly clocksPerClick: number;
      /** 8, unless the file calls something else a quarter; 1–255. */
      readonly thirtySecondsPerQuarter: number;
    }
    /** `fifths`: −7 (flats) to 7 (sharps). */
    | { readonly type: "keySignature"; readonly fifths: number; readonly minor: boolean }
    /** Every other meta event, with its type byte and its bytes (text, names, unknown types). */
    | { readonly type: "meta"; readonly metaType: number; readonly data: Uint8Array }
    | { readonly type: "sysEx"; readonly status: 0xf0 | 0xf7; readonly data: Uint8Array }
    | { readonly type: "endOfTrack" }
  );

/** The events of one track in file order; `onsetTicks` never decreases. */
export interface MidiTrack {
  /** The events. The last one, and only the last one, is `endOfTrack`. */
  readonly events: readonly MidiEvent[];
}

/** A whole file. */
export interface MidiFile {
  /** 0: one track; 1: simultaneous tracks; 2: independent tracks. */
  readonly format: 0 | 1 | 2;
  /** What one tick means. */
  readonly division: Division;
  /** The tracks in file order, at least one; in format 0 exactly one. */
  readonly tracks: readonly MidiTrack[];
}

/** How often the reader had to apply each repair rule to one file. */
export type RepairCounts = Readonly<Record<string, number>>;

/** A file and what had to be repaired to read it. */
export interface MidiReading {
  /** The checked file. */
  readonly midi: MidiFile;
  /** Repair rule → times applied; only rules that were applied. */
  readonly repairs: RepairCounts;
}

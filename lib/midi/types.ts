/**
 * A MIDI file as the rest of the program sees it: checked, complete, in ticks.
 *
 * @module
 */

/** What one tick of the file means. */
export type Division =
  | { readonly kind: "quarter"; readonly ticksPerQuarter: number }
  | { readonly kind: "smpte"; readonly framesPerSecond: number; readonly ticksPerFrame: number };

/** One event of a track. `onsetTicks` counts from the start of the track; `channel` is 0–15. */
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
    | { readonly type: "tempo"; readonly microsecondsPerQuarter: number }
    | {
      readonly type: "timeSignature";
      readonly numerator: number;
      /** A power of two: 4 for quarters. */
      readonly denominator: number;
      readonly clocksPerClick: number;
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
  /** The tracks in file order. */
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

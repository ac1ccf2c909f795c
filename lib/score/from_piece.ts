/**
 * Piece → MIDI file.
 *
 * @module
 */
import type { MidiEvent, MidiFile, MidiTrack } from "../midi/types.ts";
import { withoutOverlaps } from "./notes.ts";
import { GRID_PER_QUARTER, type Part, type Piece } from "./types.ts";
import type { Grid } from "./types.ts";

/** Ticks a quarter in files written: a multiple of the grid that every program understands. */
const TICKS_PER_QUARTER = 480;
const TICKS_PER_GRID = TICKS_PER_QUARTER / GRID_PER_QUARTER;
const DRUM_CHANNEL = 9;
/** The channels that are not for drums. */
const MELODIC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
const TRACK_NAME = 0x03;
/** MIDI clocks in a whole note: a metronome clicks once a beat. */
const CLOCKS_PER_WHOLE = 96;

/**
 * A MIDI file of format 1 that plays the piece: one track with tempo, meter and key, then one for
 * each part with its name, its program and its notes.
 *
 * Drums are on channel 10. Other parts have a channel each; beyond the fifteenth they share, first
 * with a part of the same program. Notes of one pitch that overlap are cut as
 * {@linkcode withoutOverlaps} says. Quantised, {@linkcode toPiece} gives `piece` back.
 */
export function fromPiece(piece: Piece): MidiFile {
  const channels = allocateChannels(piece.parts);
  return {
    format: 1,
    division: { kind: "quarter", ticksPerQuarter: TICKS_PER_QUARTER },
    tracks: [
      conductorTrack(piece),
      ...piece.parts.map((part, i) => partTrack(part, channels[i])),
    ],
  };
}

/** A channel for each part, 0–15. */
function allocateChannels(parts: readonly Part<Grid>[]): number[] {
  const byProgram = new Map<number, number>();
  let used = 0;
  return parts.map(({ drums, program }) => {
    if (drums) return DRUM_CHANNEL;
    const shared = used >= MELODIC_CHANNELS.length ? byProgram.get(program) : undefined;
    if (shared !== undefined) return shared;
    const channel = MELODIC_CHANNELS[used++ % MELODIC_CHANNELS.length];
    byProgram.set(program, channel);
    return channel;
  });
}

/** Tempo, meter and key; it ends with the last note of the piece. */
function conductorTrack(piece: Piece): MidiTrack {
  const events: MidiEvent[] = [
    ...piece.meters.map(({ onset, numerator, denominator }) => ({
      onsetTicks: onset * TICKS_PER_GRID,
      type: "timeSignature" as const,
      numerator,
      denominator,
      clocksPerClick: Math.max(1, Math.floor(CLOCKS_PER_WHOLE / denominator)),
      thirtySecondsPerQuarter: 8,
    })),
    ...piece.keys.map(({ onset, fifths, minor }) => ({
      onsetTicks: onset * TICKS_PER_GRID,
      type: "keySignature" as const,
      fifths,
      minor,
    })),
    ...piece.tempos.map(({ onset, microsecondsPerQuarter }) => ({
      onsetTicks: onset * TICKS_PER_GRID,
      type: "tempo" as const,
      microsecondsPerQuarter,
    })),
  ];
  return endTrack(events.sort((a, b) => a.onsetTicks - b.onsetTicks), endOf(piece));
}

function endOf(piece: Piece): number {
  const ends = piece.parts.map(({ notes }) =>
    notes.reduce((end, note) => Math.max(end, note.onset + note.duration), 0)
  );
  return TICKS_PER_GRID * Math.max(0, ...ends);
}

/** One part; where notes end and begin at one tick, the ends come first. */
function partTrack({ name, program, notes }: Part<Grid>, channel: number): MidiTrack {
  const head: MidiEvent[] = [{ onsetTicks: 0, type: "programChange", channel, program }];
  if (name !== "") {
    const data = new TextEncoder().encode(name);
    head.unshift({ onsetTicks: 0, type: "meta", metaType: TRACK_NAME, data });
  }
  const sounding = withoutOverlaps(notes);
  const offs: MidiEvent[] = sounding.map(({ pitch, onset, duration }) => ({
    onsetTicks: (onset + duration) * TICKS_PER_GRID,
    type: "noteOff",
    channel,
    pitch,
    velocity: 0,
  }));
  const ons: MidiEvent[] = sounding.map(({ pitch, velocity, onset }) => ({
    onsetTicks: onset * TICKS_PER_GRID,
    type: "noteOn",
    channel,
    pitch,
    velocity,
  }));
  return endTrack([...head, ...[...offs, ...ons].sort((a, b) => a.onsetTicks - b.onsetTicks)], 0);
}

/** The track of `events`, which ends with the last of them, but not before `onsetTicks`. */
function endTrack(events: readonly MidiEvent[], onsetTicks: number): MidiTrack {
  const last = events.length > 0 ? events[events.length - 1].onsetTicks : 0;
  return {
    events: [...events, { onsetTicks: Math.max(last, onsetTicks), type: "endOfTrack" }],
  };
}

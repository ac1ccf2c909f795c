/**
 * The events of one track → notes, chords and marks, not yet on the grid (R2 and R3 of the
 * extraction rules).
 *
 * @module
 */
import type { MidiEvent, MidiTrack } from "../../midi/types.ts";
import { type ElementKind, rankOf } from "./container.ts";
import {
  distinctInstruments,
  type Instrument,
  instrumentOfName,
  instrumentOfProgram,
} from "./instruments.ts";
import { type Units, UNITS_PER_QUARTER } from "./time.ts";

const DRUM_CHANNEL = 9;
const TRACK_NAME = 0x03;
const INSTRUMENT_NAME = 0x04;

/** A note, chord or mark with its times in quarters, as doubles. */
export interface TrackElement {
  /** What it is. */
  readonly kind: ElementKind;
  /** Start, from the start of the track, in quarters. */
  readonly onset: number;
  /** Length in quarters; 0 for marks and grace notes. */
  readonly duration: number;
  /** Pitches of a note or chord, in file order, repeats kept. */
  readonly pitches?: readonly number[];
  /** Whether the note or chord has a drum in it. */
  readonly unpitched?: boolean;
  /** Length of the bars of a meter. */
  readonly barLength?: Units;
}

/** What music21 makes of one track. */
export interface TrackContent {
  /** Marks, then notes, each in file order. */
  readonly elements: readonly TrackElement[];
  /** Whether there is any note-on; a track without belongs to the conductor. */
  readonly hasNoteOns: boolean;
  /** Whether there is any note with an end. */
  readonly hasNotes: boolean;
  /** Whether notes that start together end apart, so that bars need voices. */
  readonly needsVoices: boolean;
}

/** A note with its times in ticks. */
interface TrackNote {
  readonly on: number;
  readonly off: number;
  readonly pitch: number;
  readonly channel: number;
}

/** The notes, chords and marks of a track. */
export function readTrack({ events }: MidiTrack, ticksPerQuarter: number): TrackContent {
  const notes = pairNotes(events);
  const { chords, needsVoices } = groupNotes(notes, ticksPerQuarter);
  return {
    elements: [...readMarks(events, ticksPerQuarter), ...chords],
    hasNoteOns: events.some(({ type }) => type === "noteOn"),
    hasNotes: notes.length > 0,
    needsVoices,
  };
}

/** The order in a container: onset, kind, grace notes first; equals keep their order (R8.1). */
export function compareElements(
  a: { kind: ElementKind; onset: number; duration: number },
  b: { kind: ElementKind; onset: number; duration: number },
): number {
  return a.onset - b.onset || rankOf(a.kind, isGrace(a)) - rankOf(b.kind, isGrace(b));
}

/** Whether it is a grace note: one without length. */
export function isGrace({ kind, duration }: { kind: ElementKind; duration: number }): boolean {
  return kind === "note" && duration === 0;
}

/**
 * Notes in the order of their note-ons. Each ends at the next note-off of its pitch and channel,
 * which may end several; one without is dropped (R2).
 */
function pairNotes(events: readonly MidiEvent[]): TrackNote[] {
  const nextOff = new Map<number, number>();
  const notes: TrackNote[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.type !== "noteOn" && event.type !== "noteOff") continue;
    const { onsetTicks, pitch, channel } = event;
    const key = pitch * 16 + channel;
    if (event.type === "noteOff") nextOff.set(key, onsetTicks);
    else {
      const off = nextOff.get(key);
      if (off !== undefined) notes.push({ on: onsetTicks, off, pitch, channel });
    }
  }
  return notes.reverse();
}

/**
 * Gathers notes that start within a sixteenth of a leader and end within a sixteenth of its end
 * (R3.2–R3.5). A note that another leader has gathered may still join again.
 */
function groupNotes(
  notes: readonly TrackNote[],
  ticksPerQuarter: number,
): { chords: TrackElement[]; needsVoices: boolean } {
  const tolerance = ticksPerQuarter / 4;
  const gathered = new Uint8Array(notes.length);
  const chords: TrackElement[] = [];
  let needsVoices = false;
  for (const [i, leader] of notes.entries()) {
    if (gathered[i]) continue;
    const members = [leader];
    for (let j = i + 1; j < notes.length && notes[j].on - leader.on < tolerance; j++) {
      if (Math.abs(notes[j].off - leader.off) > tolerance) needsVoices = true;
      else {
        members.push(notes[j]);
        gathered[j] = 1;
      }
    }
    chords.push(chordOf(members, ticksPerQuarter));
  }
  return { chords, needsVoices };
}

/** A chord starts with its first member and has the length of its last (R3.5). */
function chordOf(members: readonly TrackNote[], ticksPerQuarter: number): TrackElement {
  const last = members[members.length - 1];
  return {
    kind: "note",
    onset: members[0].on / ticksPerQuarter,
    duration: (last.off - last.on) / ticksPerQuarter,
    pitches: members.map(({ pitch }) => pitch),
    unpitched: members.some(({ channel }) => channel === DRUM_CHANNEL),
  };
}

/** Instruments, tempos, keys and meters in file order, without superfluous instruments. */
function readMarks(events: readonly MidiEvent[], ticksPerQuarter: number): TrackElement[] {
  const marks: TrackElement[] = [];
  const instruments: (TrackElement & { instrument: Instrument })[] = [];
  for (const event of events) {
    const at = { onset: event.onsetTicks / ticksPerQuarter, duration: 0 };
    const instrument = instrumentOf(event);
    if (instrument !== undefined) {
      const mark = { kind: "instrument" as const, ...at, instrument };
      marks.push(mark);
      instruments.push(mark);
    } else if (event.type === "tempo") marks.push({ kind: "tempo", ...at });
    else if (event.type === "keySignature") marks.push({ kind: "key", ...at });
    else if (event.type === "timeSignature") {
      const barLength = 4 * UNITS_PER_QUARTER * event.numerator / event.denominator;
      if (Number.isInteger(barLength)) marks.push({ kind: "meter", ...at, barLength });
    }
  }
  const kept = new Set<TrackElement>(distinctInstruments(instruments));
  return marks.filter((mark) => mark.kind !== "instrument" || kept.has(mark));
}

/** The instrument that an event names, if it names one (R3.7). */
function instrumentOf(event: MidiEvent): Instrument | undefined {
  if (event.type === "programChange") {
    return instrumentOfProgram(event.program, event.channel === DRUM_CHANNEL);
  }
  if (event.type !== "meta") return undefined;
  if (event.metaType === TRACK_NAME) return instrumentOfName("track", event.data);
  if (event.metaType === INSTRUMENT_NAME) return instrumentOfName("instrument", event.data);
  return undefined;
}

/**
 * MIDI file → piece in ticks.
 *
 * @module
 */
import { RepairCounter } from "../midi/repairs.ts";
import type { Division, MidiEvent, MidiFile, MidiTrack } from "../midi/types.ts";
import { compareNotes } from "./notes.ts";
import type { PairingRule } from "./repairs.ts";
import type { KeyChange, MeterChange, Note, Part, RawPiece, TempoChange, Ticks } from "./types.ts";

/** Channel 10, counted from 0. */
const DRUM_CHANNEL = 9;
/** Meta events that name a track, in order of preference: track name, instrument name. */
const NAME_META_TYPES = [0x03, 0x04];
/** SMPTE time has no quarters; 120 a minute, the default tempo of MIDI, makes half-second ones. */
const SECONDS_PER_SMPTE_QUARTER = 0.5;

type Counter = RepairCounter<PairingRule>;
type EventOf<Type extends MidiEvent["type"]> = Extract<MidiEvent, { type: Type }>;

/**
 * The music of a MIDI file: its notes, by parts, and its tempo, meter and key.
 *
 * - A part is one program on one channel of one track (drums are not divided by program), so that
 *   an instrument change makes a new part. Parts stand in order of track, channel, first note.
 * - A note-off ends the oldest sounding note of its channel and pitch in its track. The other rules
 *   are {@linkcode PAIRING_RULES}; `repairs` counts them.
 * - The sustain pedal does not lengthen notes: a duration is how long the key is held.
 * - The tracks of a format 2 file follow one another, each from the next whole quarter.
 * - With SMPTE division a quarter is half a second and tempo events, of no meaning there, are left
 *   out. 29 frames a second are 30/1.001.
 *
 * @param midi a file as {@linkcode readMidi} gives it
 * @param source name of the file, kept in the piece
 */
export function toPiece(midi: MidiFile, source: string): RawPiece {
  const ticksPerQuarter = quarterOf(midi.division);
  const counter: Counter = new RepairCounter();
  const starts = trackStarts(midi, ticksPerQuarter);
  const programs = firstPrograms(midi.tracks);
  const collect = <Type extends MidiEvent["type"], Change>(
    type: Type,
    toChange: (event: EventOf<Type>, onset: Ticks) => Change,
  ) =>
    midi.tracks.flatMap((track, i) =>
      track.events.filter((event): event is EventOf<Type> => event.type === type)
        .map((event) => toChange(event, (starts[i] + event.onsetTicks) as Ticks))
    );
  return {
    source,
    ticksPerQuarter,
    parts: midi.tracks.flatMap((track, i) => trackParts(track, starts[i], programs, counter)),
    tempos: midi.division.kind === "smpte" ? [] : inForce(collect("tempo", toTempo)),
    meters: inForce(collect("timeSignature", toMeter)),
    keys: inForce(collect("keySignature", toKey)),
    repairs: counter.counts(),
  };
}

/**
 * Changes in ascending order, one at each onset: where several stand, the last one counts.
 *
 * @param changes in file order
 */
export function inForce<Change extends { readonly onset: number }>(
  changes: readonly Change[],
): Change[] {
  const sorted = [...changes].sort((a, b) => a.onset - b.onset);
  return sorted.filter((change, i) => sorted[i + 1]?.onset !== change.onset);
}

function toTempo(event: EventOf<"tempo">, onset: Ticks): TempoChange<Ticks> {
  return { onset, microsecondsPerQuarter: event.microsecondsPerQuarter };
}

function toMeter(event: EventOf<"timeSignature">, onset: Ticks): MeterChange<Ticks> {
  return { onset, numerator: event.numerator, denominator: event.denominator };
}

function toKey(event: EventOf<"keySignature">, onset: Ticks): KeyChange<Ticks> {
  return { onset, fifths: event.fifths, minor: event.minor };
}

function quarterOf(division: Division): number {
  if (division.kind === "quarter") return division.ticksPerQuarter;
  const { framesPerSecond, ticksPerFrame } = division;
  const rate = framesPerSecond === 29 ? 30 / 1.001 : framesPerSecond;
  return rate * ticksPerFrame * SECONDS_PER_SMPTE_QUARTER;
}

/** Where each track starts: all at 0, or, in format 2, one after another on whole quarters. */
function trackStarts(midi: MidiFile, ticksPerQuarter: number): number[] {
  if (midi.format !== 2) return midi.tracks.map(() => 0);
  let quarters = 0;
  return midi.tracks.map(({ events }) => {
    const start = quarters * ticksPerQuarter;
    quarters += Math.ceil(events[events.length - 1].onsetTicks / ticksPerQuarter);
    return start;
  });
}

/** The first program of each channel. */
function firstPrograms(tracks: readonly MidiTrack[]): ReadonlyMap<number, number> {
  const programs = new Map<number, number>();
  for (const { events } of tracks) {
    for (const event of events) {
      if (event.type === "programChange" && !programs.has(event.channel)) {
        programs.set(event.channel, event.program);
      }
    }
  }
  return programs;
}

/** A part that is being put together. */
interface OpenPart {
  readonly channel: number;
  readonly program: number;
  readonly notes: Note<Ticks>[];
}

/** A note that still sounds. */
interface OpenNote {
  readonly onset: number;
  readonly velocity: number;
  readonly part: OpenPart;
}

/**
 * The parts of one track that have notes.
 *
 * @param elsewhere program of each channel, where the track itself sets none
 */
function trackParts(
  track: MidiTrack,
  start: number,
  elsewhere: ReadonlyMap<number, number>,
  counter: Counter,
): Part<Ticks>[] {
  const own = firstPrograms([track]);
  const programs = new Map([...elsewhere].filter(([channel]) => !own.has(channel)));
  const parts = new Map<number, OpenPart>();
  const sounding = new Map<number, OpenNote[]>();
  for (const event of track.events) {
    if (event.type === "programChange") programs.set(event.channel, event.program);
    else if (event.type === "noteOn") {
      const part = partOf(parts, event.channel, programs.get(event.channel) ?? 0);
      beginNote(sounding, event, part, counter);
    } else if (event.type === "noteOff") endNote(sounding, event, start, counter);
  }
  for (const notes of sounding.values()) {
    notes.forEach(() => counter.count("unmatchedNoteOn"));
  }
  const name = trackName(track);
  return [...parts.values()].filter((part) => part.notes.length > 0)
    .sort((a, b) => a.channel - b.channel)
    .map(({ channel, program, notes }) => ({
      name,
      program,
      drums: channel === DRUM_CHANNEL,
      notes: notes.sort(compareNotes),
    }));
}

function partOf(parts: Map<number, OpenPart>, channel: number, program: number): OpenPart {
  const key = channel === DRUM_CHANNEL ? -1 : channel << 7 | program;
  const known = parts.get(key);
  if (known !== undefined) return known;
  const part = { channel, program, notes: [] };
  parts.set(key, part);
  return part;
}

function beginNote(
  sounding: Map<number, OpenNote[]>,
  { channel, pitch, velocity, onsetTicks }: EventOf<"noteOn">,
  part: OpenPart,
  counter: Counter,
): void {
  const key = channel << 7 | pitch;
  const note = { onset: onsetTicks, velocity, part };
  const others = sounding.get(key);
  if (others === undefined) sounding.set(key, [note]);
  else if (others.push(note) > 1) counter.count("overlappingNote");
}

function endNote(
  sounding: Map<number, OpenNote[]>,
  { channel, pitch, onsetTicks }: EventOf<"noteOff">,
  start: number,
  counter: Counter,
): void {
  const note = sounding.get(channel << 7 | pitch)?.shift();
  if (note === undefined) return counter.count("unmatchedNoteOff");
  if (note.onset === onsetTicks) counter.count("zeroLengthNote");
  note.part.notes.push({
    pitch,
    velocity: note.velocity,
    onset: (start + note.onset) as Ticks,
    duration: Math.max(1, onsetTicks - note.onset) as Ticks,
  });
}

/** The track's own name, else the name of its instrument, else an empty string. */
function trackName(track: MidiTrack): string {
  for (const metaType of NAME_META_TYPES) {
    for (const event of track.events) {
      if (event.type !== "meta" || event.metaType !== metaType) continue;
      const name = decodeText(event.data);
      if (name !== "") return name;
    }
  }
  return "";
}

/** Text as UTF-8 or, where it is none, as Latin-1; up to the first NUL, without outer spaces. */
function decodeText(data: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    text = new TextDecoder("latin1").decode(data);
  }
  return text.split("\0", 1)[0].trim();
}

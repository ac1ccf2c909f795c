/**
 * MIDI file → bytes, by npm:midi-file. It writes whatever it is given, so everything is checked
 * first; and its time grows with the square of a track's length, so it gets a few events at a time.
 *
 * @module
 */
import { type MidiEvent as LibraryEvent, writeMidi as writeLibrary } from "midi-file";
import { MidiError } from "../errors.ts";
import { ByteWriter, MAX_VARIABLE_LENGTH } from "./bytes.ts";
import { META } from "./clean_track.ts";
import { toLibrary } from "./library_events.ts";
import type { Division, MidiEvent, MidiFile, MidiTrack } from "./types.ts";

/** Events handed to midi-file at a time: enough to make its fixed cost small. */
const RUN_LENGTH = 256;
/** Length of the file header and of the track header that midi-file writes before the events. */
const PREFIX_LENGTH = 22;

/**
 * The bytes of a standard MIDI file, without running status, so that any reader understands them.
 * `readMidi(writeMidi(midi)).midi` equals `midi`.
 *
 * @throws {MidiError} if a value cannot be written: out of range, out of order, no end of track
 */
export function writeMidi(midi: MidiFile): Uint8Array {
  checkFile(midi);
  const tracks = midi.tracks.map(writeTrack);
  const writer = new ByteWriter(14 + tracks.reduce((sum, track) => sum + 8 + track.length, 0));
  writer.text("MThd");
  writer.uint32(6);
  writer.uint16(midi.format);
  writer.uint16(tracks.length);
  writer.uint16(divisionWord(midi.division));
  for (const track of tracks) {
    writer.text("MTrk");
    writer.uint32(track.length);
    writer.bytes(track);
  }
  return writer.written();
}

function divisionWord(division: Division): number {
  if (division.kind === "quarter") return division.ticksPerQuarter;
  return (0x100 - division.framesPerSecond) << 8 | division.ticksPerFrame;
}

/** The bytes of one track's events. */
function writeTrack(track: MidiTrack, index: number): Uint8Array {
  const events: LibraryEvent[] = [];
  let now = 0;
  for (const event of track.events) {
    checkEvent(event, now, index);
    events.push(toLibrary(event, event.onsetTicks - now));
    now = event.onsetTicks;
  }
  const runs: number[][] = [];
  for (let i = 0; i < events.length; i += RUN_LENGTH) {
    runs.push(writeRun(events.slice(i, i + RUN_LENGTH)));
  }
  return Uint8Array.from(runs.flat());
}

function writeRun(events: LibraryEvent[]): number[] {
  const header = { format: 0, numTracks: 1, ticksPerBeat: 96 } as const;
  return writeLibrary({ header, tracks: [events] }, { running: false }).slice(PREFIX_LENGTH);
}

/** Checks everything about the file but its single events. */
function checkFile({ format, division, tracks }: MidiFile): void {
  checkRange("format", format, 0, 2);
  if (division.kind === "quarter") {
    checkRange("ticksPerQuarter", division.ticksPerQuarter, 1, 0x7fff);
  } else {
    checkRange("framesPerSecond", division.framesPerSecond, 1, 128);
    checkRange("ticksPerFrame", division.ticksPerFrame, 1, 255);
  }
  checkRange("number of tracks", tracks.length, 1, format === 0 ? 1 : 0xffff);
  tracks.forEach(({ events }, track) => {
    const end = events.findIndex((event) => event.type === "endOfTrack");
    if (end < 0 || end !== events.length - 1) {
      throw new MidiError("Cannot write a MIDI file: wanted one end of track after all events", {
        track,
        hint: 'End each track with one event of type "endOfTrack".',
      });
    }
  });
}

/** Checks one event against the one before it and the ranges of its fields. */
function checkEvent(event: MidiEvent, previousTicks: number, track: number): void {
  const check = (name: string, value: number, low: number, high: number) =>
    checkRange(`${event.type} ${name}`, value, low, high, track);
  check("onsetTicks", event.onsetTicks, previousTicks, previousTicks + MAX_VARIABLE_LENGTH);
  if ("channel" in event) check("channel", event.channel, 0, 15);
  if ("pitch" in event) check("pitch", event.pitch, 0, 127);
  if ("data" in event) check("data length", event.data.length, 0, MAX_VARIABLE_LENGTH);
  switch (event.type) {
    case "noteOn":
      return check("velocity", event.velocity, 1, 127);
    case "noteOff":
      return check("velocity", event.velocity, 0, 127);
    case "controlChange":
      check("controller", event.controller, 0, 127);
      return check("value", event.value, 0, 127);
    case "polyPressure":
    case "channelPressure":
      return check("value", event.value, 0, 127);
    case "programChange":
      return check("program", event.program, 0, 127);
    case "pitchBend":
      return check("value", event.value, -8192, 8191);
    case "tempo":
      return check("microsecondsPerQuarter", event.microsecondsPerQuarter, 1, 0xffffff);
    case "keySignature":
      return check("fifths", event.fifths, -7, 7);
    case "timeSignature":
      check("numerator", event.numerator, 1, 255);
      check("log2 of denominator", Math.log2(event.denominator), 0, 7);
      check("clocksPerClick", event.clocksPerClick, 0, 255);
      return check("thirtySecondsPerQuarter", event.thirtySecondsPerQuarter, 1, 255);
    case "meta":
      check("metaType", event.metaType, 0, 127);
      if (Object.values(META).includes(event.metaType)) {
        throw new MidiError(
          `Cannot write a MIDI file: meta type ${event.metaType} has an event type of its own`,
          { track },
        );
      }
  }
}

function checkRange(name: string, value: number, low: number, high: number, track?: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new MidiError(
    `Cannot write a MIDI file: wanted ${name} as a whole number from ${low} to ${high}, ` +
      `found ${value}`,
    { track },
  );
}

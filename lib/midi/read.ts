/**
 * Bytes → MIDI file. The parsing itself is done by npm:midi-file, which trusts its input; so the
 * bytes are first taken apart and rewritten cleanly, by rules that say what was repaired.
 *
 * @module
 */
import { type MidiEvent as LibraryEvent, parseMidi } from "midi-file";
import { ByteWriter } from "./bytes.ts";
import { findChunks } from "./chunks.ts";
import { cleanTrack } from "./clean_track.ts";
import { fromLibrary } from "./library_events.ts";
import { RepairCounter } from "./repairs.ts";
import type { MidiEvent, MidiReading, MidiTrack } from "./types.ts";

/**
 * Reads a MIDI file of format 0, 1 or 2, also inside an RMID wrapper, whole or damaged.
 *
 * Whatever comes back is valid: every field is there and in range, onsets never decrease, each track
 * has its end. What had to be repaired is counted by the names of {@linkcode REPAIR_RULES}.
 *
 * @param bytes the file's content
 * @param source the file's name, for messages
 * @throws {MidiError} if there is no MIDI header or no track
 *
 * @example
 * ```ts
 * import { readMidi } from "./read.ts";
 * import assert from "node:assert/strict";
 *
 * const file = "MThd\0\0\0\x06\0\0\0\x01\0\x60" + "MTrk\0\0\0\x04" + "\0\xff\x2f\0";
 * const { midi, repairs } = readMidi(Uint8Array.from(file, (byte) => byte.charCodeAt(0)));
 * assert.deepEqual(midi.division, { kind: "quarter", ticksPerQuarter: 96 });
 * assert.deepEqual(repairs, {});
 * ```
 */
export function readMidi(bytes: Uint8Array, source = "MIDI data"): MidiReading {
  const repairs = new RepairCounter();
  const { format, division, tracks } = findChunks(bytes, source, repairs);
  const midi = { format, division, tracks: tracks.map((track) => parseTrack(track, repairs)) };
  return { midi, repairs: repairs.counts() };
}

/** The events of one track. */
function parseTrack(bytes: Uint8Array, repairs: RepairCounter): MidiTrack {
  const [events] = parseMidi(oneTrackFile(cleanTrack(bytes, repairs))).tracks;
  let onsetTicks = 0;
  const translate = (event: LibraryEvent): MidiEvent =>
    fromLibrary(event, onsetTicks += event.deltaTime);
  return { events: events.map(translate) };
}

/** A MIDI file of format 0 with one track. */
function oneTrackFile(track: Uint8Array): Uint8Array {
  const writer = new ByteWriter(22 + track.length);
  writer.text("MThd");
  writer.uint32(6);
  for (const word of [0, 1, 96]) writer.uint16(word);
  writer.text("MTrk");
  writer.uint32(track.length);
  writer.bytes(track);
  return writer.written();
}

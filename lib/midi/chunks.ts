/**
 * Finds the header and the tracks in the bytes of a file: inside an RMID wrapper, between junk and
 * foreign chunks, with wrong counts and lengths.
 *
 * @module
 */
import { MidiError } from "../errors.ts";
import { findText, hasText, uint16, uint32 } from "./bytes.ts";
import type { RepairCounter } from "./repairs.ts";
import type { Division } from "./types.ts";

/** Ticks a quarter where the header says 0: the commonest resolution. */
const ASSUMED_TICKS_PER_QUARTER = 480;
const CHUNK_HEADER_LENGTH = 8;
const HEADER_LENGTH = 6;

/** The parts of a file. */
export interface Chunks {
  /** As in {@linkcode MidiFile}. */
  readonly format: 0 | 1 | 2;
  /** What one tick means. */
  readonly division: Division;
  /** The bytes of each track, as they are in the file. */
  readonly tracks: readonly Uint8Array[];
}

/**
 * The parts of the MIDI file in `bytes`.
 *
 * @throws {MidiError} if there is no header or no track
 */
export function findChunks(bytes: Uint8Array, source: string, repairs: RepairCounter): Chunks {
  const body = unwrapRiff(bytes);
  const header = findText(body, "MThd", 0);
  if (header < 0) throw notMidi(bytes, source);
  if (header > 0) repairs.count("junkBeforeHeader");
  const data = header + CHUNK_HEADER_LENGTH;
  if (body.length < data + HEADER_LENGTH) {
    throw new MidiError(
      `Cannot read "${source}": wanted a header of 14 bytes, found ${body.length - header}`,
      { source, byteOffset: bytes.length, hint: "The file was cut off; get a whole copy of it." },
    );
  }
  const declared = uint16(body, data + 2);
  const division = readDivision(uint16(body, data + 4), repairs);
  const tracks = findTracks(body, endOfHeader(body, header, repairs), declared, repairs);
  if (tracks.length === 0) {
    throw new MidiError(`Cannot read "${source}": wanted at least one track, found none`, {
      source,
      byteOffset: bytes.length,
      hint: "The file ends after its header; get a whole copy of it.",
    });
  }
  return { format: readFormat(uint16(body, data), tracks.length, repairs), division, tracks };
}

/** The MIDI file inside an RMID wrapper (a RIFF file with a `data` chunk), or `bytes` itself. */
function unwrapRiff(bytes: Uint8Array): Uint8Array {
  if (!hasText(bytes, 0, "RIFF") || !hasText(bytes, 8, "RMID")) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 12;
  while (position + CHUNK_HEADER_LENGTH <= bytes.length) {
    const length = view.getUint32(position + 4, true);
    const start = position + CHUNK_HEADER_LENGTH;
    if (hasText(bytes, position, "data")) return bytes.subarray(start, start + length);
    position = start + length + length % 2;
  }
  return bytes;
}

function readFormat(format: number, trackCount: number, repairs: RepairCounter): 0 | 1 | 2 {
  if (format === 1 || format === 2) return format;
  if (format !== 0) repairs.count("unknownFormat");
  else if (trackCount > 1) repairs.count("formatZeroTracks");
  return format === 0 && trackCount === 1 ? 0 : 1;
}

function readDivision(word: number, repairs: RepairCounter): Division {
  const ticksPerFrame = word & 0xff;
  if (word & 0x8000 && ticksPerFrame > 0) {
    return { kind: "smpte", framesPerSecond: 0x100 - (word >> 8), ticksPerFrame };
  }
  if (word === 0 || word & 0x8000) {
    repairs.count("zeroDivision");
    return { kind: "quarter", ticksPerQuarter: ASSUMED_TICKS_PER_QUARTER };
  }
  return { kind: "quarter", ticksPerQuarter: word };
}

/** Where the chunks after the header begin. */
function endOfHeader(bytes: Uint8Array, header: number, repairs: RepairCounter): number {
  const length = uint32(bytes, header + 4);
  const usual = header + CHUNK_HEADER_LENGTH + HEADER_LENGTH;
  if (length === HEADER_LENGTH) return usual;
  repairs.count("headerLength");
  const claimed = header + CHUNK_HEADER_LENGTH + length;
  return length > HEADER_LENGTH && hasText(bytes, claimed, "MTrk") ? claimed : usual;
}

/**
 * The tracks from `start` on, as many as the header declares (R1.2) or, if it declares none, all.
 * Where the declared tracks are not found one after another, what lies between is judged: a chunk
 * of another kind, junk, or a track with a wrong length.
 */
function findTracks(
  bytes: Uint8Array,
  start: number,
  declared: number,
  repairs: RepairCounter,
): Uint8Array[] {
  const tracks: Uint8Array[] = [];
  const wanted = declared === 0 ? Infinity : declared;
  let position = start;
  while (tracks.length < wanted && position < bytes.length) {
    if (!hasText(bytes, position, "MTrk")) {
      position = skipToNextChunk(bytes, position, repairs);
      continue;
    }
    const body = position + CHUNK_HEADER_LENGTH;
    position = endOfTrack(bytes, position, tracks.length + 1 === wanted, repairs);
    if (body <= bytes.length) tracks.push(bytes.subarray(body, position));
  }
  if (tracks.length < declared) repairs.count("missingTracks");
  if (hasText(bytes, position, "MTrk")) repairs.count("undeclaredTracks");
  else if (declared === 0 && tracks.length > 0) repairs.count("undeclaredTracks");
  return tracks;
}

/** Where the next chunk begins: after a foreign chunk at `position`, or after junk. */
function skipToNextChunk(bytes: Uint8Array, position: number, repairs: RepairCounter): number {
  if (isChunk(bytes, position)) {
    repairs.count("foreignChunk");
    return position + CHUNK_HEADER_LENGTH + uint32(bytes, position + 4);
  }
  repairs.count("junkBetweenChunks");
  const next = findText(bytes, "MTrk", position);
  return next < 0 ? bytes.length : next;
}

/**
 * Where the track that begins at `position` ends. Its length is believed if it is the last one
 * wanted, or if another chunk follows; otherwise the track reaches up to the next one, unless it has
 * a proper end and only junk follows.
 */
function endOfTrack(
  bytes: Uint8Array,
  position: number,
  isLast: boolean,
  repairs: RepairCounter,
): number {
  const body = position + CHUNK_HEADER_LENGTH;
  const claimed = body <= bytes.length ? body + uint32(bytes, position + 4) : body;
  const whole = claimed <= bytes.length;
  if (whole && isChunk(bytes, claimed)) return claimed;
  const next = isLast ? -1 : findText(bytes, "MTrk", body);
  const endsProperly = whole && endsWithEndOfTrack(bytes, claimed);
  if (next >= 0 && (next < claimed || !endsProperly)) {
    repairs.count("trackLength");
    return next;
  }
  if (!whole) repairs.count("truncatedTrack");
  return Math.min(claimed, bytes.length);
}

/** Whether a whole chunk, of a name of four letters, digits or spaces, begins at `position`. */
function isChunk(bytes: Uint8Array, position: number): boolean {
  if (hasText(bytes, position, "MTrk")) return true;
  for (let i = position; i < position + 4; i++) {
    if (!/[A-Za-z0-9 ]/.test(String.fromCharCode(bytes[i]))) return false;
  }
  return position + CHUNK_HEADER_LENGTH + uint32(bytes, position + 4) <= bytes.length;
}

function endsWithEndOfTrack(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 3] === 0xff && bytes[end - 2] === 0x2f && bytes[end - 1] === 0;
}

/** The error for bytes without a MIDI header, which says what they are instead, where it can. */
function notMidi(bytes: Uint8Array, source: string): MidiError {
  const kind = KNOWN_KINDS.find(({ starts }) => starts.some((text) => hasText(bytes, 0, text)));
  const found = bytes.length === 0 ? "no bytes at all" : kind?.name ?? "something else";
  return new MidiError(
    `Cannot read "${source}" as MIDI: wanted a file that starts with "MThd", found ${found}`,
    { source, byteOffset: 0, hint: kind?.hint ?? "Take the file out of the folder." },
  );
}

const UNPACK = "Unpack it and use the .mid files in it.";
const NOT_AUDIO = "Sound recordings hold no notes; look for a MIDI version of the music.";
const EXPORT = "Open it in a notation program and export it as MIDI.";
const DOWNLOAD = "The download went wrong: get the MIDI file itself.";

/** Files that are met under the name of a MIDI file, by their first bytes. */
const KNOWN_KINDS = [
  { name: 'a ZIP archive (it starts with "PK")', starts: ["PK\x03\x04"], hint: UNPACK },
  { name: "a gzip archive", starts: ["\x1f\x8b"], hint: UNPACK },
  { name: "a RAR archive", starts: ["Rar!"], hint: UNPACK },
  { name: "a 7-Zip archive", starts: ["7z\xbc\xaf"], hint: UNPACK },
  {
    name: "a RIFF file without MIDI in it (WAV sound, perhaps)",
    starts: ["RIFF"],
    hint: NOT_AUDIO,
  },
  { name: "MP3 sound", starts: ["ID3", "\xff\xfb", "\xff\xf3"], hint: NOT_AUDIO },
  { name: "Ogg sound", starts: ["OggS"], hint: NOT_AUDIO },
  { name: "FLAC sound", starts: ["fLaC"], hint: NOT_AUDIO },
  { name: "a web page", starts: ["<!DOCTYPE html", "<!doctype html", "<html"], hint: DOWNLOAD },
  { name: "XML text (MusicXML, perhaps)", starts: ["<?xml", "\xef\xbb\xbf<?xml"], hint: EXPORT },
  { name: "a PDF document", starts: ["%PDF"], hint: "Only MIDI files can be read." },
  {
    name: "a picture",
    starts: ["\x89PNG", "GIF8", "\xff\xd8\xff"],
    hint: "Only MIDI files can be read.",
  },
  {
    name: "a track without the header before it",
    starts: ["MTrk"],
    hint: "The start of the file is lost; get a whole copy of it.",
  },
];

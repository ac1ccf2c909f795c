import assert from "node:assert/strict";
import { readMidi } from "../../lib/midi/read.ts";
import type { MidiEvent, MidiFile, MidiTrack } from "../../lib/midi/types.ts";
import { PAIRING_RULES } from "../../lib/score/repairs.ts";
import { toPiece } from "../../lib/score/to_piece.ts";
import { short } from "./pieces.ts";

type Short = [onsetTicks: number, type: "on" | "off", channel: number, pitch: number];

function event([onsetTicks, type, channel, pitch]: Short): MidiEvent {
  if (type === "on") return { onsetTicks, type: "noteOn", channel, pitch, velocity: 80 };
  return { onsetTicks, type: "noteOff", channel, pitch, velocity: 0 };
}

function program(onsetTicks: number, channel: number, program: number): MidiEvent {
  return { onsetTicks, type: "programChange", channel, program };
}

function text(metaType: number, bytes: string): MidiEvent {
  const data = Uint8Array.from(bytes, (char) => char.charCodeAt(0));
  return { onsetTicks: 0, type: "meta", metaType, data };
}

function track(...events: (MidiEvent | Short)[]): MidiTrack {
  const whole = events.map((some) => Array.isArray(some) ? event(some) : some);
  const onsetTicks = whole.at(-1)?.onsetTicks ?? 0;
  return { events: [...whole, { onsetTicks, type: "endOfTrack" }] };
}

function midi(...tracks: MidiTrack[]): MidiFile {
  return { format: 1, division: { kind: "quarter", ticksPerQuarter: 96 }, tracks };
}

Deno.test("toPiece: notes in order of onset and pitch, with velocity", () => {
  const piece = toPiece(
    midi(track([0, "on", 0, 67], [0, "on", 0, 60], [96, "off", 0, 60], [144, "off", 0, 67])),
    "song.mid",
  );
  assert.equal(piece.source, "song.mid");
  assert.equal(piece.ticksPerQuarter, 96);
  assert.deepEqual(piece.parts.map((part) => short(part.notes)), [
    [[0, 96, 60, 80], [0, 144, 67, 80]],
  ]);
  assert.deepEqual(piece.repairs, {});
});

Deno.test("toPiece: a part for each program on each channel of each track", () => {
  const { parts } = toPiece(
    midi(
      track(program(0, 2, 40)), // a conductor sets a program for channel 3
      track(
        text(3, "Band"),
        [0, "on", 1, 60],
        [0, "on", 0, 62],
        [96, "off", 1, 60],
        [96, "off", 0, 62],
        program(96, 0, 73),
        [96, "on", 0, 64],
        [192, "off", 0, 64],
      ),
      track([0, "on", 2, 50], [96, "off", 2, 50]),
      track([0, "on", 9, 36], program(48, 9, 8), [48, "on", 9, 42], [96, "off", 9, 36], [
        96,
        "off",
        9,
        42,
      ]),
    ),
    "",
  );
  const summary = parts.map(({ name, program, drums, notes }) => [
    name,
    program,
    drums,
    notes.map((note) => note.pitch),
  ]);
  assert.deepEqual(summary, [
    ["Band", 0, false, [62]], // before the first program
    ["Band", 73, false, [64]],
    ["Band", 0, false, [60]],
    ["", 40, false, [50]],
    ["", 0, true, [36, 42]], // drums stay together
  ]);
});

Deno.test("toPiece: an instrument change makes a new part", () => {
  const { parts } = toPiece(
    midi(track(
      program(0, 0, 0),
      [0, "on", 0, 60],
      program(48, 0, 40), // while a note sounds: it stays with the piano
      [96, "off", 0, 60],
      [96, "on", 0, 62],
      [192, "off", 0, 62],
      program(192, 0, 0),
      [192, "on", 0, 64],
      [288, "off", 0, 64],
    )),
    "",
  );
  assert.deepEqual(parts.map(({ program, notes }) => [program, short(notes)]), [
    [0, [[0, 96, 60, 80], [192, 96, 64, 80]]],
    [40, [[96, 96, 62, 80]]],
  ]);
});

Deno.test("toPiece: names of tracks", () => {
  const nameOf = (...events: MidiEvent[]) =>
    toPiece(midi(track(...events, [0, "on", 0, 60], [1, "off", 0, 60])), "").parts[0].name;
  assert.equal(nameOf(text(4, "Violin"), text(3, "  Soprano ")), "Soprano");
  assert.equal(nameOf(text(3, ""), text(4, "Violin")), "Violin");
  assert.equal(nameOf(text(3, "Fl\xc3\xb6te")), "Flöte"); // UTF-8
  assert.equal(nameOf(text(3, "Fl\xf6te")), "Flöte"); // Latin-1
  assert.equal(nameOf(text(3, "Piano\0junk")), "Piano");
  assert.equal(nameOf(text(1, "Just text")), "");
});

Deno.test("toPiece: the sustain pedal does not lengthen notes", () => {
  const pedal = (onsetTicks: number, value: number): MidiEvent => (
    { onsetTicks, type: "controlChange", channel: 0, controller: 64, value }
  );
  const { parts } = toPiece(
    midi(track(pedal(0, 127), [0, "on", 0, 60], [10, "off", 0, 60], pedal(960, 0))),
    "",
  );
  assert.deepEqual(short(parts[0].notes), [[0, 10, 60, 80]]);
});

const PAIRINGS: [rule: keyof typeof PAIRING_RULES, count: number, Short[], number[][]][] = [
  ["unmatchedNoteOn", 2, [
    [0, "on", 0, 60],
    [0, "on", 0, 62],
    [10, "off", 0, 62],
    [20, "on", 0, 62],
  ], [[0, 10, 62, 80]]],
  ["unmatchedNoteOff", 2, [
    [0, "off", 0, 60],
    [0, "on", 0, 60],
    [5, "off", 1, 60], // another channel
    [10, "off", 0, 60],
  ], [[0, 10, 60, 80]]],
  ["overlappingNote", 1, [
    [0, "on", 0, 60],
    [10, "on", 0, 60],
    [20, "off", 0, 60],
    [30, "off", 0, 60],
  ], [[0, 20, 60, 80], [10, 20, 60, 80]]],
  ["zeroLengthNote", 1, [
    [5, "on", 0, 60],
    [5, "off", 0, 60],
  ], [[5, 1, 60, 80]]],
];

for (const [rule, count, events, notes] of PAIRINGS) {
  Deno.test(`toPiece: ${rule}`, () => {
    const { parts, repairs } = toPiece(midi(track(...events)), "");
    assert.deepEqual(short(parts[0].notes), notes);
    assert.deepEqual(repairs, { [rule]: count });
  });
}

Deno.test("toPiece: a track whose notes have no end makes no part", () => {
  const { parts, repairs } = toPiece(midi(track([0, "on", 0, 60])), "");
  assert.deepEqual(parts, []);
  assert.deepEqual(repairs, { unmatchedNoteOn: 1 });
});

Deno.test("toPiece: every pairing rule has a test here", () => {
  assert.deepEqual(PAIRINGS.map(([rule]) => rule), Object.keys(PAIRING_RULES));
});

Deno.test("toPiece: a repeated note whose off comes after the next on", () => {
  const { parts } = toPiece(
    midi(track([0, "on", 0, 60], [48, "on", 0, 60], [48, "off", 0, 60], [96, "off", 0, 60])),
    "",
  );
  assert.deepEqual(short(parts[0].notes), [[0, 48, 60, 80], [48, 48, 60, 80]]);
});

Deno.test("toPiece: tempo, meter and key of all tracks, the last of several at one time", () => {
  const tempo = (onsetTicks: number, microsecondsPerQuarter: number): MidiEvent => (
    { onsetTicks, type: "tempo", microsecondsPerQuarter }
  );
  const meter = (onsetTicks: number, numerator: number): MidiEvent => ({
    onsetTicks,
    type: "timeSignature",
    numerator,
    denominator: 8,
    clocksPerClick: 24,
    thirtySecondsPerQuarter: 8,
  });
  const key: MidiEvent = { onsetTicks: 7, type: "keySignature", fifths: -3, minor: true };
  const piece = toPiece(
    midi(
      track(meter(0, 3), tempo(0, 500_000), tempo(0, 600_000), tempo(200, 400_000)),
      track(key, tempo(96, 300_000), meter(96, 6)),
    ),
    "",
  );
  assert.deepEqual(piece.tempos, [
    { onset: 0, microsecondsPerQuarter: 600_000 },
    { onset: 96, microsecondsPerQuarter: 300_000 },
    { onset: 200, microsecondsPerQuarter: 400_000 },
  ]);
  assert.deepEqual(piece.meters, [
    { onset: 0, numerator: 3, denominator: 8 },
    { onset: 96, numerator: 6, denominator: 8 },
  ]);
  assert.deepEqual(piece.keys, [{ onset: 7, fifths: -3, minor: true }]);
  assert.deepEqual(piece.parts, []);
});

Deno.test("toPiece: the tracks of format 2 follow one another on whole quarters", () => {
  const one = track([0, "on", 0, 60], [100, "off", 0, 60]); // a little over a quarter
  const { parts } = toPiece({ ...midi(one, one, one), format: 2 }, "");
  assert.deepEqual(parts.map((part) => short(part.notes)), [
    [[0, 100, 60, 80]],
    [[192, 100, 60, 80]],
    [[384, 100, 60, 80]],
  ]);
});

Deno.test("toPiece: with SMPTE division a quarter is half a second, whatever the tempo", () => {
  const slow: MidiEvent = { onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 1_000_000 };
  const tracks = [track(slow, [0, "on", 0, 60], [1000, "off", 0, 60])];
  const piece = (framesPerSecond: number) =>
    toPiece({
      format: 0,
      division: { kind: "smpte", framesPerSecond, ticksPerFrame: 40 },
      tracks,
    }, "");
  assert.equal(piece(25).ticksPerQuarter, 500); // 1000 ticks a second
  assert.deepEqual(piece(25).tempos, []);
  assert.ok(Math.abs(piece(29).ticksPerQuarter - 599.4006) < 1e-4); // 29.97 frames a second
});

Deno.test("toPiece: the same parts and notes as symusic in the oracle's cases", async () => {
  interface SymusicPart {
    readonly program: number;
    readonly drums: boolean;
    readonly name: string;
    readonly notes: number[][];
  }
  const golden: Record<string, SymusicPart[]> = JSON.parse(
    await Deno.readTextFile(new URL("testdata/symusic_notes.json", import.meta.url)),
  );
  const cases = new URL("../data/oracle/cases/", import.meta.url);
  for (const [name, parts] of Object.entries(golden)) {
    const { midi } = readMidi(await Deno.readFile(new URL(`${name}.mid`, cases)), name);
    const ours = toPiece(midi, name).parts.map((part) => ({ ...part, notes: short(part.notes) }));
    // symusic keeps parts without notes.
    const expected = parts.filter(({ notes }) => notes.length > 0);
    assert.deepEqual(comparable(ours), comparable(expected), name);
  }

  /** Without order: symusic has its own. */
  function comparable(parts: SymusicPart[]): string[] {
    return parts.map(({ program, drums, notes }) => {
      // symusic leaves notes without length as they are.
      const lengthened = notes.map(([onset, duration, ...rest]) => [
        onset,
        Math.max(1, duration),
        ...rest,
      ]);
      return [program, drums, ...lengthened.map((note) => note.join(" ")).sort()].join("\n");
    }).sort();
  }
});

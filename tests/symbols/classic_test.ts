import assert from "node:assert/strict";
import fc from "fast-check";
import { CorpusError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import type { Division, MidiEvent, MidiFile } from "../../lib/midi/types.ts";
import { extractClassicElements, extractClassicSymbols } from "../../lib/symbols/classic.ts";
import { pitchName } from "../../lib/symbols/pitch_name.ts";

const quarters: Division = { kind: "quarter", ticksPerQuarter: 480 };

/** A note of a track: pitch, start and end in ticks. */
type TrackNote = readonly [pitch: number, on: number, off: number];

function trackOf(notes: readonly TrackNote[], marks: readonly MidiEvent[] = []) {
  const events: MidiEvent[] = notes.flatMap(([pitch, on, off]) => [
    { onsetTicks: on, type: "noteOn" as const, channel: 0, pitch, velocity: 64 },
    { onsetTicks: off, type: "noteOff" as const, channel: 0, pitch, velocity: 0 },
  ]);
  const isOn = (event: MidiEvent) => event.type === "noteOn" ? 1 : 0;
  events.push(...marks);
  events.sort((a, b) => a.onsetTicks - b.onsetTicks || isOn(a) - isOn(b));
  const onsetTicks = events.at(-1)?.onsetTicks ?? 0;
  return { events: [...events, { onsetTicks, type: "endOfTrack" as const }] };
}

function readCase(name: string): MidiFile {
  const url = new URL(`../data/oracle/cases/${name}.mid`, import.meta.url);
  return readMidi(Deno.readFileSync(url), name).midi;
}

Deno.test("extractClassicSymbols() gives the names of separate quarter notes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 127 })), (pitches) => {
      const track = trackOf(pitches.map((pitch, i) => [pitch, 480 * i, 480 * (i + 1)]));
      const midi: MidiFile = { format: 0, division: quarters, tracks: [track] };
      assert.deepEqual(extractClassicSymbols(midi), pitches.map(pitchName));
    }),
  );
});

Deno.test("extractClassicSymbols() gives each note with an end at least one symbol's share", () => {
  const note = fc.tuple(
    fc.integer({ min: 0, max: 127 }),
    fc.integer({ min: 0, max: 4000 }),
    fc.integer({ min: 0, max: 4000 }),
  ).map(([pitch, on, length]): TrackNote => [pitch, on, on + length]);
  const meter = fc.tuple(
    fc.integer({ min: 0, max: 6000 }),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
  ).map(([onsetTicks, numerator, denominator]): MidiEvent => ({
    onsetTicks,
    type: "timeSignature",
    numerator,
    denominator,
    clocksPerClick: 24,
    thirtySecondsPerQuarter: 8,
  }));
  const track = fc.tuple(fc.array(note), fc.array(meter, { maxLength: 3 }));
  fc.assert(fc.property(fc.array(track, { minLength: 1, maxLength: 4 }), (tracks) => {
    const midi: MidiFile = {
      format: 1,
      division: quarters,
      tracks: tracks.map(([notes, marks]) => trackOf(notes, marks)),
    };
    const given = new Set(tracks.flatMap(([notes]) => notes.map(([pitch]) => pitch)));
    const found = new Set(extractClassicElements(midi).flatMap(({ pitches }) => pitches));
    for (const pitch of found) assert.ok(given.has(pitch));
    const ended = new Set(
      midi.tracks.flatMap(({ events }) =>
        events.flatMap((event, i) =>
          event.type === "noteOn" && hasEnd(events, i) ? event.pitch : []
        )
      ),
    );
    for (const pitch of ended) assert.ok(found.has(pitch), `pitch ${pitch} is lost`);
  }));
});

function hasEnd(events: readonly MidiEvent[], index: number): boolean {
  const on = events[index];
  return events.slice(index + 1).some((event) =>
    event.type === "noteOff" && on.type === "noteOn" && event.pitch === on.pitch
  );
}

Deno.test("extractClassicSymbols() reads SMPTE files that music21 refuses by their tempo", () => {
  const midi = readCase("05a_smpte_25x40"); // 1,000 ticks a second, a note each
  const scale = ["C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5"];
  assert.deepEqual(extractClassicSymbols(midi), scale);
  const onsets = (file: MidiFile) => extractClassicElements(file).map(({ onset }) => onset / 96);
  assert.deepEqual(onsets(midi), [0, 2, 4, 6, 8, 10, 12, 14]); // two quarters a second
  const tempo: MidiEvent = { onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 1_000_000 };
  const slow = { ...midi, tracks: [trackOf([], [tempo]), ...midi.tracks] };
  assert.deepEqual(onsets(slow), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("extractClassicSymbols() reads the tracks of format 2 one after the other", () => {
  const tracks = [trackOf([[60, 0, 480], [62, 480, 960]]), trackOf([[64, 0, 480]])];
  const midi: MidiFile = { format: 2, division: quarters, tracks };
  assert.deepEqual(extractClassicSymbols(midi), ["C4", "D4", "E4"]);
  assert.deepEqual(extractClassicSymbols({ ...midi, format: 1 }), ["C4", "E4", "D4"]);
  assert.equal(extractClassicSymbols(readCase("36_format2")).length, 8);
});

Deno.test("extractClassicSymbols() puts two remainders in one added bar where music21 fails", () => {
  // By the reference implementation of the rules, with its failure taken out.
  assert.equal(
    extractClassicSymbols(readCase("fuzz_00087")).join(" "),
    "0.1.2.3.4 0.1.2.3 2.3.4 1.3.4 0.1.2.3 1.4 0.1.2.3.4 D4 D4 0.1.2.4",
  );
});

Deno.test("extractClassicSymbols() ignores a meter whose bars are not whole 1/96 of a quarter", () => {
  const fine: MidiEvent = {
    onsetTicks: 0,
    type: "timeSignature",
    numerator: 1,
    denominator: 256,
    clocksPerClick: 24,
    thirtySecondsPerQuarter: 8,
  };
  const tracks = [trackOf([[60, 0, 480]], [fine])];
  assert.deepEqual(extractClassicSymbols({ format: 0, division: quarters, tracks }), ["C4"]);
});

Deno.test("extractClassicSymbols() gives nothing for a file without notes", () => {
  const midi: MidiFile = { format: 1, division: quarters, tracks: [trackOf([]), trackOf([])] };
  assert.deepEqual(extractClassicSymbols(midi), []);
});

Deno.test("extractClassicSymbols() reads a long track", () => {
  const notes = Array.from({ length: 40_000 }, (_, i): TrackNote => [60, 480 * i, 480 * i + 480]);
  const midi: MidiFile = { format: 0, division: quarters, tracks: [trackOf(notes)] };
  assert.equal(extractClassicSymbols(midi).length, 40_000);
});

Deno.test("extractClassicSymbols() refuses times that only damage can explain", () => {
  const late = 480 * 4 * 50_000;
  const lasting = (end: number): MidiFile => {
    const track = trackOf([[60, 0, 480], [62, end - 480, end]]);
    return { format: 0, division: quarters, tracks: [track] };
  };
  assert.deepEqual(extractClassicSymbols(lasting(late)), ["C4", "D4"]);
  assert.throws(
    () => extractClassicSymbols(lasting(late + 480)),
    (error) =>
      error instanceof CorpusError && error.message.includes("200001 quarters") &&
      error.details.hint !== undefined,
  );
});

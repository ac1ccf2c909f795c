import assert from "node:assert/strict";
import fc from "fast-check";
import { CorpusError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import { quantize } from "../../lib/score/quantize.ts";
import { toPiece } from "../../lib/score/to_piece.ts";
import type { Grid, Part } from "../../lib/score/types.ts";
import { decode, encode } from "../../lib/symbols/events.ts";
import { notesOf, partOf, pieceOf, pieces, type ShortNote } from "../score/pieces.ts";

/** Events as `[part, step, duration, velocity, symbol, pitches]`. */
function summary(...parts: Part<Grid>[]): unknown[][] {
  return encode(pieceOf(...parts)).events.map((event) => [
    event.part,
    event.step,
    event.duration,
    event.velocity,
    event.symbol,
    event.notes.map((note) => note.pitch).join(" "),
  ]);
}

function drums(...notes: ShortNote[]): Part<Grid> {
  return { name: "Kit", program: 8, drums: true, notes: notesOf(notes) };
}

Deno.test("encode: single notes, a chord as voiced, a rest", () => {
  assert.deepEqual(
    summary(partOf([12, 24, 61, 70], [36, 48, 55, 80], [36, 48, 64, 81], [36, 48, 72, 83], [
      192,
      12,
      63,
      1,
    ])),
    [
      [0, 24, 24, 70, "C#4", "61"],
      [0, 156, 48, 81, "0.4.7", "55 64 72"], // mean velocity 81.33; a rest before the next
      [0, 12, 12, 1, "E-4", "63"], // the last: its own duration
    ],
  );
});

Deno.test("encode: notes that start together but end apart are events of their own", () => {
  assert.deepEqual(
    summary(partOf([0, 48, 60], [0, 24, 64], [0, 24, 67], [0, 12, 60])),
    [
      [0, 0, 12, 80, "C4", "60"], // of equal lowest pitches, the shorter first
      [0, 0, 48, 80, "C4", "60"],
      [0, 24, 24, 80, "4.7", "64 67"],
    ],
  );
});

Deno.test("encode: parts stay apart at the same time, drums have symbols of their own", () => {
  assert.deepEqual(
    summary(
      partOf([0, 48, 72]),
      drums([0, 12, 42], [0, 12, 36], [24, 12, 38]),
      partOf([0, 48, 48]),
    ),
    [
      [0, 0, 48, 80, "C5", "72"],
      [1, 0, 12, 80, "drum:36.42", "36 42"],
      [2, 24, 48, 80, "C3", "48"],
      [1, 12, 12, 80, "drum:38", "38"],
    ],
  );
});

Deno.test("encode: unisons and octaves are chords of one pitch class, doubled drums one hit", () => {
  const symbols = summary(
    partOf([0, 48, 60, 50], [0, 48, 60, 61], [48, 48, 59], [48, 48, 71]),
    drums([96, 12, 36], [96, 12, 36]),
  ).map(([, , , velocity, symbol, pitches]) => [velocity, symbol, pitches]);
  assert.deepEqual(symbols, [
    [56, "0", "60 60"], // 55.5 rounds up
    [80, "11", "59 71"],
    [80, "drum:36", "36 36"],
  ]);
});

Deno.test("encode: where the piece starts and what its parts are played on", () => {
  const sequence = encode({
    ...pieceOf({ ...partOf([96, 48, 60]), name: "Harfe", program: 46 }, drums([192, 12, 36])),
    tempos: [{ onset: 0 as Grid, microsecondsPerQuarter: 400_000 }],
  });
  assert.equal(sequence.start, 96);
  assert.equal(sequence.source, "test");
  assert.deepEqual(sequence.parts, [
    { name: "Harfe", program: 46, drums: false },
    { name: "Kit", program: 8, drums: true },
  ]);
  assert.deepEqual(sequence.tempos, [{ onset: 0, microsecondsPerQuarter: 400_000 }]);
});

Deno.test("decode(encode(piece)) is the piece", () => {
  fc.assert(fc.property(pieces, (piece) => {
    assert.deepEqual(decode(encode(piece)), piece);
  }));
});

Deno.test("decode(encode(piece)) is the piece: the oracle's cases", async () => {
  const cases = new URL("../data/oracle/cases/", import.meta.url);
  let notes = 0;
  for await (const { name } of Deno.readDir(cases)) {
    if (!name.endsWith(".mid")) continue;
    const { midi } = readMidi(await Deno.readFile(new URL(name, cases)), name);
    const { piece } = quantize(toPiece(midi, name));
    assert.deepEqual(decode(encode(piece)), piece, name);
    notes += piece.parts.reduce((sum, part) => sum + part.notes.length, 0);
  }
  assert.ok(notes > 1000, `${notes} notes`);
});

Deno.test("encode: events in order; steps lead from onset to onset", () => {
  fc.assert(fc.property(pieces, (piece) => {
    const { events, start } = encode(piece);
    let onset: number = start;
    let before = "";
    const onsets = new Set<number>();
    for (const { part, step, duration, notes } of events) {
      onsets.add(onset);
      const key = [onset, part, notes[0].pitch, duration].map((n) => `${n}`.padStart(6, "0"))
        .join();
      assert.ok(key > before, `${key} after ${before}`);
      before = key;
      onset += step;
    }
    const wanted = new Set(piece.parts.flatMap((part) => part.notes.map((note) => note.onset)));
    assert.deepEqual(onsets, wanted);
  }));
});

Deno.test("decode: parts without events are left out", () => {
  const sequence = encode(pieceOf(partOf([0, 48, 60]), partOf([0, 48, 62])));
  const { parts } = decode({ ...sequence, events: sequence.events.slice(1) });
  assert.deepEqual(parts, [partOf([0, 48, 62])]);
});

Deno.test("decode refuses an event of a part that is not there", () => {
  const sequence = encode(pieceOf(partOf([0, 48, 60])));
  const events = sequence.events.map((event) => ({ ...event, part: 1 }));
  assert.throws(
    () => decode({ ...sequence, events }),
    (error) =>
      error instanceof CorpusError && /wanted one of 1 parts, found part 1/.test(error.message),
  );
});

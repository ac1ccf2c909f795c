import assert from "node:assert/strict";
import fc from "fast-check";
import { readMidi } from "../../lib/midi/read.ts";
import { writeMidi } from "../../lib/midi/write.ts";
import { fromPiece } from "../../lib/score/from_piece.ts";
import { compareNotes, withoutOverlaps } from "../../lib/score/notes.ts";
import { quantize } from "../../lib/score/quantize.ts";
import { toPiece } from "../../lib/score/to_piece.ts";
import type { Grid, Part, Piece } from "../../lib/score/types.ts";
import { midiFiles } from "../midi/arbitraries.ts";
import { lines } from "../midi/dumps.ts";
import {
  notesOf,
  partOf,
  pieceOf,
  pieces,
  playablePieces,
  short,
  type ShortNote,
} from "./pieces.ts";

Deno.test("fromPiece: a conductor track and a track for each part", () => {
  const violin: Part<Grid> = {
    name: "Geige",
    program: 40,
    drums: false,
    notes: notesOf([[0, 48, 72, 90], [48, 24, 72, 60]]),
  };
  const drums: Part<Grid> = { name: "", program: 0, drums: true, notes: notesOf([[24, 1, 36]]) };
  const midi = fromPiece({
    source: "song.mid",
    parts: [violin, drums],
    tempos: [{ onset: 0 as Grid, microsecondsPerQuarter: 600_000 }],
    meters: [{ onset: 0 as Grid, numerator: 6, denominator: 8 }],
    keys: [{ onset: 12 as Grid, fifths: 2, minor: false }],
  });
  assert.equal(midi.format, 1);
  assert.deepEqual(midi.division, { kind: "quarter", ticksPerQuarter: 480 });
  assert.deepEqual(lines(midi), [
    [
      "0 timeSignature 6 8 12 8", // a click each eighth: 12 clocks
      "0 tempo 600000",
      "120 keySignature 2 false",
      "720 endOfTrack",
    ],
    [
      "0 meta 3 4765696765", // "Geige"
      "0 programChange 0 40",
      "0 noteOn 0 72 90",
      "480 noteOff 0 72 0", // the end before the next start
      "480 noteOn 0 72 60",
      "720 noteOff 0 72 0",
      "720 endOfTrack",
    ],
    ["0 programChange 9 0", "240 noteOn 9 36 80", "250 noteOff 9 36 0", "250 endOfTrack"],
  ]);
});

Deno.test("fromPiece: parts beyond the fifteenth share channels, first by program", () => {
  const channelsOf = (piece: Piece) =>
    fromPiece(piece).tracks.slice(1).map(({ events }) => {
      const event = events.find((event) => event.type === "programChange");
      assert.ok(event?.type === "programChange");
      return event.channel;
    });
  const parts = Array.from({ length: 18 }, (_, i) => (
    { ...partOf<Grid>([0, 48, 60]), program: i === 15 ? 4 : i }
  ));
  const drums = { ...partOf<Grid>([0, 48, 36]), drums: true };
  assert.deepEqual(
    channelsOf(pieceOf(drums, ...parts)),
    [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 4, 0, 1],
  );
});

Deno.test("fromPiece: overlapping notes of one pitch are cut at the next start", () => {
  const part = partOf<Grid>([0, 48, 60, 70], [0, 96, 60, 71], [0, 96, 62], [24, 12, 60, 72]);
  const [, track] = lines(fromPiece(pieceOf(part)));
  assert.deepEqual(track, [
    "0 programChange 0 0",
    "0 noteOn 0 60 71", // the longer of the two
    "0 noteOn 0 62 80",
    "240 noteOff 0 60 0",
    "240 noteOn 0 60 72",
    "360 noteOff 0 60 0",
    "960 noteOff 0 62 0",
    "960 endOfTrack",
  ]);
});

Deno.test("fromPiece: a piece without parts is a file with a conductor alone", () => {
  assert.deepEqual(lines(fromPiece(pieceOf())), [["0 endOfTrack"]]);
});

/** There and back again: through a MIDI file and its bytes. */
function throughMidi(piece: Piece): Piece {
  const { midi, repairs } = readMidi(writeMidi(fromPiece(piece)));
  assert.deepEqual(repairs, {});
  const raw = toPiece(midi, piece.source);
  assert.deepEqual(raw.repairs, {});
  return quantize(raw).piece;
}

Deno.test("toPiece(fromPiece(piece)), quantised, is the piece", () => {
  fc.assert(fc.property(playablePieces, (piece) => {
    assert.deepEqual(throughMidi(piece), piece);
  }));
});

Deno.test("toPiece(fromPiece(piece)) is the piece without overlaps", () => {
  fc.assert(fc.property(pieces, (piece) => {
    const parts = piece.parts.map((part) => ({ ...part, notes: withoutOverlaps(part.notes) }));
    assert.deepEqual(throughMidi(piece), { ...piece, parts });
  }));
});

Deno.test("withoutOverlaps: no overlap is left, every onset and pitch is", () => {
  fc.assert(fc.property(pieces, (piece) => {
    for (const { notes } of piece.parts) {
      const cut = withoutOverlaps(notes);
      const starts = (some: typeof notes) =>
        new Set(some.map(({ onset, pitch }) => `${onset} ${pitch}`));
      assert.deepEqual(starts(cut), starts(notes));
      assert.equal(cut.length, starts(notes).size);
      const ends = new Map<number, number>();
      for (const { onset, duration, pitch } of cut) {
        assert.ok(onset >= (ends.get(pitch) ?? 0) && duration > 0);
        ends.set(pitch, onset + duration);
      }
    }
  }));
});

Deno.test("any valid MIDI file becomes a piece whose times and values are whole and in range", () => {
  fc.assert(fc.property(midiFiles, (midi) => {
    const { piece } = quantize(toPiece(midi, ""));
    for (const { notes, program } of piece.parts) {
      assert.ok(notes.length > 0 && program >= 0 && program <= 127);
      for (const { onset, duration, pitch, velocity } of notes) {
        for (const value of [onset, duration]) assert.ok(Number.isSafeInteger(value));
        assert.ok(onset >= 0 && duration > 0 && pitch <= 127 && velocity >= 1 && velocity <= 127);
      }
    }
    for (const changes of [piece.tempos, piece.meters, piece.keys]) {
      const onsets = changes.map(({ onset }) => onset);
      assert.ok(
        onsets.every((onset, i) => Number.isSafeInteger(onset) && onset > (onsets[i - 1] ?? -1)),
      );
    }
  }));
});

Deno.test("compareNotes: by onset, pitch, duration, velocity", () => {
  const ordered: ShortNote[] = [
    [0, 9, 70, 9],
    [1, 9, 60, 9],
    [1, 1, 61, 9],
    [1, 2, 61, 5],
    [1, 2, 61, 6],
  ];
  const notes = notesOf<Grid>(ordered);
  assert.deepEqual(notes.toReversed().sort(compareNotes), notes);
});

Deno.test("withoutOverlaps: of equally long notes the loudest stays", () => {
  const notes = notesOf<Grid>([[0, 48, 60, 50], [0, 48, 60, 90]]);
  assert.deepEqual(short(withoutOverlaps(notes)), [[0, 48, 60, 90]]);
});

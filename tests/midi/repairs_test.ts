import assert from "node:assert/strict";
import { readMidi } from "../../lib/midi/read.ts";
import { REPAIR_RULES, type RepairRule } from "../../lib/midi/repairs.ts";
import { chunk, file, hex, lines } from "./dumps.ts";

const HEADER = chunk("MThd", "0001 0001 0060");
const TWO_TRACKS = chunk("MThd", "0001 0002 0060");
const END = "00 ff 2f 00";
/** One event that is easy to recognise: program 5. */
const TRACK = chunk("MTrk", `00 c0 05 ${END}`);
const READ = ["0 programChange 0 5", "0 endOfTrack"];

interface Repair {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly repairs: Partial<Record<RepairRule, number>>;
  readonly tracks: string[][];
}

const REPAIRS: readonly Repair[] = [
  {
    title: "junk before the header",
    bytes: hex(`00 00 "mail header" ` + HEADER + TRACK),
    repairs: { junkBeforeHeader: 1 },
    tracks: [READ],
  },
  {
    title: "a header of 8 bytes",
    bytes: hex(chunk("MThd", "0001 0001 0060 0000") + TRACK),
    repairs: { headerLength: 1 },
    tracks: [READ],
  },
  {
    title: "a header that claims to be far longer than it is",
    bytes: hex(`"MThd" 00060000 0001 0001 0060 ` + TRACK),
    repairs: { headerLength: 1 },
    tracks: [READ],
  },
  {
    title: "format 7",
    bytes: hex(chunk("MThd", "0007 0001 0060") + TRACK),
    repairs: { unknownFormat: 1 },
    tracks: [READ],
  },
  {
    title: "format 0 with two tracks",
    bytes: hex(chunk("MThd", "0000 0002 0060") + TRACK + TRACK),
    repairs: { formatZeroTracks: 1 },
    tracks: [READ, READ],
  },
  {
    title: "fewer tracks than declared",
    bytes: hex(TWO_TRACKS + TRACK),
    repairs: { missingTracks: 1 },
    tracks: [READ],
  },
  {
    title: "more tracks than declared: as in music21, the others are not read (R1.2)",
    bytes: hex(HEADER + TRACK + TRACK),
    repairs: { undeclaredTracks: 1 },
    tracks: [READ],
  },
  {
    title: "no tracks declared: all are read",
    bytes: hex(chunk("MThd", "0001 0000 0060") + TRACK + TRACK),
    repairs: { undeclaredTracks: 1 },
    tracks: [READ, READ],
  },
  {
    title: "foreign chunks before and between tracks",
    bytes: hex(TWO_TRACKS + chunk("XFIH", "01 02") + TRACK + chunk("XFKM", '"MTrk"') + TRACK),
    repairs: { foreignChunk: 2 },
    tracks: [READ, READ],
  },
  {
    title: "a foreign chunk at the very end, in place of a track",
    bytes: hex(TWO_TRACKS + TRACK + chunk("XFIH", "01 02")),
    repairs: { foreignChunk: 1, missingTracks: 1 },
    tracks: [READ],
  },
  {
    title: "junk between chunks",
    bytes: hex(TWO_TRACKS + TRACK + "0a 0d 0a" + TRACK),
    repairs: { junkBetweenChunks: 1 },
    tracks: [READ, READ],
  },
  {
    title: "text between chunks, which is no chunk because it would be longer than the file",
    bytes: hex(TWO_TRACKS + TRACK + `"made by hand "` + TRACK),
    repairs: { junkBetweenChunks: 1 },
    tracks: [READ, READ],
  },
  {
    title: "a foreign chunk that is cut off counts as junk",
    bytes: hex(TWO_TRACKS + TRACK + `"XFIH" 00000004 01`),
    repairs: { junkBetweenChunks: 1, missingTracks: 1 },
    tracks: [READ],
  },
  {
    title: "padding between chunks, which is no chunk although a length of 0 can be read from it",
    bytes: hex(TWO_TRACKS + TRACK + "00".repeat(9) + TRACK),
    repairs: { junkBetweenChunks: 1 },
    tracks: [READ, READ],
  },
  {
    title: "a track that claims to reach into the next one",
    bytes: hex(`${TWO_TRACKS} "MTrk" 00000009 00 c0 05 ${END} ${TRACK}`),
    repairs: { trackLength: 1 },
    tracks: [READ, READ],
  },
  {
    title: "a track that claims to hold all that follows",
    bytes: hex(`${TWO_TRACKS} "MTrk" 00000016 00 c0 05 ${END} ${TRACK}`),
    repairs: { trackLength: 1 },
    tracks: [READ, READ],
  },
  {
    title: "a track that claims to end in the middle, although after a 0 as proper ones do",
    bytes: hex(`${TWO_TRACKS} "MTrk" 00000003 00 c0 00 10 c0 05 ${END} ${TRACK}`),
    repairs: { trackLength: 1 },
    tracks: [["0 programChange 0 0", "16 programChange 0 5", "16 endOfTrack"], READ],
  },
  {
    title: "the last track declared ends where it claims to, whatever follows (R1.2)",
    bytes: hex(`${HEADER} "MTrk" 00000003 00 c0 05 10 c0 06 ${END} ${TRACK}`),
    repairs: { missingEndOfTrack: 1 },
    tracks: [READ],
  },
  {
    title: "a track without its end before one that is cut off",
    bytes: hex(`${TWO_TRACKS} "MTrk" 00000003 00 c0 05 "MTrk" 00000007 00 c0 05`),
    repairs: { truncatedTrack: 1, missingEndOfTrack: 2 },
    tracks: [READ, READ],
  },
  {
    title: "a track that claims to be empty, as a recorder that crashed leaves it",
    bytes: hex(`${TWO_TRACKS} "MTrk" 00000000 00 c0 05 ${END} ${TRACK}`),
    repairs: { trackLength: 1 },
    tracks: [READ, READ],
  },
  {
    title: "a file cut off in its last track: the note before the cut is whole",
    bytes: hex(`${HEADER} "MTrk" 00000020 00 c0 05 00 90`),
    repairs: { truncatedTrack: 1, unfinishedEvent: 1, missingEndOfTrack: 1 },
    tracks: [READ],
  },
  {
    title: "no end of track",
    bytes: file("00 c0 05"),
    repairs: { missingEndOfTrack: 1 },
    tracks: [READ],
  },
  {
    title: "events after the end of track are read (R1.6)",
    bytes: file(`00 c0 05 10 ff 2f 00 10 c0 06 ${END}`),
    repairs: { eventsAfterEndOfTrack: 1 },
    tracks: [["0 programChange 0 5", "32 programChange 0 6", "32 endOfTrack"]],
  },
  {
    title: "a second data byte beyond the end counts as 0 (R1.6): this note-on is an off",
    bytes: file("00 c0 05 00 90 3c"),
    repairs: { unfinishedEvent: 1, missingEndOfTrack: 1 },
    tracks: [["0 programChange 0 5", "0 noteOff 0 60 0", "0 endOfTrack"]],
  },
  {
    title: "a delta time without its end",
    bytes: file("00 c0 05 00 ff 2f 00 81"),
    repairs: { unfinishedEvent: 1 },
    tracks: [READ],
  },
  {
    title: "a text cut off keeps what is there",
    bytes: file(`00 c0 05 00 ff 03 09 "name"`),
    repairs: { unfinishedEvent: 1, missingEndOfTrack: 1 },
    tracks: [["0 programChange 0 5", "0 meta 3 6e616d65", "0 endOfTrack"]],
  },
  {
    title: "a meta event without its length",
    bytes: file(`00 c0 05 00 ff 03 81`),
    repairs: { unfinishedEvent: 1, missingEndOfTrack: 1 },
    tracks: [READ],
  },
  {
    title: "a delta time of 35 bits",
    bytes: file(`ff ff ff ff 7f c0 05 ${END}`),
    repairs: { numberTooLong: 1 },
    tracks: [["268435455 programChange 0 5", "268435455 endOfTrack"]],
  },
  {
    title: "data without any status byte is a note on channel 1 (R1.5)",
    bytes: file(`00 3c 50 00 90 40 50 ${END}`),
    repairs: { missingStatus: 1 },
    tracks: [["0 noteOn 0 60 80", "0 noteOn 0 64 80", "0 endOfTrack"]],
  },
  {
    title: "data after a system exclusive message is another one (R1.5): length 2, bytes 40 50",
    bytes: file(`00 90 3c 50 00 f0 01 f7 00 02 40 50 ${END}`),
    repairs: { dataAfterSysEx: 1 },
    tracks: [["0 noteOn 0 60 80", "0 sysEx 240 f7", "0 sysEx 240 4050", "0 endOfTrack"]],
  },
  {
    // The bytes after F4 are read anew from F4 on: delta F4 00 = 116 · 128, then the program.
    title: "an undefined status byte is taken for a delta time, the one before is lost (R1.7)",
    bytes: file(`10 f4 00 c0 05 ${END}`),
    repairs: { undefinedStatus: 1 },
    tracks: [["14848 programChange 0 5", "14848 endOfTrack"]],
  },
  {
    // Delta C0 90 05 = (0x40 · 128 + 0x10) · 128 + 5, then a note-on.
    title: "a program above 127: the status byte is taken for a delta time (R1.7)",
    bytes: file(`10 c0 90 05 90 3c 50 ${END}`),
    repairs: { misplacedStatus: 1 },
    tracks: [["1050629 noteOn 0 60 80", "1050629 endOfTrack"]],
  },
  {
    // Pitch classes (R10.2): 0x80 is 8, so 116; 0x87 is 3, so 111, below 115, so 123; 0x8b is 7: 115.
    title: "data bytes above 127: pitches keep their class, other values become 127",
    bytes: file(`00 90 80 ff 00 90 87 50 00 90 8b 50 00 b0 c0 c0 ${END}`),
    repairs: { dataByteTooLarge: 6 },
    tracks: [[
      "0 noteOn 0 116 127",
      "0 noteOn 0 123 80",
      "0 noteOn 0 115 80",
      "0 controlChange 0 127 127",
      "0 endOfTrack",
    ]],
  },
  {
    title: "a meta event of type 0x83",
    bytes: file(`00 c0 05 00 ff 83 01 41 ${END}`),
    repairs: { metaTypeTooLarge: 1 },
    tracks: [READ],
  },
  {
    title: "tempo, meter, key and end with too many bytes; meter with only two",
    bytes: file(`
      00 ff 51 04 07a120 00    # 4 bytes of tempo
      00 ff 58 05 030218 08 00 # 5 bytes of meter
      00 ff 58 02 0602         # 2 bytes: 6/4
      00 ff 58 04 03021800     # no 32nds in a quarter
      00 ff 59 03 010000       # 3 bytes of key
      00 ff 2f 01 00           # an end with a byte
    `),
    repairs: { metaLength: 6 },
    tracks: [[
      "0 tempo 500000",
      "0 timeSignature 3 4 24 8",
      "0 timeSignature 6 4 24 8",
      "0 timeSignature 3 4 24 8",
      "0 keySignature 1 false",
      "0 endOfTrack",
    ]],
  },
  {
    title: "tempo 0 and a tempo of two bytes are left out, their time is kept",
    bytes: file(`10 ff 51 03 000000 10 ff 51 02 07a1 00 c0 05 ${END}`),
    repairs: { badTempo: 2 },
    tracks: [["32 programChange 0 5", "32 endOfTrack"]],
  },
  {
    title: "meter with one byte, with 0 beats, with beats of 2^-8",
    bytes: file(`00 ff 58 01 03 00 ff 58 04 00021808 00 ff 58 04 03081808 00 c0 05 ${END}`),
    repairs: { badTimeSignature: 3 },
    tracks: [READ],
  },
  {
    title: "a key of one byte",
    bytes: file(`00 ff 59 01 03 00 c0 05 ${END}`),
    repairs: { badKeySignature: 1 },
    tracks: [READ],
  },
  {
    title: "nine sharps, nine flats, a mode of 2",
    bytes: file(`00 ff 59 02 0900 00 ff 59 02 f701 00 ff 59 02 0202 ${END}`),
    repairs: { keySignatureOutOfRange: 3 },
    tracks: [[
      "0 keySignature 7 false",
      "0 keySignature -7 true",
      "0 keySignature 2 false",
      "0 endOfTrack",
    ]],
  },
];

for (const { title, bytes, repairs, tracks } of REPAIRS) {
  Deno.test(`repair: ${title}`, () => {
    const reading = readMidi(bytes);
    assert.deepEqual(lines(reading.midi), tracks);
    assert.deepEqual(reading.repairs, repairs);
  });
}

Deno.test("repair: a division of 0, in ticks or in SMPTE, becomes 480 ticks a quarter", () => {
  for (const division of ["0000", "e700"]) {
    const { midi, repairs } = readMidi(hex(chunk("MThd", `0000 0001 ${division}`) + TRACK));
    assert.deepEqual(midi.division, { kind: "quarter", ticksPerQuarter: 480 });
    assert.deepEqual(repairs, { zeroDivision: 1 });
  }
});

Deno.test("repair: formats after repair", () => {
  const format = (dump: string) => readMidi(hex(dump)).midi.format;
  assert.equal(format(chunk("MThd", "0007 0001 0060") + TRACK), 1);
  assert.equal(format(chunk("MThd", "0000 0002 0060") + TRACK + TRACK), 1);
});

Deno.test("repair: every rule has a test here", () => {
  const tested = new Set(REPAIRS.flatMap(({ repairs }) => Object.keys(repairs)));
  const untested = Object.keys(REPAIR_RULES).filter((rule) => !tested.has(rule));
  assert.deepEqual(untested, ["zeroDivision"]); // this one has a test of its own above
});

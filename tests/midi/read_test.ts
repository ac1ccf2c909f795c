import assert from "node:assert/strict";
import { readMidi } from "../../lib/midi/read.ts";
import type { MidiFile } from "../../lib/midi/types.ts";
import { chunk, file, hex, lines } from "./dumps.ts";

/** Reads bytes that need no repair. */
function readWhole(bytes: Uint8Array): MidiFile {
  const { midi, repairs } = readMidi(bytes);
  assert.deepEqual(repairs, {});
  return midi;
}

const END = "00 ff 2f 00";

Deno.test("readMidi: a whole file of format 0, byte by byte", () => {
  const midi = readWhole(hex(`
    "MThd" 00000006  # header of 6 bytes
    0000             # format 0
    0001             # one track
    0060             # 96 ticks a quarter
    "MTrk" 00000014  # track of 20 bytes
    00 ff 51 03 07a120  # 500,000 microseconds a quarter
    00 90 3c 50         # C4 on
    60 80 3c 40         # 96 ticks later: off
    81 48 ff 2f 00      # 200 ticks later: end
  `));
  assert.deepEqual(midi, {
    format: 0,
    division: { kind: "quarter", ticksPerQuarter: 96 },
    tracks: [{
      events: [
        { onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 500_000 },
        { onsetTicks: 0, type: "noteOn", channel: 0, pitch: 60, velocity: 80 },
        { onsetTicks: 96, type: "noteOff", channel: 0, pitch: 60, velocity: 64 },
        { onsetTicks: 296, type: "endOfTrack" },
      ],
    }],
  });
});

Deno.test("readMidi: every kind of event", () => {
  const midi = readWhole(file(`
    00 92 3c 50        # note on, channel 2
    00 82 3c 07        # note off
    00 a2 3c 11        # key pressure
    00 b2 40 7f        # pedal
    00 c2 49           # program
    00 d2 22           # channel pressure
    00 e2 00 40        # pitch bend, centre
    00 e2 00 00        # lowest
    00 e2 7f 7f        # highest
    00 ff 58 04 06 03 24 08  # 6/8
    00 ff 59 02 fd 01  # three flats, minor
    00 ff 59 02 07 00  # seven sharps, major
    00 ff 03 02 "Hi"   # track name
    00 ff 00 00        # a sequence number without a number, which midi-file refuses
    00 ff 54 05 e1 00 00 00 00  # SMPTE offset whose unused bit is set, which midi-file forgets
    00 f0 03 7e 09 f7  # system exclusive
    00 f7 01 f8        # escaped byte
    ${END}
  `));
  assert.deepEqual(lines(midi), [[
    "0 noteOn 2 60 80",
    "0 noteOff 2 60 7",
    "0 polyPressure 2 60 17",
    "0 controlChange 2 64 127",
    "0 programChange 2 73",
    "0 channelPressure 2 34",
    "0 pitchBend 2 0",
    "0 pitchBend 2 -8192",
    "0 pitchBend 2 8191",
    "0 timeSignature 6 8 36 8",
    "0 keySignature -3 true",
    "0 keySignature 7 false",
    "0 meta 3 4869",
    "0 meta 0 ",
    "0 meta 84 e100000000",
    "0 sysEx 240 7e09f7",
    "0 sysEx 247 f8",
    "0 endOfTrack",
  ]]);
});

Deno.test("readMidi: running status goes on through meta events", () => {
  const midi = readWhole(file(`00 90 3c 50 00 40 50 00 ff 01 01 "x" 60 3c 00 00 40 00 ${END}`));
  assert.deepEqual(lines(midi), [[
    "0 noteOn 0 60 80",
    "0 noteOn 0 64 80",
    "0 meta 1 78",
    "96 noteOff 0 60 0", // velocity 0 means off
    "96 noteOff 0 64 0",
    "96 endOfTrack",
  ]]);
});

Deno.test("readMidi: formats 1 and 2 keep their tracks apart", () => {
  for (const format of ["0001", "0002"]) {
    const midi = readWhole(hex(
      chunk("MThd", `${format} 0002 0060`) + chunk("MTrk", `00 c0 05 ${END}`) +
        chunk("MTrk", END),
    ));
    assert.equal(midi.format, Number(format));
    assert.deepEqual(lines(midi), [["0 programChange 0 5", "0 endOfTrack"], ["0 endOfTrack"]]);
  }
});

Deno.test("readMidi: SMPTE division", () => {
  const midi = readWhole(hex(chunk("MThd", "0000 0001 e728") + chunk("MTrk", END)));
  assert.deepEqual(midi.division, { kind: "smpte", framesPerSecond: 25, ticksPerFrame: 40 });
});

Deno.test("readMidi: RMID wrapper, with chunks before and after the MIDI data", () => {
  const inside = `"MThd" 00000006 0000 0001 0060 "MTrk" 00000007 00 c0 05 ${END}`;
  const midi = readWhole(hex(`
    "RIFF" 3b000000 "RMID"
    "LIST" 01000000 41 00   # odd length, padded
    "data" 1d000000 ${inside} 00
    "MTrk" 04000000 ${END}  # not MIDI data any more
  `));
  assert.deepEqual(lines(midi), [["0 programChange 0 5", "0 endOfTrack"]]);
});

Deno.test("readMidi: onsets add up beyond 28 bits", () => {
  const midi = readWhole(file(`ff ff ff 7f c0 05 ff ff ff 7f c0 06 ${END}`));
  assert.deepEqual(lines(midi), [[
    "268435455 programChange 0 5",
    "536870910 programChange 0 6",
    "536870910 endOfTrack",
  ]]);
});

Deno.test("readMidi: a name too long for the call stack", () => {
  const length = 200_000; // 8c 9a 40 as a variable-length number
  const bytes = file(`00 ff 01 8c9a40 ${"41".repeat(length)} ${END}`);
  const [text] = readWhole(bytes).tracks[0].events;
  assert.ok(text.type === "meta" && text.data.length === length && text.data[length - 1] === 0x41);
});

Deno.test("readMidi: the same events as mido in the oracle's cases", async () => {
  const golden: Record<string, string[][]> = JSON.parse(
    await Deno.readTextFile(new URL("testdata/mido_events.json", import.meta.url)),
  );
  const cases = new URL("../data/oracle/cases/", import.meta.url);
  for (const [name, tracks] of Object.entries(golden)) {
    const { midi } = readMidi(await Deno.readFile(new URL(`${name}.mid`, cases)), name);
    // mido leaves a track of no bytes empty; ours always has its end.
    const expected = tracks.map((track) => track.length > 0 ? track : ["0 endOfTrack"]);
    assert.deepEqual(lines(midi).map((track) => track.map(asMido)), expected, name);
  }
  assert.equal(Object.keys(golden).length, 56); // all but the one that mido refuses
});

/** mido names keys, as `Eb` or `F#m`, and has no status of system exclusive messages. */
function asMido(line: string): string {
  const [tick, type, ...values] = line.split(" ");
  if (type === "sysEx") return `${tick} sysEx f0 ${values[1]}`;
  if (type !== "keySignature") return line;
  const majors = "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split(" ");
  assert.equal(values[1], "false");
  return `${tick} keySignature ${majors[Number(values[0]) + 7]}`;
}

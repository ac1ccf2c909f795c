import assert from "node:assert/strict";
import fc from "fast-check";
import { MidiError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import type { MidiEvent, MidiFile } from "../../lib/midi/types.ts";
import { writeMidi } from "../../lib/midi/write.ts";
import { midiFiles } from "./arbitraries.ts";
import { hex } from "./dumps.ts";

const END: MidiEvent = { onsetTicks: 1000, type: "endOfTrack" };

function fileWith(...events: MidiEvent[]): MidiFile {
  return {
    format: 0,
    division: { kind: "quarter", ticksPerQuarter: 96 },
    tracks: [{ events: [...events, END] }],
  };
}

Deno.test("writeMidi: a file byte by byte, every event with its own status", () => {
  const bytes = writeMidi(fileWith(
    { onsetTicks: 0, type: "meta", metaType: 3, data: hex(`"Hi"`) },
    { onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 500_000 },
    { onsetTicks: 0, type: "keySignature", fifths: -3, minor: true },
    { onsetTicks: 0, type: "noteOn", channel: 1, pitch: 60, velocity: 80 },
    { onsetTicks: 0, type: "noteOn", channel: 1, pitch: 64, velocity: 80 },
    { onsetTicks: 96, type: "noteOff", channel: 1, pitch: 60, velocity: 0 },
    { onsetTicks: 300, type: "pitchBend", channel: 1, value: 0 },
    { onsetTicks: 300, type: "sysEx", status: 0xf0, data: hex("7e 09 f7") },
  ));
  assert.deepEqual(
    bytes,
    hex(`
      "MThd" 00000006 0000 0001 0060
      "MTrk" 0000002f
      00 ff 03 02 "Hi"
      00 ff 51 03 07a120
      00 ff 59 02 fd 01
      00 91 3c 50
      00 91 40 50
      60 81 3c 00
      81 4c e1 00 40     # 204 ticks
      00 f0 03 7e 09 f7
      85 3c ff 2f 00     # 700 ticks
    `),
  );
});

Deno.test("writeMidi: SMPTE division and several tracks", () => {
  const track = { events: [{ onsetTicks: 0, type: "endOfTrack" as const }] };
  const bytes = writeMidi({
    format: 1,
    division: { kind: "smpte", framesPerSecond: 25, ticksPerFrame: 40 },
    tracks: [track, track],
  });
  assert.deepEqual(
    bytes,
    hex(`
      "MThd" 00000006 0001 0002 e728
      "MTrk" 00000004 00 ff 2f 00
      "MTrk" 00000004 00 ff 2f 00
    `),
  );
});

Deno.test("readMidi(writeMidi(midi)) gives midi back, unrepaired", () => {
  fc.assert(fc.property(midiFiles, (midi) => {
    assert.deepEqual(readMidi(writeMidi(midi)), { midi, repairs: {} });
  }));
});

Deno.test("writeMidi: a track of 20,000 events survives", () => {
  const events = Array.from({ length: 20_000 }, (_, i): MidiEvent => ({
    onsetTicks: 200 * i,
    type: "noteOn",
    channel: 0,
    pitch: i % 128,
    velocity: 1 + i % 127,
  }));
  const midi = { ...fileWith(), tracks: [{ events: [...events, { ...END, onsetTicks: 4e6 }] }] };
  assert.deepEqual(readMidi(writeMidi(midi)).midi, midi);
});

const NOTE = { onsetTicks: 0, type: "noteOn", channel: 0, pitch: 60, velocity: 80 } as const;
const METER = {
  onsetTicks: 0,
  type: "timeSignature",
  numerator: 4,
  denominator: 4,
  clocksPerClick: 24,
  thirtySecondsPerQuarter: 8,
} as const;
const CONTROL = {
  onsetTicks: 0,
  type: "controlChange",
  channel: 0,
  controller: 7,
  value: 9,
} as const;
const data = new Uint8Array(0);

const REFUSED: [MidiEvent, RegExp][] = [
  [{ ...NOTE, pitch: 128 }, /noteOn pitch as a whole number from 0 to 127, found 128/],
  [{ ...NOTE, pitch: 60.5 }, /found 60.5/],
  [{ ...NOTE, velocity: 0 }, /noteOn velocity .* from 1 to 127, found 0/],
  [{ ...NOTE, channel: 16 }, /noteOn channel .* from 0 to 15, found 16/],
  [{ ...NOTE, onsetTicks: -1 }, /noteOn onsetTicks .* found -1/],
  [{ ...NOTE, onsetTicks: NaN }, /found NaN/],
  [{ ...NOTE, onsetTicks: 2 ** 28 }, /noteOn onsetTicks .* to 268435455, found 268435456/],
  [{ ...NOTE, type: "noteOff", velocity: 128 }, /noteOff velocity .* from 0 to 127/],
  [{ ...CONTROL, controller: 128 }, /controlChange controller/],
  [{ ...CONTROL, value: -1 }, /controlChange value/],
  [{ onsetTicks: 0, type: "polyPressure", channel: 0, pitch: 1, value: 128 }, /Pressure value/],
  [{ onsetTicks: 0, type: "channelPressure", channel: 0, value: 128 }, /channelPressure value/],
  [{ onsetTicks: 0, type: "programChange", channel: 0, program: 128 }, /program .* found 128/],
  [{ onsetTicks: 0, type: "pitchBend", channel: 0, value: 8192 }, /pitchBend value .* found 8192/],
  [{ onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 0 }, /from 1 to 16777215, found 0/],
  [{ onsetTicks: 0, type: "keySignature", fifths: 8, minor: false }, /fifths .* found 8/],
  [{ ...METER, numerator: 0 }, /numerator .* found 0/],
  [{ ...METER, denominator: 3 }, /log2 of denominator .* from 0 to 7, found 1\.58/],
  [{ ...METER, clocksPerClick: 256 }, /clocksPerClick/],
  [{ ...METER, thirtySecondsPerQuarter: 0 }, /thirtySecondsPerQuarter .* from 1/],
  [{ onsetTicks: 0, type: "meta", metaType: 128, data }, /metaType .* found 128/],
  [{ onsetTicks: 0, type: "meta", metaType: 0x51, data }, /meta type 81 has an event type/],
];

Deno.test("writeMidi refuses what cannot be written, and says what", () => {
  for (const [event, message] of REFUSED) {
    const refused = (error: unknown) => {
      assert.ok(error instanceof MidiError);
      assert.match(error.message, /^Cannot write a MIDI file: wanted |meta type/);
      assert.match(error.message, message);
      assert.equal(error.details.track, 0);
      return true;
    };
    assert.throws(() => writeMidi(fileWith(event)), refused, JSON.stringify(event));
  }
});

Deno.test("writeMidi refuses events out of order and tracks without their end", () => {
  const late = { ...NOTE, onsetTicks: 10 };
  assert.throws(() => writeMidi(fileWith(late, NOTE)), /from 10 to .*, found 0/);
  assert.throws(() => writeMidi(fileWith(END)), /one end of track after all events/);
  const whole = fileWith();
  assert.throws(() => writeMidi({ ...whole, tracks: [{ events: [NOTE] }] }), /one end of track/);
  assert.throws(() => writeMidi({ ...whole, tracks: [{ events: [] }] }), /one end of track/);
  assert.throws(() => writeMidi({ ...whole, tracks: [] }), /number of tracks .* 1 to 1, found 0/);
  const [track] = whole.tracks;
  assert.throws(() => writeMidi({ ...whole, tracks: [track, track] }), /from 1 to 1, found 2/);
});

Deno.test("writeMidi refuses impossible divisions", () => {
  const [low, high] = [0, 0x8000].map((ticksPerQuarter) =>
    ({ ...fileWith(), division: { kind: "quarter", ticksPerQuarter } }) as const
  );
  assert.throws(() => writeMidi(low), /ticksPerQuarter .* from 1 to 32767, found 0/);
  assert.throws(() => writeMidi(high), /found 32768/);
  const smpte = { kind: "smpte", framesPerSecond: 25, ticksPerFrame: 0 } as const;
  assert.throws(() => writeMidi({ ...fileWith(), division: smpte }), /ticksPerFrame .* found 0/);
});

import assert from "node:assert/strict";
import {
  distinctInstruments,
  instrumentOfName,
  instrumentOfProgram,
} from "../../lib/symbols/music21/instruments.ts";
import { compareToDouble } from "../../lib/symbols/music21/time.ts";

const named = (kind: "track" | "instrument", text: string) =>
  instrumentOfName(kind, new TextEncoder().encode(text));

Deno.test("compareToDouble() tells an exact time from the nearest double", () => {
  // R8.4 of the extraction rules: 8/3 as a double is below 8/3, 5/3 as a double is above 5/3.
  assert.ok(compareToDouble(8 * 32, 8 / 3) > 0);
  assert.ok(compareToDouble(5 * 32, 5 / 3) < 0);
  assert.equal(compareToDouble(3 * 24, 3 / 4), 0);
  assert.ok(compareToDouble(0, 1 / 96) < 0);
  assert.ok(compareToDouble(96, 0.5) > 0);
});

Deno.test("instrumentOfProgram() knows the classes of music21", () => {
  assert.deepEqual(instrumentOfProgram(0, false), {
    className: "Piano",
    instrumentName: "Piano",
  });
  assert.deepEqual(instrumentOfProgram(65, false), {
    className: "AltoSaxophone",
    instrumentName: "Alto Saxophone",
  });
  assert.deepEqual(instrumentOfProgram(0, true), {
    className: "UnpitchedPercussion",
    instrumentName: "Percussion",
  });
});

Deno.test("instrumentOfName() finds the most specific instrument in a name", () => {
  // By instrument.fromString() of music21 10.5.0.
  const classes: Record<string, string> = {
    "Violin 1": "Violin",
    "alto sax.": "Saxophone",
    "Electric Piano Bass": "ElectricPiano",
    "Tenor Drum": "TenorDrum",
    "Electric Guitar": "ElectricGuitar",
    "Bass Clarinet in B": "BassClarinet",
    "Klavier": "Piano",
    "guitar violin": "AcousticGuitar",
    "mezzosoprano soprano": "MezzoSoprano",
    "Violin.1": "Violin",
    "Right Hand": "Instrument",
  };
  for (const [text, className] of Object.entries(classes)) {
    assert.equal(named("track", text).className, className, text);
  }
});

Deno.test("instrumentOfName() keeps the name unless it says nothing", () => {
  assert.deepEqual(named("track", " Violin 1\0junk"), {
    className: "Violin",
    instrumentName: "Violin 1",
    partName: "Violin 1",
  });
  assert.deepEqual(named("instrument", "Left"), {
    className: "Instrument",
    instrumentName: "Left",
  });
  for (const text of ["", "Instrument", "inst", "Instrument 3", "Inst 12", "7"]) {
    assert.deepEqual(named("track", text), { className: "Instrument" }, text);
  }
  assert.deepEqual(instrumentOfName("track", Uint8Array.of(0xff, 0x41)), {
    className: "Instrument",
  });
});

Deno.test("distinctInstruments() keeps one of a kind, known ones, or all with different names", () => {
  const piano = { instrument: instrumentOfProgram(0, false) };
  const violin = { instrument: instrumentOfProgram(40, false) };
  const left = { instrument: named("track", "Left") };
  const silent = { instrument: named("track", "") };
  assert.deepEqual(distinctInstruments([]), []);
  assert.deepEqual(distinctInstruments([left]), [left]);
  assert.deepEqual(distinctInstruments([piano, piano]), [piano]);
  assert.deepEqual(distinctInstruments([piano, violin]), [piano, violin]);
  assert.deepEqual(distinctInstruments([silent, piano, left]), [piano]);
  assert.deepEqual(distinctInstruments([silent, left]), [silent]);
  const right = { instrument: named("track", "Right") };
  assert.deepEqual(distinctInstruments([left, right]), [left, right]);
});

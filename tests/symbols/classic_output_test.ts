import assert from "node:assert/strict";
import { CorpusError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import { writeMidi } from "../../lib/midi/write.ts";
import { classicMidi } from "../../lib/symbols/classic_output.ts";
import { pitchName } from "../../lib/symbols/pitch_name.ts";
import pitchNames from "../data/oracle/pitch_names.json" with { type: "json" };
import oracle from "../data/oracle/output.json" with { type: "json" };

for (const [name, { symbols, hex, ...rest }] of Object.entries(oracle.cases)) {
  if ("step" in rest) continue; // the seed writes one symbol a quarter, never closer
  Deno.test(`classicMidi() writes music21's bytes for ${name}`, () => {
    assert.equal(writeMidi(classicMidi(symbols)).toHex(), hex);
  });
}

Deno.test("classicMidi() gives names the pitches that music21 gives them", () => {
  for (const { midi, rereadMidi } of pitchNames.names) {
    if (rereadMidi === null) assert.throws(() => classicMidi([pitchName(midi)]), CorpusError);
    else {
      const notes = classicMidi([pitchName(midi)]).tracks[1].events
        .filter((event) => event.type === "noteOn");
      assert.deepEqual(notes.map(({ pitch }) => pitch), [rereadMidi]);
    }
  }
});

Deno.test("classicMidi() refuses what music21 refuses, and what is no MIDI key", () => {
  const refused = Object.values(oracle.errors).flatMap(({ symbols }) => symbols);
  assert.deepEqual(refused, ["C#-1", "H4", ""]);
  for (
    const symbol of [
      ...refused,
      "G#9",
      "C#####4",
      "C-----4",
      "12",
      "0..4",
      "0.4.",
      "drum:36",
      "C4 ",
      "#",
    ]
  ) {
    assert.throws(
      () => classicMidi(["C4", symbol]),
      (error) =>
        error instanceof CorpusError && error.message.includes(`found "${symbol}"`) &&
        error.details.hint !== undefined,
      symbol,
    );
  }
});

Deno.test("classicMidi() gives a file that reads back without repair", () => {
  const midi = classicMidi(["C4", "0.4.7", "E-5"]);
  assert.deepEqual(readMidi(writeMidi(midi)), { midi, repairs: {} });
});

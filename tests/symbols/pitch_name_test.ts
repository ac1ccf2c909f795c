import assert from "node:assert/strict";
import { pitchName } from "../../lib/symbols/pitch_name.ts";
import table from "../data/oracle/pitch_names.json" with { type: "json" };

Deno.test("pitchName() gives music21's name for all 128 pitches", () => {
  assert.equal(table.names.length, 128);
  assert.deepEqual(
    table.names.map(({ midi }) => pitchName(midi)),
    table.names.map(({ str }) => str),
  );
});

Deno.test("pitchName() refuses what is not a pitch", () => {
  for (const pitch of [-1, 128, 60.5, NaN]) {
    assert.throws(() => pitchName(pitch), { name: "RangeError", message: /from 0 to 127/ });
  }
});

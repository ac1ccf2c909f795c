import assert from "node:assert/strict";
import fc from "fast-check";
import { chordSymbol } from "../../lib/symbols/normal_order.ts";
import { pitchName } from "../../lib/symbols/pitch_name.ts";
import { pitchClassesOf, pitchOf, transposeSymbol } from "../../lib/symbols/transpose.ts";

/** Below 35 two pairs of pitches share a name: 4 and 27, 11 and 34. */
const AMBIGUOUS = new Set([4, 11]);
const pitches = fc.integer({ min: 0, max: 127 }).filter((pitch) => !AMBIGUOUS.has(pitch));
const semitones = fc.integer({ min: -24, max: 24 });

Deno.test("transpose: examples by hand", () => {
  assert.equal(transposeSymbol("C4", 1), "C#4");
  assert.equal(transposeSymbol("B4", 1), "C5");
  assert.equal(transposeSymbol("C4", -1), "B3");
  assert.equal(transposeSymbol("0.4.7", 2), "2.6.9");
  assert.equal(transposeSymbol("0.4.7", -1), "11.3.6");
  // C E G# is the same chord a third higher: normal order starts on the lowest pitch class.
  assert.equal(transposeSymbol("0.4.8", 4), "0.4.8");
  assert.equal(transposeSymbol("7", 6), "1");
  assert.equal(transposeSymbol("drum:36.42", 5), "drum:36.42");
  assert.equal(transposeSymbol("G9", 1), undefined);
  assert.equal(transposeSymbol("C-1", -1), undefined);
});

Deno.test("transpose: pitchOf and pitchClassesOf tell notes, chords and drums apart", () => {
  assert.deepEqual([pitchOf("C4"), pitchOf("E-5"), pitchOf("E-1")], [60, 75, 27]);
  assert.deepEqual([pitchOf("0.4.7"), pitchOf("7"), pitchOf("drum:36")], [
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(pitchClassesOf("11.2.5"), [11, 2, 5]);
  assert.deepEqual(pitchClassesOf("7"), [7]);
  assert.deepEqual([pitchClassesOf("C4"), pitchClassesOf("drum:36")], [undefined, undefined]);
});

Deno.test("transpose: a note moves as its pitch", () => {
  fc.assert(fc.property(pitches, semitones, (pitch, shift) => {
    const wanted = pitch + shift;
    const found = transposeSymbol(pitchName(pitch), shift);
    assert.equal(found, wanted < 0 || wanted > 127 ? undefined : pitchName(wanted));
  }));
});

Deno.test("transpose: a chord moves as its notes, and back", () => {
  const chords = fc.uniqueArray(fc.integer({ min: 30, max: 90 }), { minLength: 2, maxLength: 8 });
  fc.assert(fc.property(chords, semitones, (notes, shift) => {
    const symbol = chordSymbol(notes);
    const up = transposeSymbol(symbol, shift);
    assert.equal(up, chordSymbol(notes.map((pitch) => pitch + shift)));
    assert.equal(transposeSymbol(up!, -shift), symbol);
  }));
});

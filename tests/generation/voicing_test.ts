import assert from "node:assert/strict";
import fc from "fast-check";
import { VoicingBank } from "../../lib/generation/voicing.ts";
import { createPrng } from "../../lib/random.ts";
import { encode, eventSymbol } from "../../lib/symbols/events.ts";
import { part, piece } from "../evaluation/music.ts";
import { randomSequence } from "../dataset/pieces.ts";

/** One chord after another, a quarter each. */
const chords = (...all: number[][]) =>
  encode(piece([part(all.flatMap((pitches, i) => pitches.map((p) => [p, i, 1] as const)))]));

Deno.test("voicing: a chord is laid out as in training, in any key, near the hand", () => {
  const bank = new VoicingBank([chords([48, 55, 64])]);
  assert.deepEqual(bank.pitches("0.4.7", 0, 48), [48, 55, 64]);
  assert.deepEqual(bank.pitches("2.6.9", 0, 48), [50, 57, 66]);
  assert.deepEqual(bank.pitches("2.6.9", 0, 63), [62, 69, 78]);
  assert.deepEqual(bank.pitches("11.3.6", 0, 48), [47, 54, 63]);
  // Another role that never played it learns from this one.
  assert.deepEqual(bank.pitches("0.4.7", 3, 60), [60, 67, 76]);
});

Deno.test("voicing: inversions are kept, the more usual one wins nearby, the nearer one far off", () => {
  // Three times E G C, once C E G.
  const seen = [[52, 55, 60], [64, 67, 72], [52, 55, 60], [60, 64, 67]];
  const bank = new VoicingBank([chords(...seen)]);
  // E4 is 4 away from C4: ln 3 − 4 · 0.15 = 0.5, against ln 1 for the chord on C4.
  assert.deepEqual(bank.pitches("0.4.7", 0, 60), [64, 67, 72]);
  // From C5, with none higher than 80, it is 8 away: ln 3 − 8 · 0.15 = −0.1.
  assert.deepEqual(bank.pitches("0.4.7", 0, 72, [0, 80]), [72, 76, 79]);
});

Deno.test("voicing: what was never heard is stacked up close", () => {
  const bank = new VoicingBank([]);
  assert.deepEqual(bank.pitches("0.4.7", 0, 60), [60, 64, 67]);
  assert.deepEqual(bank.pitches("11.2.5", 0, 60), [59, 62, 65]);
  assert.deepEqual(bank.pitches("0.4.7", 0, 127), [120, 124, 127]);
});

Deno.test("voicing: limits hold, or there is no way", () => {
  const bank = new VoicingBank([chords([48, 55, 64])]);
  assert.deepEqual(bank.pitches("0.4.7", 0, 48, [60, 80]), [60, 67, 76]);
  // The seen voicing spans 16: in less room the chord is closed up, in whatever inversion fits.
  assert.deepEqual(bank.pitches("0.4.7", 0, 48, [60, 70]), [60, 64, 67]);
  assert.deepEqual(bank.pitches("0.4.7", 0, 48, [52, 60]), [52, 55, 60]);
  assert.equal(bank.pitches("0.4.7", 0, 48, [60, 66]), undefined);
  assert.deepEqual(bank.pitches("C4", 0, 0, [60, 60]), [60]);
  assert.equal(bank.pitches("C4", 0, 60, [61, 70]), undefined);
  assert.deepEqual(bank.pitches("drum:36.42", 0, 60, [60, 62]), [36, 42]);
});

Deno.test("voicing: the notes are those of the symbol, ascending and within limits", () => {
  const corpus = Array.from(
    { length: 6 },
    (_, i) => randomSequence(createPrng(i), { parts: 2, drums: true, onsets: 30, chords: 0.7 }),
  );
  const bank = new VoicingBank(corpus);
  const known = corpus.flatMap(({ events, parts }) =>
    events.map(({ symbol, part }) => ({ symbol, drums: parts[part].drums, part }))
  );
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 127 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 60 }),
      (pick, near, low, room) => {
        const { symbol, drums, part } = known[pick % known.length];
        const pitches = bank.pitches(symbol, part, near, [low, low + room]);
        const chord = /^\d/.test(symbol);
        if (pitches === undefined) return assert.ok(!drums && (!chord || room < 24));
        assert.equal(eventSymbol(pitches, drums), symbol);
        assert.deepEqual(pitches.toSorted((a, b) => a - b), pitches);
        assert.ok(drums || (pitches[0] >= low && pitches.at(-1)! <= low + room));
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});

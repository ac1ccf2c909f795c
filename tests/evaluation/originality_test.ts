import assert from "node:assert/strict";
import fc from "fast-check";
import { topLines } from "../../lib/evaluation/lines.ts";
import {
  indexOriginality,
  longestRunWithOthers,
  originality,
  originalityReference,
} from "../../lib/evaluation/originality.ts";
import type { Grid } from "../../lib/score/types.ts";
import { encode } from "../../lib/symbols/events.ts";
import { melody, part, piece } from "./music.ts";

type Tune = readonly (readonly [number, number])[];

/** Twelve notes, three bars of 4/4, all figures of which differ. */
const TUNE: Tune = [60, 62, 64, 67, 65, 69, 72, 71, 74, 60, 59, 64].map((pitch) => [pitch, 1]);
const moved = (tune: Tune, semitones: number): Tune =>
  tune.map(([pitch, duration]) => [pitch + semitones, duration]);
/** Notes that make no figure that is in TUNE. */
const OTHER: Tune = [[40, 0.5], [90, 0.25], [33, 0.75], [100, 0.5]];

Deno.test("a transposed copy is found with its length and its places", () => {
  const index = indexOriginality([
    melody(OTHER, "other.mid"),
    melody([...OTHER, [50, 2], ...TUNE], "tune.mid"),
  ]);
  const copy = melody([[100, 4], ...moved(TUNE.slice(2, 9), 5), [20, 4]]);
  const { longestRun } = originality(index, copy);
  // Notes 3–9 of the tune: in "tune.mid" after 4 quarters and 2 notes, so from the second bar; here
  // after a bar. From the first to the last of them it is six quarters.
  assert.deepEqual(longestRun, { notes: 7, bars: 1.5, ownBar: 2, source: "tune.mid", bar: 2 });
});

Deno.test("shares are of figures of 4, 8 and 16 notes in a row", () => {
  const index = indexOriginality([melody(TUNE)]);
  // 8 notes of the tune and 4 others: 5 figures of 4 notes out of 9, 1 of 8 out of 5, none of 16.
  const found = originality(index, melody([...TUNE.slice(0, 8), ...OTHER]));
  assert.equal(found.shareOf4, 5 / 9);
  assert.equal(found.shareOf8, 1 / 5);
  assert.equal(found.shareOf16, NaN);
});

Deno.test("another rhythm is another figure", () => {
  const index = indexOriginality([melody(TUNE)]);
  const slower = originality(index, melody(TUNE.map(([pitch]) => [pitch, 2])));
  assert.equal(slower.longestRun.notes, 0);
  assert.equal(slower.shareOf4, 0);
});

Deno.test("a line is found whatever sounds below and beside it", () => {
  const index = indexOriginality([melody(TUNE, "tune.mid")]);
  const top = TUNE.map(([pitch], i) => [pitch, i, 1] as const);
  const chords = TUNE.flatMap(([pitch], i) => [[pitch - 7, i, 1], [pitch - 12, i, 2]] as const);
  const beside = part([[30, 0, 5], [31, 1.5, 5], [29, 7, 5]]);
  const found = originality(index, encode(piece([beside, part([...top, ...chords])])));
  assert.equal(found.longestRun.notes, TUNE.length);
});

Deno.test("runs do not go on from one piece or part to the next", () => {
  const index = indexOriginality([melody(TUNE.slice(0, 6)), melody(TUNE.slice(6))]);
  assert.equal(originality(index, melody(TUNE)).longestRun.notes, 6);
});

Deno.test("drums are not looked at", () => {
  const index = indexOriginality([melody(TUNE, "", true)]);
  assert.equal(originality(index, melody(TUNE)).longestRun.notes, 0);
  assert.equal(originality(index, melody(TUNE, "", true)).shareOf4, NaN);
});

Deno.test("bars are counted in the meters of the piece", () => {
  const sequence = {
    ...melody(TUNE, "tune.mid"),
    // Two bars of 3/8, then 2/4 from the third quarter: the fifth note opens bar 4.
    meters: [
      { onset: 0 as Grid, numerator: 3, denominator: 8 },
      { onset: 3 * 48 as Grid, numerator: 2, denominator: 4 },
    ],
  };
  const { longestRun } = originality(indexOriginality([sequence]), melody(TUNE.slice(5)));
  assert.deepEqual(longestRun, { notes: 7, bars: 1.5, ownBar: 1, source: "tune.mid", bar: 4 });
});

Deno.test("the longest run equals that of a search of all pairs of places", () => {
  // Few pitches and durations, so that runs of all lengths occur.
  const tune = fc.array(
    fc.tuple(fc.constantFrom(60, 61, 63), fc.constantFrom(1, 2)),
    { minLength: 1, maxLength: 40 },
  );
  const moves = (notes: Tune) =>
    notes.slice(1).map(([pitch], i) => `${pitch - notes[i][0]}/${notes[i][1]}`);
  fc.assert(
    fc.property(fc.array(tune, { minLength: 1, maxLength: 4 }), tune, (training, own) => {
      let longest = 0;
      for (const other of training.map(moves)) {
        for (let i = 0; i < moves(own).length; i++) {
          for (let j = 0; j < other.length; j++) {
            let n = 0;
            while (i + n < own.length - 1 && other[j + n] === moves(own)[i + n]) n++;
            longest = Math.max(longest, n === 0 ? 0 : n + 1);
          }
        }
      }
      const index = indexOriginality(training.map((notes) => melody(notes)));
      assert.equal(originality(index, melody(own)).longestRun.notes, longest);
    }),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("the reference says how much human pieces share with the training", () => {
  const index = indexOriginality([melody(TUNE)]);
  const heldOut = [2, 4, 6, 12].map((notes) => melody(TUNE.slice(0, notes)));
  const reference = originalityReference(index, heldOut);
  assert.equal(reference.pieces, 4);
  // 95 % of the way from the first to the last of 2, 4, 6, 12 is 0.85 of the way from 6 to 12.
  assert.equal(reference.longestRunNotes.mean, 6);
  assert.ok(Math.abs(reference.longestRunNotes.percentile95 - 11.1) < 1e-9);
  assert.equal(reference.longestRunNotes.maximum, 12);
  assert.deepEqual(reference.shareOf4, { mean: 1, percentile95: 1, maximum: 1 });
});

Deno.test("the top line has the highest new note of each onset", () => {
  const music = piece([
    part([[60, 0, 4], [72, 0, 1], [50, 1, 1], [53, 1, 1], [55, 1, 2], [40, 2, 1], [43, 2, 1]]),
  ]);
  const line = topLines(encode(music))[0].map(({ pitch, onset }) => [pitch, onset]);
  assert.deepEqual(line, [[72, 0], [55, 48], [43, 96]]);
});

Deno.test("what a training piece shares with the others does not count itself", () => {
  const other = [[55, 3], [57, 0.5], [51, 2], [60, 0.25]] as const;
  const index = indexOriginality([
    melody(TUNE),
    melody([...other, ...TUNE.slice(2, 7)]),
    melody([[60, 1], [99, 5]]),
  ]);
  assert.deepEqual([0, 1, 2].map((piece) => longestRunWithOthers(index, piece)), [5, 5, 0]);
});

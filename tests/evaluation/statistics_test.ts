import assert from "node:assert/strict";
import { mean, percentile } from "../../lib/evaluation/percentile.ts";
import {
  compareStatistics,
  METRICS,
  type Statistics,
  statistics,
} from "../../lib/evaluation/statistics.ts";
import { readMidi } from "../../lib/midi/read.ts";
import { quantize } from "../../lib/score/quantize.ts";
import { toPiece } from "../../lib/score/to_piece.ts";
import type { Grid, Piece } from "../../lib/score/types.ts";
import golden from "./golden/muspy_golden.json" with { type: "json" };
import { part, piece } from "./music.ts";

/** Values by MusPy; null stands for NaN. */
type Expected = Readonly<Record<string, number | null>>;

function assertEqualsMusPy(found: Statistics, expected: Expected, name: string): void {
  assert.deepEqual(Object.keys(found), METRICS);
  assert.deepEqual(Object.keys(expected).sort(), [...METRICS].sort());
  for (const [metric, value] of Object.entries(found)) {
    const wanted = expected[metric] ?? NaN;
    assert.ok(
      Object.is(value, wanted) || Math.abs(value - wanted) < 1e-9,
      `${name}: wanted ${metric} ${wanted}, found ${value}`,
    );
  }
}

Deno.test("the metrics of made pieces equal MusPy's", () => {
  for (const [index, made] of golden.made.entries()) {
    const music: Piece = {
      source: "",
      parts: made.tracks.map(({ drums, notes }) => ({
        name: "",
        program: 0,
        drums,
        notes: notes.map(([pitch, velocity, onset, duration]) => ({
          pitch,
          velocity,
          onset: onset as Grid,
          duration: duration as Grid,
        })),
      })),
      tempos: [],
      meters: [{ onset: 0 as Grid, numerator: made.meter[0], denominator: made.meter[1] }],
      keys: [{ onset: 0 as Grid, fifths: made.fifths, minor: made.minor }],
    };
    assertEqualsMusPy(statistics(music), made.metrics, `piece ${index}`);
  }
});

Deno.test("the metrics of MIDI files equal MusPy's", () => {
  for (const { file, metrics } of golden.files) {
    const bytes = Deno.readFileSync(new URL(`../data/oracle/cases/${file}`, import.meta.url));
    const music = quantize(toPiece(readMidi(bytes, file).midi, file)).piece;
    assertEqualsMusPy(statistics(music), metrics, file);
  }
});

Deno.test("a piece of drums only has no pitch range, where MusPy says -127", () => {
  const found = statistics(piece([part([[36, 0, 1], [38, 1, 1]], true)]));
  assert.equal(found.pitchRange, 0);
  assert.equal(found.pitchEntropy, NaN);
  assert.equal(found.drumPatternConsistency, 1);
});

Deno.test("output is typical where its mean lies between the training's percentiles", () => {
  const chord = (size: number) =>
    statistics(piece([part(Array.from({ length: size }, (_, i) => [60 + i, 0, 4] as const))]));
  const training = [1, 2, 3, 4, 5].map(chord);
  const { polyphony } = compareStatistics([chord(4), chord(5)], training);
  // 10 % of the way from the first to the last of 1 … 5 is 1.4, 90 % is 4.6.
  assert.deepEqual(polyphony, {
    mean: 4.5,
    training10: 1.4,
    trainingMean: 3,
    training90: 4.6,
    typical: true,
  });
  assert.equal(compareStatistics([chord(5)], training).polyphony?.typical, false);
});

Deno.test("pieces without a metric do not count in its mean, and nobody's metric is left out", () => {
  const drums = statistics(piece([part([[36, 0, 1]], true)]));
  const notes = statistics(piece([part([[60, 0, 1], [64, 0, 1]])]));
  const comparison = compareStatistics([drums, notes], [notes]);
  assert.equal(comparison.polyphony?.mean, 2);
  assert.equal(comparison.drumPatternConsistency, undefined);
});

Deno.test("percentiles are interpolated as numpy does", () => {
  assert.equal(percentile([4, 1, 3, 2], 50), 2.5);
  assert.equal(percentile([7], 95), 7);
  assert.equal(percentile([0, 10], 95), 9.5);
  assert.equal(percentile([], 50), NaN);
  assert.equal(mean([1, 2, 6]), 3);
});

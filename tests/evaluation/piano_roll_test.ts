import assert from "node:assert/strict";
import { barsUntil } from "../../lib/evaluation/bars.ts";
import { pianoRollSvg } from "../../lib/evaluation/piano_roll.ts";
import type { Grid, Piece } from "../../lib/score/types.ts";
import { part, piece } from "./music.ts";

/** The boxes of the notes: x, y, width and opacity. */
function boxes(svg: string): number[][] {
  const box = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="4" opacity="([\d.]+)" /g;
  return [...svg.matchAll(box)].map((match) => match.slice(1).map(Number));
}

Deno.test("notes stand where they sound: 24 pixels a quarter, 4 a semitone", () => {
  const svg = pianoRollSvg(piece([part([[60, 0, 1], [62, 1, 0.5]])]));
  // Velocity 80 is 1/4 + 3/4 · 80/127 opaque. The top row of pixels is for pitch 63.
  assert.deepEqual(boxes(svg), [[32, 52, 23.5, 0.72], [56, 44, 11.5, 0.72]]);
});

Deno.test("louder notes are darker", () => {
  const velocities = [127, 1].map((velocity, i) => ({
    pitch: 60,
    velocity,
    onset: i * 48 as Grid,
    duration: 48 as Grid,
  }));
  const svg = pianoRollSvg(piece([{ ...part([]), notes: velocities }]));
  assert.deepEqual(boxes(svg).map(([, , , opacity]) => opacity), [1, 0.26]);
});

Deno.test("a note over the end of a row goes on in the next, under the same number", () => {
  const svg = pianoRollSvg(piece([part([[60, 46, 4]])]));
  assert.deepEqual([...svg.matchAll(/data-note="(\d+)"/g)].map((match) => match[1]), ["0", "0"]);
  // A row is 12 bars of 4/4; three pitches of 4 pixels and 20 for the numbers lie between rows.
  assert.deepEqual(boxes(svg).map(([x, y, width]) => [x, y, width]), [
    [32 + 46 * 24, 44, 47.5],
    [32, 76, 47.5],
  ]);
});

Deno.test("names are escaped and parts have colours of their own, drums grey", () => {
  const named = { ...part([[60, 0, 1]]), name: `<a & "b">` };
  const svg = pianoRollSvg(piece([named, part([[62, 0, 1]]), part([[36, 0, 1]], true)], "a<b.mid"));
  assert.ok(svg.includes(`<tspan fill="#0072b2" dx="12">&lt;a &amp; "b"&gt;</tspan>`), svg);
  assert.ok(svg.includes(`>a&lt;b.mid</tspan>`), svg);
  assert.deepEqual(
    [...svg.matchAll(/<g fill="(#\w+)">/g)].map((match) => match[1]),
    ["#0072b2", "#d55e00", "#777777"],
  );
});

Deno.test("an empty piece is an empty picture", () => {
  const svg = pianoRollSvg(piece([]));
  assert.deepEqual(boxes(svg), []);
  assert.match(svg, /^<svg [^>]+>[\s\S]*<\/svg>\n$/);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

Deno.test("bars follow the meters; one that a new meter cuts short counts", () => {
  const meters: Piece["meters"] = [
    { onset: 0 as Grid, numerator: 3, denominator: 4 },
    { onset: 4 * 48 as Grid, numerator: 6, denominator: 8 },
  ];
  assert.deepEqual(barsUntil(meters, 8 * 48).map(({ number, start }) => [number, start / 48]), [
    [1, 0],
    [2, 3],
    [3, 4],
    [4, 7],
  ]);
});

import assert from "node:assert/strict";
import { packMusic, unpackMusic } from "../../lib/model/music.ts";
import { createPrng } from "../../lib/random.ts";
import type { Grid } from "../../lib/score/types.ts";
import { randomSequence } from "../dataset/pieces.ts";
import { melody } from "../evaluation/music.ts";

Deno.test("packed music: through JSON and numbers and back it is the same", () => {
  const meters = [{ onset: 0 as Grid, numerator: 6, denominator: 8 }];
  const sequences = [
    ...Array.from(
      { length: 8 },
      (_, i) =>
        randomSequence(createPrng(i), {
          parts: 1 + i % 3,
          drums: i > 3,
          meters,
          source: `piece ${i}`,
        }),
    ),
    melody([]),
    { ...melody([[60, 1]]), tempos: [{ onset: 0 as Grid, microsecondsPerQuarter: 400_000 }] },
  ];
  const { heads, events } = packMusic(sequences);
  assert.ok(heads.every((head) => !("events" in head)));
  assert.deepEqual(unpackMusic({ heads: JSON.parse(JSON.stringify(heads)), events }), sequences);
});

Deno.test("packed music: the numbers by hand", () => {
  const { events } = packMusic([melody([[60, 1], [62, 0.5]]), melody([[48, 2]])]);
  const wanted = [2, 0, 48, 48, 1, 60, 80, 0, 24, 24, 1, 62, 80, 1, 0, 96, 96, 1, 48, 80];
  assert.deepEqual([...events], wanted);
});

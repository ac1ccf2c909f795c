import assert from "node:assert/strict";
import { ngramYardstick } from "../../lib/evaluation/ngram_events.ts";
import { encode } from "../../lib/symbols/events.ts";
import { melody, part, piece } from "./music.ts";

const TUNE = [60, 62, 64, 65, 67, 64, 60, 67, 65, 64, 62, 60].map((pitch) => [pitch, 1] as const);
const up = (semitones: number) =>
  TUNE.map(([pitch, duration]) => [pitch + semitones, duration] as const);

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `wanted ${expected}, found ${actual}`);

Deno.test("one note, foretold by itself, costs what the formulas say", () => {
  // With one count everywhere the discount is 1/2. Symbol: the note and the end share the first
  // level with one unseen outcome, 1/4 + 1/2 · 1/3 = 5/12, then the start: 1/2 + 1/2 · 5/12. The
  // others: one outcome and one unseen, 1/2 at first; each feature halves what is missing to 1.
  const { plain } = ngramYardstick([melody([[60, 1]])], [melody([[60, 1]])]);
  close(plain.perHead.symbol, -Math.log(17 / 24));
  close(plain.perHead.duration, -Math.log(15 / 16));
  close(plain.perHead.step, -Math.log(31 / 32));
  close(plain.perHead.velocity, -Math.log(15 / 16));
  close(plain.pitchAndDuration, -Math.log(17 / 24) - Math.log(15 / 16));
  close(plain.perEvent, -Math.log(17 / 24) - 2 * Math.log(15 / 16) - Math.log(31 / 32));
});

Deno.test("a tune in another key is known to the n-gram of all keys only", () => {
  const { plain, transposed } = ngramYardstick([melody(TUNE)], [melody(up(5))]);
  assert.ok(plain.perHead.symbol > 2, `${plain.perHead.symbol}`);
  assert.ok(transposed.perHead.symbol < 1, `${transposed.perHead.symbol}`);
});

Deno.test("keys that leave the range of MIDI are left out", () => {
  // A tune up to 127 can go down only: 4 semitones up from there is a key nobody has seen.
  const highest = 127 - 67;
  const { transposed } = ngramYardstick([melody(up(highest - 4))], [melody(up(highest))]);
  assert.ok(transposed.perHead.symbol < 1, `${transposed.perHead.symbol}`);
  const above = ngramYardstick([melody(up(highest))], [melody(up(highest - 6))]);
  assert.ok(above.transposed.perHead.symbol < 1, `${above.transposed.perHead.symbol}`);
  const below = ngramYardstick([melody(up(-60))], [melody(up(-55))]);
  assert.ok(below.transposed.perHead.symbol < 1, `${below.transposed.perHead.symbol}`);
});

Deno.test("drums are not transposed, the parts beside them are", () => {
  const beat = TUNE.map((_, i) => [i % 2 === 0 ? 36 : 42, i, 1] as const);
  const band = (shift: number) => {
    const tune = up(shift).map(([pitch], i) => [pitch, i, 1] as const);
    return encode(piece([part(tune), part(beat, true)]));
  };
  const { transposed } = ngramYardstick([band(0)], [band(5)]);
  assert.ok(transposed.perHead.symbol < 0.6, `${transposed.perHead.symbol}`);
  const drums = ngramYardstick(
    [encode(piece([part(beat, true)]))],
    [encode(piece([part(beat.map(([pitch, ...time]) => [pitch + 1, ...time]), true)]))],
  );
  assert.deepEqual(drums.plain, drums.transposed);
});

Deno.test("what training never showed has a finite price", () => {
  const { plain } = ngramYardstick([melody(TUNE)], [melody([[20, 7], [30, 1 / 3]])]);
  assert.ok(Number.isFinite(plain.perEvent) && plain.perEvent > 4, `${plain.perEvent}`);
});

Deno.test("no events is an error that says where", () => {
  const message = /wanted events, found none in heldOut/;
  assert.throws(() => ngramYardstick([melody(TUNE)], [melody([])]), { message });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { createPrng } from "../../lib/random.ts";
import { quantize } from "../../lib/score/quantize.ts";
import type { Note, RawPiece, Ticks } from "../../lib/score/types.ts";
import { pieces, rawPiece, short, type ShortNote } from "./pieces.ts";

/** Onsets, in grid units, of a piece of one part. */
function onsets(raw: RawPiece): number[] {
  return quantize(raw).piece.parts[0].notes.map((note) => note.onset);
}

/** Durations, in grid units, of a piece of one part. */
function durations(raw: RawPiece): number[] {
  return quantize(raw).piece.parts[0].notes.map((note) => note.duration);
}

/** Notes at these onsets, all different in pitch, of one quarter. */
function at(ticksPerQuarter: number, ...ticks: number[]): RawPiece {
  const notes = ticks.map((onset, i): ShortNote => [onset, ticksPerQuarter, 30 + i % 90]);
  return rawPiece(ticksPerQuarter, ...notes);
}

Deno.test("quantize: what is on the grid of 1/48 quarters stays, in any resolution", () => {
  fc.assert(fc.property(pieces, fc.constantFrom(1, 2, 10, 210), (piece, scale) => {
    const toTicks = <T extends { onset: number }>(some: readonly T[]) =>
      some.map((change) => ({ ...change, onset: change.onset * scale as Ticks }));
    const raw: RawPiece = {
      ...piece,
      ticksPerQuarter: 48 * scale,
      repairs: {},
      parts: piece.parts.map((part) => ({
        ...part,
        notes: toTicks(part.notes).map((note): Note<Ticks> => (
          { ...note, duration: note.duration * scale as Ticks }
        )),
      })),
      tempos: toTicks(piece.tempos),
      meters: toTicks(piece.meters),
      keys: toTicks(piece.keys),
    };
    const quantized = quantize(raw);
    assert.deepEqual(quantized.piece, piece);
    assert.equal(quantized.maxOnsetError, 0);
  }));
});

Deno.test("quantize: the grid that on-grid music needs", () => {
  const used = (...ticks: number[]) => quantize(at(480, ...ticks)).gridPerQuarterUsed;
  assert.equal(used(0, 120, 160, 240, 320, 360, 480), 4); // sixteenths, eighth triplets
  assert.equal(used(0, 60, 80, 180, 400), 8); // 32nds, sixteenth triplets
  assert.equal(used(0, 30, 40, 90, 280), 16); // 64ths, 32nd triplets
  assert.equal(used(0, 10, 120), 48);
});

Deno.test("quantize: resolutions that do not divide by 48 are rounded back", () => {
  // 1024 a quarter: triplets are at 341.3 and 682.7, sixteenths at 256, 32nds at 128.
  const raw = at(1024, 0, 341, 683, 1024, 1280, 1536, 2048 + 128, 2048 + 341);
  assert.deepEqual(onsets(raw), [0, 16, 32, 48, 60, 72, 102, 112]);
  assert.ok(quantize(raw).maxOnsetError < 1 / 2048);
  // 100 a quarter: eighth triplets at 33.3 and 66.7; lengths 67 and 33
  const swing = rawPiece(100, [0, 67, 60], [67, 33, 62], [100, 67, 64], [167, 33, 65]);
  assert.deepEqual(short(quantize(swing).piece.parts[0].notes), [
    [0, 32, 60, 80],
    [32, 16, 62, 80],
    [48, 32, 64, 80],
    [80, 16, 65, 80],
  ]);
});

Deno.test("quantize: one short run among many sixteenths keeps its places", () => {
  // 1024 a quarter, 100 sixteenths, then 64ths at 64 and at 65 (one tick late).
  const sixteenths = Array.from({ length: 100 }, (_, i) => 256 * i);
  const run = [25_600, 25_665, 25_728, 25_792];
  assert.deepEqual(onsets(at(1024, ...sixteenths, ...run)).slice(-4), [1200, 1203, 1206, 1209]);
});

Deno.test("quantize: sixteenths and triplets played with a loose hand come back", () => {
  const prng = createPrng(1, "hand");
  const places = [0, 120, 160, 240, 320, 360];
  const written = Array.from({ length: 400 }, (_, i) => 480 * i + places[i % 6]);
  const played = written.map((ticks) => Math.max(0, ticks + Math.round(prng.normal() * 7)));
  const moved = onsets(at(480, ...played));
  const right = moved.filter((onset, i) => onset === written[i] / 10).length;
  assert.ok(right >= 390, `${right} of 400`);
});

Deno.test("quantize: free rhythm goes to sixteenths and triplets, half a step off at most", () => {
  const prng = createPrng(2, "free");
  const times = Array.from({ length: 300 }, (_, i) => 50 * i + prng.below(50));
  const { piece, gridPerQuarterUsed, maxOnsetError } = quantize(at(480, ...times));
  assert.equal(gridPerQuarterUsed, 4);
  assert.ok(maxOnsetError > 0.1 && maxOnsetError <= 1 / 8);
  assert.ok(piece.parts[0].notes.every(({ onset }) => onset % 12 === 0 || onset % 16 === 0));
});

Deno.test("quantize: free rhythm with fast repeated notes goes to finer places", () => {
  // One pitch again and again after 53 to 57 ticks: about a 32nd (60 ticks).
  const prng = createPrng(3, "free");
  let onset = 7;
  const notes = Array.from({ length: 200 }, (): ShortNote => [onset += 53 + prng.below(5), 30, 60]);
  const { piece, gridPerQuarterUsed } = quantize(rawPiece(480, ...notes));
  assert.ok(gridPerQuarterUsed > 4);
  const places = new Set(piece.parts[0].notes.map((note) => note.onset));
  assert.ok(places.size >= 198, `${places.size} of 200`);
});

Deno.test("quantize: no onset moves farther than half a step of the grid used", () => {
  const free = fc.tuple(
    fc.integer({ min: 1, max: 2000 }),
    fc.array(fc.nat(20_000), { minLength: 1, maxLength: 30 }),
  );
  fc.assert(fc.property(free, ([ticksPerQuarter, ticks]) => {
    const sorted = ticks.sort((a, b) => a - b);
    const raw = at(ticksPerQuarter, ...sorted);
    const { piece, gridPerQuarterUsed, maxOnsetError } = quantize(raw);
    const errors = piece.parts[0].notes.map(({ pitch, onset }) => {
      const candidates = raw.parts[0].notes.filter((note) => note.pitch === pitch);
      const distances = candidates.map((note) =>
        Math.abs(onset / 48 - note.onset / ticksPerQuarter)
      );
      return Math.min(...distances);
    });
    assert.ok(Math.max(...errors) <= maxOnsetError + 1e-9);
    assert.ok(maxOnsetError <= 1 / (2 * gridPerQuarterUsed) + 1e-9);
    for (const { onset, duration } of piece.parts[0].notes) {
      assert.ok(Number.isInteger(onset) && onset >= 0 && !Object.is(onset, -0));
      assert.ok(Number.isInteger(duration) && duration > 0);
    }
  }));
});

Deno.test("quantize: lengths that were cut short by the touch become note values", () => {
  // At 480: 437 of a quarter, 217 of an eighth, 107 of a sixteenth, 57 of a 32nd, 3 of a click.
  const notes = [437, 217, 107, 57, 3].map((ticks, i): ShortNote => [480 * i, ticks, 60]);
  assert.deepEqual(durations(rawPiece(480, ...notes)), [48, 24, 12, 6, 3]);
});

Deno.test("quantize: rounding never makes a note reach into the next one of its pitch", () => {
  // The first length, 42.5 or 43 grid units, would become 48; but after 43 the pitch comes again.
  for (const length of [425, 430]) {
    const notes: ShortNote[] = [[480, length, 60], [910, 437, 60], [1440, 437, 60]];
    assert.deepEqual(durations(rawPiece(480, ...notes)), [43, 48, 48]);
  }
  // Where two notes fall together there is no room to leave: both keep a length.
  assert.deepEqual(durations(rawPiece(480, [7, 1, 60], [9, 1, 60])), [3, 3]);
  // Notes that did overlap stay as they are.
  assert.deepEqual(durations(rawPiece(480, [0, 480, 60], [240, 480, 60])), [48, 48]);
});

Deno.test("quantize: two tempo changes that fall together leave the later one", () => {
  const raw = {
    ...at(480, 0),
    tempos: [0, 2, 14].map((onset, i) => (
      { onset: onset as Ticks, microsecondsPerQuarter: 500_000 + i }
    )),
  };
  assert.deepEqual(quantize(raw).piece.tempos, [
    { onset: 0, microsecondsPerQuarter: 500_001 },
    { onset: 1, microsecondsPerQuarter: 500_002 },
  ]);
});

Deno.test("quantize: a piece without notes", () => {
  const quantized = quantize({ ...at(480), parts: [] });
  assert.deepEqual(quantized.piece.parts, []);
  assert.deepEqual(quantized.maxOnsetError, 0);
});

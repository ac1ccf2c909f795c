import assert from "node:assert/strict";
import { createPrng } from "../../lib/random.ts";
import { Codebook, roleOf, SHIFTS, VELOCITIES } from "../../lib/symbols/codebook.ts";
import { melody } from "../evaluation/music.ts";
import { moved, randomSequence } from "../dataset/pieces.ts";

const corpus = Array.from(
  { length: 4 },
  (_, i) => randomSequence(createPrng(i), { parts: 3, drums: true, onsets: 20 }),
);

Deno.test("codebook: C and G in all keys, by hand", () => {
  const book = Codebook.of([melody([[60, 1], [67, 0.5]])]);
  // 60 − 6 … 60 + 5 and 67 − 6 … 67 + 5: 54 … 72.
  assert.equal(book.symbols.size, 19);
  assert.deepEqual([book.durations, book.steps], [[24, 48], [24, 48]]);
  assert.deepEqual(book.roles, [{ name: "", program: 0, drums: false }]);
  assert.ok(book.idOf(0, "F#3") >= 0 && book.idOf(0, "C5") >= 0);
  assert.deepEqual([book.idOf(0, "F3"), book.idOf(0, "C#5"), book.idOf(1, "C4")], [-1, -1, -1]);
});

Deno.test("codebook: every event of the corpus, in every key, has its ids and comes back", () => {
  const book = Codebook.of(corpus);
  for (const sequence of corpus) {
    for (const shift of SHIFTS) {
      for (const event of moved(sequence, shift).events) {
        const { symbol, duration, step, velocity } = book.encode(event);
        assert.equal(book.symbolOfId(symbol), event.symbol);
        assert.equal(book.roleOfId(symbol), event.part);
        assert.equal(book.durationOf(duration), event.duration);
        assert.equal(book.stepOf(step), event.step);
        assert.ok(Math.abs(book.velocityOf(velocity) - event.velocity) <= 4);
      }
    }
  }
});

Deno.test("codebook: shifted ids are those of the moved piece; drums stay", () => {
  const book = Codebook.of(corpus);
  const roleIsDrums = (role: number) => book.roles[role].drums;
  assert.deepEqual([0, 1, 2].map(roleIsDrums), [false, false, true]);
  for (const sequence of corpus) {
    for (const shift of SHIFTS) {
      const shifted = book.shifted(shift);
      const other = moved(sequence, shift);
      const ids = (events: typeof other.events) =>
        events.map((event) => book.encode(event).symbol).sort((a, b) => a - b);
      // The order of simultaneous events may change, their ids may not.
      const wanted = ids(other.events);
      const found = ids(sequence.events).map((id) => shifted[id]).sort((a, b) => a - b);
      assert.deepEqual(found, wanted);
    }
  }
  assert.deepEqual([...book.shifted(0)], [...book.symbols.symbols.keys()]);
});

Deno.test("codebook: what it does not have gets −1 or 0, velocities get classes of eight", () => {
  const book = Codebook.of([melody([[60, 1]])]);
  const { events: [event] } = melody([[90, 0.25]]);
  assert.deepEqual(book.encode(event), { symbol: -1, duration: 0, step: 0, velocity: 10 });
  assert.equal(book.shifted(5)[book.idOf(0, "F4")], -1);
  assert.equal(VELOCITIES, 16);
  for (const [velocity, id] of [[1, 0], [7, 0], [8, 1], [64, 8], [127, 15]]) {
    assert.equal(book.encode({ ...event, velocity }).velocity, id);
  }
  assert.deepEqual([0, 8, 15].map((id) => book.velocityOf(id)), [4, 68, 124]);
});

Deno.test("codebook: JSON and back, and the order of the pieces does not matter", () => {
  const book = Codebook.of(corpus);
  const again = new Codebook(JSON.parse(JSON.stringify(book)));
  assert.deepEqual(again.toJSON(), book.toJSON());
  for (const event of corpus[0].events) assert.deepEqual(again.encode(event), book.encode(event));
  assert.deepEqual(Codebook.of(corpus.toReversed()).toJSON(), book.toJSON());
});

Deno.test("codebook: parts beyond the last role share it", () => {
  const last = roleOf(99);
  // One digit tells the role of a symbol.
  assert.ok(last >= 1 && last <= 9);
  for (let part = 0; part <= last; part++) assert.equal(roleOf(part), part);
  assert.equal(roleOf(last + 1), last);
  const book = Codebook.of([randomSequence(createPrng(1), { parts: last + 4, onsets: 40 })]);
  assert.equal(book.roles.length, last + 1);
  const { events: [event] } = melody([[60, 1]]);
  const ids = [0, 1, 2, 50].map((more) => book.encode({ ...event, part: last + more }).symbol);
  assert.ok(ids[0] >= 0);
  assert.equal(new Set(ids).size, 1);
  assert.equal(book.roleOfId(ids[0]), last);
});

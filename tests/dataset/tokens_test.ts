import assert from "node:assert/strict";
import { tokensOf } from "../../lib/dataset/expressive_corpus.ts";
import {
  END_TOKEN,
  referencePitch,
  relativeSymbolId,
  symbolOfShape,
  TokenTable,
} from "../../lib/dataset/tokens.ts";
import { createPrng } from "../../lib/random.ts";
import { Codebook, roleOf, SHIFTS } from "../../lib/symbols/codebook.ts";
import { melody } from "../evaluation/music.ts";
import { moved, randomSequence } from "./pieces.ts";

const corpus = Array.from(
  { length: 5 },
  (_, i) => randomSequence(createPrng(i), { parts: 2 + i % 2, drums: i % 2 === 1, onsets: 30 }),
);

Deno.test("tokens: the same music in another key is the same tokens", () => {
  const table = new TokenTable();
  for (const sequence of corpus) {
    const wanted = tokensOf(sequence, table);
    assert.equal(wanted.length, sequence.events.length + 1);
    assert.equal(wanted.at(-1), END_TOKEN);
    for (const shift of SHIFTS) assert.deepEqual(tokensOf(moved(sequence, shift), table), wanted);
  }
});

Deno.test("tokens: with the event before, a token tells the event, in any key", () => {
  const table = new TokenTable();
  const codebook = Codebook.of(corpus);
  for (const sequence of corpus) {
    const tokens = tokensOf(sequence, table);
    for (const shift of SHIFTS) {
      const { events, parts } = moved(sequence, shift);
      for (let i = 1; i < events.length; i++) {
        const event = table.eventOf(tokens[i]);
        // Measured from the last event that is not a drum, if there was one.
        const before = events.slice(0, i);
        const from = before.findLast(({ part }) => !parts[part].drums) ?? before[0];
        const reference = referencePitch(from);
        const wanted = events[i];
        assert.equal(symbolOfShape(event.shape, reference), wanted.symbol);
        assert.deepEqual(
          [event.role, event.duration, event.step],
          [roleOf(wanted.part), wanted.duration, wanted.step],
        );
        const id = relativeSymbolId(event, reference, codebook);
        assert.equal(id, codebook.encode(wanted).symbol);
      }
    }
  }
});

Deno.test("tokens: whatever differs in interval, length, step or part is another token", () => {
  const table = new TokenTable();
  const [first, , second] = melody([[60, 1], [62, 1], [64, 2], [66, 1]]).events;
  const variants = [
    first,
    { ...first, duration: second.duration },
    { ...first, step: second.step },
    { ...first, part: 1 },
    { ...first, symbol: "0" },
    { ...first, symbol: "drum:60" },
  ].map((event) => table.tokenOf(event, 60));
  const all = [...variants, table.tokenOf(first, 59), table.tokenOf(first, 72)];
  assert.equal(new Set(all).size, 8);
  assert.ok(all.every((token) => token > END_TOKEN));
  assert.equal(table.tokenOf({ ...first, velocity: 1 }, 60), variants[0]);
  assert.equal(table.tokenOf(second, 64), table.tokenOf(second), "measured from itself");
});

Deno.test("tokens: shapes by hand", () => {
  assert.equal(symbolOfShape(7, 60), "G4");
  assert.equal(symbolOfShape(-1, 0), undefined);
  assert.equal(symbolOfShape(8, 120), undefined);
  assert.equal(symbolOfShape("0.4.7", 62), "2.6.9");
  assert.equal(symbolOfShape("3", 59), "2");
  assert.equal(symbolOfShape("drum:36.42", 62), "drum:36.42");
  const book = Codebook.of([melody([[60, 1]])]);
  const event = { role: 0, shape: 2, duration: 48, step: 48 };
  assert.equal(relativeSymbolId(event, 60, book), book.idOf(0, "D4"));
  assert.equal(relativeSymbolId({ ...event, role: 1 }, 60, book), -1);
  assert.equal(relativeSymbolId(event, 126, book), -1);
});

import assert from "node:assert/strict";
import { splitCorpus } from "../../lib/dataset/split.ts";
import { createPrng } from "../../lib/random.ts";
import { decode } from "../../lib/symbols/events.ts";
import { randomSequence } from "./pieces.ts";

const pieces = (count: number, onsets = 6) =>
  Array.from(
    { length: count },
    (_, i) => randomSequence(createPrng(i), { onsets, chords: 0, source: `${i}` }),
  );

Deno.test("split: of eight pieces or more, a tenth is held out whole", () => {
  for (const [count, held] of [[8, 1], [14, 1], [15, 2], [40, 4], [99, 10]]) {
    const corpus = pieces(count);
    const { training, heldOut } = splitCorpus(corpus, createPrng(7));
    assert.equal(heldOut.length, held, `${count} pieces`);
    const names = [...training, ...heldOut].map(({ source }) => source);
    assert.deepEqual(new Set(names), new Set(corpus.map(({ source }) => source)));
    assert.equal(names.length, count);
    for (const piece of [...training, ...heldOut]) assert.ok(corpus.includes(piece));
  }
});

Deno.test("split: which pieces are held out depends on the seed, and on nothing else", () => {
  const corpus = pieces(30);
  const chosen = (seed: number) =>
    splitCorpus(corpus, createPrng(seed)).heldOut.map(({ source }) => source).join();
  assert.equal(chosen(1), chosen(1));
  assert.ok(new Set([1, 2, 3, 4, 5, 6].map(chosen)).size > 1);
  // Every piece has its chance.
  const everChosen = new Set(
    Array.from({ length: 200 }, (_, seed) => chosen(seed).split(",")).flat(),
  );
  assert.equal(everChosen.size, 30);
});

Deno.test("split: of few pieces the last tenth is held out, at its place in time", () => {
  const corpus = pieces(3, 200);
  const { training, heldOut } = splitCorpus(corpus, createPrng(1));
  assert.deepEqual([training.length, heldOut.length], [3, 3]);
  corpus.forEach((piece, i) => {
    assert.deepEqual([training[i].events.length, heldOut[i].events.length], [180, 20]);
    assert.deepEqual([...training[i].events, ...heldOut[i].events], piece.events);
    const notes = [training[i], heldOut[i]].flatMap((half) => decode(half).parts[0].notes);
    assert.deepEqual(notes, decode(piece).parts[0].notes);
  });
});

Deno.test("split: sections too short to say anything are learned from", () => {
  const [long, short] = [pieces(1, 160)[0], pieces(2, 154)[1]];
  const { training, heldOut } = splitCorpus([long, short], createPrng(1));
  assert.deepEqual(training.map(({ events }) => events.length), [144, 154]);
  assert.deepEqual(heldOut.map(({ events }) => events.length), [16]);
  assert.equal(training[1], short);
  assert.deepEqual(splitCorpus([], createPrng(1)), { training: [], heldOut: [] });
});

import assert from "node:assert/strict";
import { Judge } from "../../lib/evaluation/ranking.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";
import { melody } from "./music.ts";

type Tune = readonly (readonly [number, number])[];

/** Tunes of 20 notes of which no two moves are the same; tunes of different `base` share none. */
const tune = (base: number): Tune =>
  Array.from({ length: 20 }, (_, i) => [60 + (i * i + base * i) % 29, base + i % 4 / 4]);
const TRAINING = [1, 2, 3].map((base) => melody(tune(base), `${base}.mid`));
const NEW = melody(tune(9));
const copyOf = (notes: number) => melody([...tune(2).slice(0, notes), ...tune(9)]);
const STUCK = melody([...tune(9), ...Array.from({ length: 12 }, () => [60, 9] as const)]);

/** What the judge takes of these, and how many of them were composed for it. */
function taken(drafts: readonly EventSequence[]): [EventSequence, number] {
  let made = 0;
  const sequence = new Judge(TRAINING).composed(() => drafts[made++]);
  return [sequence, made];
}

Deno.test("pieces that share nothing allow the harmless run of 8 notes", () => {
  assert.equal(new Judge(TRAINING).mostCopied, 8);
});

Deno.test("pieces that share much allow as much", () => {
  const shared = tune(2).slice(0, 12);
  const training = [1, 3, 4].map((base) => melody([...tune(base), ...shared]));
  assert.equal(new Judge(training).mostCopied, 12);
});

Deno.test("the first draft is taken when nothing is wrong with it", () => {
  assert.deepEqual(taken([copyOf(8), NEW]), [copyOf(8), 1]);
});

Deno.test("music that copies too much, got stuck or is empty is composed anew", () => {
  const empty = { ...NEW, events: [] };
  assert.deepEqual(taken([copyOf(9), STUCK, empty, NEW]), [NEW, 4]);
});

Deno.test("in the end what copies least is taken, and of stuck ones none if possible", () => {
  assert.deepEqual(taken([copyOf(12), copyOf(10), STUCK, copyOf(11), copyOf(13)]), [
    copyOf(10),
    5,
  ]);
});

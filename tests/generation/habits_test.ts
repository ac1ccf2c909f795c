import assert from "node:assert/strict";
import { PartHabits } from "../../lib/generation/habits.ts";
import type { Grid } from "../../lib/score/types.ts";
import { encode } from "../../lib/symbols/events.ts";
import type { MusicEvent } from "../../lib/symbols/types.ts";
import { part, piece } from "../evaluation/music.ts";

/** One part without a rest, one with a rest, one that stops early and overlaps itself, drums. Times in quarters. */
const MUSIC = encode(piece([
  part([[72, 0, 1], [74, 1, 2], [76, 3, 1]]),
  part([[60, 0, 1], [62, 2, 2]]),
  part([[55, 0, 2], [57, 1, 1]]),
  part([[36, 0, 4]], true),
]));
/** Two parts that never rest; the second one begins later. */
const DUET = encode(piece([part([[72, 0, 4], [74, 4, 2]]), part([[60, 2, 4]])]));

const ROLES = [0, 1, 2, 3];
const event = (part: number, duration: number): MusicEvent => ({
  ...MUSIC.events[0],
  part,
  duration: duration as Grid,
});
const allowed = (habits: PartHabits, onset: number) => ROLES.filter(habits.allowedAt(onset));

Deno.test("habits: who never rests, up to the last onset", () => {
  const of = (sequence: typeof MUSIC) => {
    const habits = new PartHabits(sequence, ROLES);
    return sequence.parts.map((_, part) => habits.neverRests(part));
  };
  assert.deepEqual(of(MUSIC), [true, false, false, false]);
  assert.deepEqual(of(DUET), [true, true]);
});

Deno.test("habits: who never overlaps waits for the end of the own note", () => {
  const habits = new PartHabits(MUSIC, ROLES);
  assert.deepEqual(allowed(habits, 0), [0, 1, 2, 3]);
  for (const part of [0, 1, 2, 3]) habits.push(event(part, 48), 0);
  assert.deepEqual(allowed(habits, 47), [2, 3]);
  // The first part never rests: the others may not play before it.
  assert.deepEqual(allowed(habits, 48), [0]);
});

Deno.test("habits: who never rests must be next, and no step goes past an end", () => {
  const habits = new PartHabits(DUET, ROLES);
  // Before a part has played, it keeps nobody waiting.
  assert.equal(habits.longestStep(0, 0, 96), 96);
  habits.push(event(0, 96), 0);
  assert.equal(habits.longestStep(0, 1, 48), 48);
  habits.push(event(1, 48), 0);
  assert.deepEqual(allowed(habits, 47), [2, 3]);
  assert.deepEqual(allowed(habits, 48), [1]);
  assert.equal(habits.longestStep(48, 1, 24), 24);
  assert.equal(habits.longestStep(48, 1, 480), 48);
  // Both have ended: the lower role first, and it must not move on before the other has played.
  assert.deepEqual(allowed(habits, 96), [0]);
  assert.equal(habits.longestStep(96, 0, 48), 0);
});

Deno.test("habits: parts that rest and overlap are free", () => {
  const habits = new PartHabits(MUSIC, ROLES);
  habits.push(event(2, 10), 0);
  assert.deepEqual(allowed(habits, 5), [0, 1, 2, 3]);
  assert.deepEqual(allowed(habits, 500), [0, 1, 2, 3]);
  assert.equal(habits.longestStep(500, 2, 10), Infinity);
});

Deno.test("habits: nobody waits for a part that cannot play", () => {
  const habits = new PartHabits(DUET, [0]);
  assert.deepEqual([0, 1].map((part) => habits.neverRests(part)), [true, false]);
  habits.push(event(0, 96), 0);
  habits.push(event(1, 48), 0);
  assert.deepEqual(allowed(habits, 48), [1, 2, 3]);
  assert.equal(habits.longestStep(96, 0, 48), 48);
});

Deno.test("habits: when everybody holds a note, the next event waits for the first to end", () => {
  const habits = new PartHabits(DUET, [0, 1]);
  habits.push(event(0, 96), 0);
  // The second part may still begin at once.
  assert.equal(habits.shortestStep(0, 0, 96), 0);
  assert.equal(habits.shortestStep(0, 1, 48), 48);
  assert.equal(new PartHabits(DUET, [0]).shortestStep(10, 0, 30), 30);
  // Who overlaps is always free.
  assert.equal(new PartHabits(MUSIC, [2]).shortestStep(10, 2, 30), 0);
});

/** What an epoch of the expressive preset is made of. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { createTrainingPool } from "../../lib/engine/pool.ts";
import { HEADS } from "../../lib/model/expressive.ts";
import { createPrng } from "../../lib/random.ts";
import type { Grid, Note } from "../../lib/score/types.ts";
import { Codebook, SHIFTS } from "../../lib/symbols/codebook.ts";
import { pitchOf } from "../../lib/symbols/transpose.ts";
import { encode } from "../../lib/symbols/events.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";
import type { Lesson } from "../../lib/training/types.ts";
import { moved } from "../dataset/pieces.ts";
import { melody } from "../evaluation/music.ts";
import { preparation } from "./network.ts";

const STEPS = 4;

/** A melody whose n-th note, counted through all pieces, lasts n grid units: so each note can be told. */
function numbered(
  index: number,
  notes: number,
  first: number,
  [low, high]: readonly [number, number],
) {
  const prng = createPrng(index, "numbered");
  let onset = 0;
  const all = Array.from({ length: notes }, (_, i): Note<Grid> => {
    const duration = first + i;
    onset += duration;
    const pitch = low + prng.below(high - low + 1);
    return { pitch, velocity: 80, onset: (onset - duration) as Grid, duration: duration as Grid };
  });
  const part = { name: "", program: 0, drums: false, notes: all };
  return encode({ source: `${index}`, parts: [part], tempos: [], meters: [], keys: [] });
}

const LENGTHS = [3, 90, 11, 12, 13, 40, 7, 28];
/** Pieces of very different lengths; one of them can hardly go higher, one hardly lower. */
const PIECES: readonly EventSequence[] = LENGTHS.map((notes, i) => {
  const before = LENGTHS.slice(0, i).reduce((a, b) => a + b, 0);
  const range = i === 2 ? [100, 126] as const : i === 4 ? [36, 60] as const : [50, 80] as const;
  return numbered(i, notes, before + 1, range);
});

/** One row of a batch after another: the labels and weights of each position, and whether it is carried. */
interface Row {
  readonly carried: boolean;
  readonly symbols: number[];
  readonly labels: string[];
  readonly weights: number[];
  readonly noteWeights: number[];
}

async function batchesOf(
  lessonOf: (course: ReturnType<typeof preparation>["course"]) => Lesson,
  batchSize: number,
  heldOut: readonly EventSequence[] = [],
): Promise<Row[][]> {
  const { course } = preparation({ batchSize, sequenceLength: STEPS }, PIECES, heldOut);
  const { microBatches, plan } = course;
  const pool = createTrainingPool(await startEngine(), plan, { microBatches, threads: 1 });
  const lesson = lessonOf(course);
  const batches = Array.from({ length: lesson.batches }, (_, b) => {
    lesson.fill(pool, b);
    return Array.from({ length: microBatches }, (_, m) => {
      const keep = pool.input("keep", m);
      return Array.from(keep, (kept, r): Row => {
        const at = (t: number) => t * keep.length + r;
        const steps = Array.from({ length: STEPS }, (_, t) => at(t));
        return {
          carried: kept === 1,
          symbols: steps.map((i) => pool.inputIds("symbol", m)[i]),
          labels: steps.map((i) => HEADS.map((head) => pool.inputIds(head, m)[i]).join(" ")),
          weights: steps.map((i) => pool.input("weight", m)[i]),
          noteWeights: steps.map((i) => pool.input("note weight", m)[i]),
        };
      });
    }).flat();
  });
  pool.close();
  return batches;
}

/** The music in each row of the batches, cut where a row starts afresh; padding is left out. */
function passages(batches: readonly (readonly Row[])[]): string[][] {
  const found: string[][] = [];
  batches[0].forEach((_, r) => {
    for (const batch of batches) {
      const { carried, labels, weights } = batch[r];
      const notes = labels.filter((_, t) => weights[t] > 0);
      if (notes.length === 0) continue;
      if (carried) found.at(-1)!.push(...notes);
      else found.push(notes);
    }
  });
  return found;
}

/** One lesson after the other. */
function joined(lessons: readonly Lesson[]): Lesson {
  const all = lessons.flatMap((lesson) =>
    Array.from({ length: lesson.batches }, (_, b) => [lesson, b] as const)
  );
  return { batches: all.length, fill: (pool, b) => all[b][0].fill(pool, all[b][1]) };
}

const codebook = Codebook.of(PIECES);
const end = `${codebook.symbols.size} 0 0 0`;

/** The labels of a piece, its end included. */
function labelsOf({ events }: EventSequence): string[] {
  const ids = events.map((event) => {
    const { symbol, duration, step, velocity } = codebook.encode(event);
    return [symbol, duration, step, velocity].join(" ");
  });
  return [...ids, end];
}

for (const batchSize of [1, 3, 8, 16, 17]) {
  Deno.test(`expressive course: every event comes once an epoch, in order, batches of ${batchSize}`, async () => {
    const found = passages(await batchesOf((course) => course.lesson(1), batchSize));
    const notes = PIECES.flatMap(({ events }) => events);
    const last = new Set(PIECES.map(({ events }) => events.at(-1)!.duration as number));
    const seen: number[] = [];
    let ends = 0;
    for (const passage of found) {
      const shifts = new Set<number>();
      passage.forEach((label, i) => {
        const [symbol, number] = label.split(" ").map(Number);
        if (symbol === codebook.symbols.size) {
          ends++;
          assert.equal(i, passage.length - 1, "nothing follows the end of a piece");
          assert.ok(i === 0 || last.has(seen.at(-1)!));
          return;
        }
        // Within a passage one note of a piece follows the other.
        if (i > 0) assert.ok(number === seen.at(-1)! + 1 && !last.has(seen.at(-1)!));
        seen.push(number);
        const { symbol: original } = notes[number - 1];
        shifts.add(pitchOf(codebook.symbolOfId(symbol))! - pitchOf(original)!);
      });
      assert.ok(shifts.size <= 1, "one key");
    }
    assert.deepEqual(seen.sort((a, b) => a - b), notes.map((_, i) => i + 1));
    assert.equal(ends, PIECES.length);
  });
}

Deno.test("expressive course: held-out pieces come whole, once, in their own key", async () => {
  const strangers = [melody([[60, 1], [62, 1], [64, 0.5]]), moved(PIECES[1], 2)];
  const batches = await batchesOf((course) => course.exam!, 8, strangers);
  const found = passages(batches).map((passage) => passage.length).sort((a, b) => a - b);
  assert.deepEqual(found, strangers.map(({ events }) => events.length + 1));
  const longest = passages(batches).find((passage) => passage.length > 4);
  assert.deepEqual(longest, labelsOf(strangers[1]));
});

Deno.test("expressive course: padding and ends weigh nothing where there is no note", async () => {
  const batches = await batchesOf((course) => course.lesson(2), 8);
  const rows = batches.flat();
  const all = (pick: (row: Row) => number[]) => rows.flatMap(pick);
  const events = PIECES.reduce((sum, piece) => sum + piece.events.length, 0);
  assert.equal(all(({ noteWeights }) => noteWeights).filter((weight) => weight > 0).length, events);
  assert.equal(
    all(({ weights }) => weights).filter((weight) => weight > 0).length,
    events + PIECES.length,
  );
  // Every weight is the same, so that every event counts as much as any other.
  assert.equal(
    new Set([...all(({ weights }) => weights), ...all(({ noteWeights }) => noteWeights)]).size,
    2,
  );
});

Deno.test("expressive course: keys change from epoch to epoch and stay in range", async () => {
  const notes = PIECES.flatMap(({ events, source }) =>
    events.map(({ symbol }) => ({ symbol, source }))
  );
  const shifts = PIECES.map(() => new Set<number>());
  const epochs = Array.from({ length: 40 }, (_, i) => i + 1);
  const batches = await batchesOf((course) => joined(epochs.map(course.lesson)), 8);
  for (const passage of passages(batches)) {
    const [symbol, number] = passage[0].split(" ").map(Number);
    if (symbol === codebook.symbols.size) continue;
    const { symbol: original, source } = notes[number - 1];
    shifts[Number(source)].add(pitchOf(codebook.symbolOfId(symbol))! - pitchOf(original)!);
  }
  PIECES.forEach(({ events }, i) => {
    const pitches = events.map(({ notes }) => notes[0].pitch);
    const possible = SHIFTS.filter((shift) => Math.max(...pitches) + shift <= 127);
    assert.ok([...shifts[i]].every((shift) => possible.includes(shift)), `${[...shifts[i]]}`);
    // In forty epochs nearly all keys have come.
    assert.ok(shifts[i].size >= possible.length - 3, `piece ${i}: ${[...shifts[i]]}`);
  });
});

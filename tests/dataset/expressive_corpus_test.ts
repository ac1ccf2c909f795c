/** What the network is told and what the memories say: only the past, and not the piece itself. */
import assert from "node:assert/strict";
import { EventMemory } from "../../lib/dataset/event_memory.ts";
import { type PreparedPiece, preparePiece, tokensOf } from "../../lib/dataset/expressive_corpus.ts";
import { TokenTable } from "../../lib/dataset/tokens.ts";
import { featuresOf, Tracker } from "../../lib/dataset/tracker.ts";
import { CHOSEN_INTERVALS, NEXT_END_CLASSES } from "../../lib/dataset/tracker.ts";
import { createPrng } from "../../lib/random.ts";
import type { Grid } from "../../lib/score/types.ts";
import { Codebook } from "../../lib/symbols/codebook.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";
import { melody, part, piece } from "../evaluation/music.ts";
import { encode } from "../../lib/symbols/events.ts";
import { moved, randomSequence } from "./pieces.ts";

const meters = [
  { onset: 0 as Grid, numerator: 3, denominator: 4 },
  { onset: 288 as Grid, numerator: 6, denominator: 8 },
];
const corpus = Array.from(
  { length: 6 },
  (_, i) => randomSequence(createPrng(i, "corpus"), { parts: 2, onsets: 15, meters }),
);
const codebook = Codebook.of(corpus);

function memoryOf(sequences: readonly EventSequence[], table: TokenTable): EventMemory {
  const memory = new EventMemory();
  for (const sequence of sequences) memory.learn(tokensOf(sequence, table));
  return memory;
}

function prepared(sequence: EventSequence, others = corpus, known = false): PreparedPiece {
  const table = new TokenTable();
  return preparePiece(sequence, codebook, table, memoryOf(others, table), known);
}

/** Everything at position `i`: what is told, what is asked, what the memories answer. */
function at({ features, positions, ...columns }: PreparedPiece, i: number) {
  const width = features.length / positions;
  const { symbols, durations, steps, velocities, intervals, nextEnds, memory } = columns;
  return {
    features: [...features.subarray(i * width, (i + 1) * width)],
    labels: [symbols, durations, steps, velocities, intervals, nextEnds].map((column) => column[i]),
    memory: [...memory.subarray(i * 4, i * 4 + 4)],
  };
}

Deno.test("prepared piece: nothing depends on later notes", () => {
  const stranger = randomSequence(createPrng(9, "stranger"), { parts: 2, onsets: 15, meters });
  for (const sequence of [corpus[0], stranger]) {
    const known = sequence !== stranger;
    const whole = prepared(sequence, corpus, known);
    for (const cut of [0, 1, 7, sequence.events.length - 1]) {
      const others = randomSequence(createPrng(cut, "other end"), { parts: 2, onsets: 10 });
      const changed = { ...sequence, events: [...sequence.events.slice(0, cut), ...others.events] };
      // The corpus has learned the piece that is prepared, if it is one to learn from.
      const learned = known ? [changed, ...corpus.slice(1)] : corpus;
      const other = prepared(changed, learned, known);
      for (let i = 0; i < cut; i++) assert.deepEqual(at(other, i), at(whole, i), `${cut} ${i}`);
      assert.deepEqual(at(other, cut).features, at(whole, cut).features);
    }
  }
});

Deno.test("prepared piece: the end of a piece is seen by nothing before it", () => {
  const { events } = corpus[1];
  const whole = prepared(corpus[1]);
  for (const cut of [0, 5, events.length]) {
    const short = prepared({ ...corpus[1], events: events.slice(0, cut) });
    assert.equal(short.positions, cut + 1);
    for (let i = 0; i < cut; i++) assert.deepEqual(at(short, i), at(whole, i));
    assert.deepEqual(at(short, cut).features, at(whole, cut).features);
    assert.deepEqual(at(short, cut).labels, [codebook.symbols.size, 0, 0, 0, 0, 0]);
  }
});

Deno.test("prepared piece: what the corpus knows of the piece itself is left out", () => {
  for (const [i, sequence] of corpus.entries()) {
    const others = corpus.filter((_, j) => j !== i);
    assert.deepEqual(prepared(sequence, corpus, true), prepared(sequence, others, false));
  }
  // And it would make a difference if it were not.
  assert.notDeepEqual(
    prepared(corpus[0], corpus, false).memory,
    prepared(corpus[0], corpus, true).memory,
  );
});

Deno.test("prepared piece: the same music in another key has the same memories", () => {
  const wanted = prepared(corpus[2], corpus, true).memory;
  for (const shift of [-6, 3, 5]) {
    const others = corpus.map((sequence, i) => moved(sequence, i - 3));
    const own = moved(corpus[2], shift);
    assert.deepEqual(prepared(own, [...others.filter((_, i) => i !== 2)], false).memory, wanted);
  }
});

Deno.test("tracker: driven as in generation it says what the prepared piece holds", () => {
  const sequence = randomSequence(createPrng(3, "new"), { parts: 2, onsets: 15, meters });
  const table = new TokenTable();
  const memory = memoryOf(corpus, table);
  const piece = preparePiece(sequence, codebook, table, memory, false);
  // Another table, filled in another order: generation has no piece to prepare.
  const again = new TokenTable();
  const tracker = new Tracker(codebook, again, memoryOf(corpus.toReversed(), again), sequence);
  let now: number = sequence.start;
  for (const [i, event] of sequence.events.entries()) {
    const { features, labels } = at(piece, i);
    assert.deepEqual(tracker.features(tracker.expectations()), features, `event ${i}`);
    assert.equal(tracker.chosenInterval(event.part, event.symbol), labels[4]);
    assert.equal(tracker.nextEnd(event.duration), labels[5]);
    assert.equal(tracker.now, now);
    tracker.push(event);
    now += event.step;
  }
  const last = at(piece, sequence.events.length).features;
  assert.deepEqual(tracker.features(tracker.expectations()), last);
});

Deno.test("prepared piece: every number has a place in its table", () => {
  const strangers = [
    randomSequence(createPrng(1), { parts: 1, range: [0, 127], onsets: 60 }),
    randomSequence(createPrng(2), { parts: 5, drums: true, onsets: 20 }),
    { ...melody([[60, 40], [62, 1 / 16], [20, 7 / 3]]), start: 50_000 as Grid },
    melody([]),
  ];
  const sizes = featuresOf(codebook).map(({ size }) => size);
  for (const sequence of [...corpus, ...strangers]) {
    const piece = prepared(sequence);
    for (let i = 0; i < piece.positions; i++) {
      const { features, labels } = at(piece, i);
      assert.equal(features.length, sizes.length);
      features.forEach((id, f) =>
        assert.ok(Number.isInteger(id) && id >= 0 && id < sizes[f], `feature ${f}: ${id}`)
      );
      const limits = [
        codebook.symbols.size + 1,
        codebook.durations.length + 1,
        codebook.steps.length + 1,
        16,
        CHOSEN_INTERVALS,
        NEXT_END_CLASSES,
      ];
      labels.forEach((id, l) =>
        assert.ok(id >= (l === 0 ? -1 : 0) && id < limits[l], `label ${l}`)
      );
    }
    for (const probability of piece.memory) {
      assert.ok(probability === -1 || (probability >= 0 && probability <= 1 + 1e-6));
    }
  }
});

Deno.test("tracker: a small piece by hand", () => {
  // Two voices in 3/4: C4 for a half note over E3 for a quarter, then G4 and C3.
  const sequence = {
    ...encode(piece([
      part([[60, 0, 2], [67, 2, 1]]),
      part([[52, 0, 1], [48, 1, 2]]),
    ])),
    meters: meters.slice(0, 1),
  };
  const names = featuresOf(codebook).map(({ name }) => name);
  const { length } = sequence.events;
  const whole = prepared(sequence, []);
  const seen = (i: number) =>
    Object.fromEntries(at(whole, i).features.map((id, f): [string, number] => [names[f], id]));
  const pick = (i: number, ...wanted: string[]) => wanted.map((name) => seen(i)[name]);
  assert.equal(length, 4); // C4, E3, C3, G4
  const place = ["beat", "bar", "meter", "phrase", "bars"];
  // 3/4 is the second of the known meters; a bar has 48 places of a sixteenth of a quarter.
  assert.deepEqual(pick(0, ...place), [0, 0, 2, 0, 0]);
  assert.deepEqual(pick(2, ...place), [0, 16, 2, 0, 0]);
  assert.deepEqual(pick(3, ...place), [0, 32, 2, 0, 0]);
  assert.deepEqual(pick(4, ...place), [0, 0, 2, 1, 1]);
  const hands = ["pitch 0", "remaining 0", "pitch 1", "remaining 1"];
  assert.deepEqual(pick(0, ...hands), [128, 0, 128, 0]);
  // A quarter is 8 eighths of a quarter; the classes of time left start at 3.
  assert.deepEqual(pick(1, ...hands), [60, 3 + 16, 128, 0]);
  assert.deepEqual(pick(2, ...hands), [60, 3 + 8, 52, 3]);
  assert.deepEqual(pick(3, ...hands), [60, 3, 48, 3 + 8]);
  assert.deepEqual(pick(4, ...hands), [67, 3, 48, 3]);
  // 0 where the voice begins; else 25 + the interval: C3 is 4 below E3, G4 7 above C4.
  assert.deepEqual([1, 2, 3, 4].map((i) => seen(i).interval), [0, 0, 21, 32]);
  // Time to the next end, in eighths of a quarter: the new note counts too.
  assert.deepEqual([...whole.nextEnds], [16, 8, 8, 8, 0]);
  assert.deepEqual([...whole.intervals], [0, 0, 21, 32, 0]);
  assert.deepEqual(whole.range, [48, 67]);
});

Deno.test("memories: what stood in the piece before is expected again", () => {
  const figure = [[60, 1], [64, 0.5], [62, 0.5]] as const;
  const twice = melody([...figure, ...figure.map(([p, d]) => [p + 5, d] as const)]);
  const { memory } = prepared(twice, []);
  const own = (i: number) => [memory[i * 4 + 1], memory[i * 4 + 3]];
  // Of the corpus nothing is known; of the first event and the second, nothing of the piece.
  assert.deepEqual([...memory.filter((_, i) => i % 4 === 0)], Array(7).fill(-1));
  assert.deepEqual([0, 1].map(own), [[-1, -1], [-1, -1]]);
  // The third was met once after the second: (1 − ½) / 1; its length is certain.
  assert.equal(own(5)[0], 0.5);
  assert.equal(own(5)[1], 1);
});

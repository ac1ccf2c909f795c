/** Whether the probabilities that the expressive network claims are probabilities. */
import assert from "node:assert/strict";
import { HEADS } from "../../lib/model/expressive.ts";
import { createPrng } from "../../lib/random.ts";
import type { Grid } from "../../lib/score/types.ts";
import { pitchClassesOf, pitchOf } from "../../lib/symbols/transpose.ts";
import type { EventSequence, MusicEvent } from "../../lib/symbols/types.ts";
import { randomSequence } from "../dataset/pieces.ts";
import { PIECES, preparation, Reader, trained } from "./network.ts";

/** A stranger, part of which repeats what the training pieces and it itself have played before. */
function heldOutPiece(): EventSequence {
  const { events: own } = randomSequence(createPrng(99, "held out"), { parts: 2, onsets: 3 });
  const { events: known } = PIECES[4];
  return { ...PIECES[4], events: [...own, ...own, ...known.slice(2, 7)] };
}

async function readerAfter(epochs: number): Promise<Reader> {
  const prepared = preparation({ epochs }, PIECES, [heldOutPiece()]);
  const result = await trained(prepared, { patience: 0 });
  return new Reader(prepared.save({ ...result, best: result.optimizer.parameters }), PIECES);
}

/** An event with this symbol, and otherwise like `event`. */
function withSymbol(event: MusicEvent, part: number, symbol: string): MusicEvent {
  const pitches = symbol.startsWith("drum:")
    ? symbol.slice(5).split(".").map(Number)
    : pitchClassesOf(symbol)?.map((each) => 60 + each).sort((a, b) => a - b) ?? [pitchOf(symbol)!];
  const notes = pitches.map((pitch) => ({ pitch, velocity: event.velocity }));
  return { ...event, part, symbol, notes };
}

/** The piece up to event `i`, then `next` or its end. */
function upTo(sequence: EventSequence, i: number, next?: MusicEvent): EventSequence {
  const before = sequence.events.slice(0, i);
  return { ...sequence, events: next ? [...before, next] : before };
}

const POSITIONS = [0, 1, 2, 6, 9, 12, 15];

for (const epochs of [0, 6]) {
  Deno.test(`honesty: after ${epochs} epochs all symbols together have probability 1 at most`, async () => {
    const reader = await readerAfter(epochs);
    const sequence = heldOutPiece();
    const { symbols } = reader.codebook;
    let remembered = 0;
    for (const i of POSITIONS) {
      let sum = 0;
      for (let id = 0; id < symbols.size; id++) {
        const event = withSymbol(
          sequence.events[i],
          reader.codebook.roleOfId(id),
          reader.codebook.symbolOfId(id),
        );
        const piece = reader.prepare(upTo(sequence, i, event));
        assert.equal(piece.symbols[i], id);
        remembered += Math.max(0, piece.memory[4 * i]) + Math.max(0, piece.memory[4 * i + 1]);
        sum += Math.exp(-(await reader.read(piece)).symbol[i]);
      }
      sum += Math.exp(-(await reader.read(reader.prepare(upTo(sequence, i)))).symbol[i]);
      assert.ok(sum < 1 + 1e-5, `position ${i}: ${sum}`);
      // Of the first event the memories know nothing; later they keep some for what is new.
      assert.ok(sum > (i === 0 ? 1 - 1e-5 : 0.3), `position ${i}: ${sum}`);
    }
    assert.ok(remembered > 1, `the memories said ${remembered}: they were not tried`);
    reader.close();
  });

  Deno.test(`honesty: after ${epochs} epochs the same holds for durations, steps, velocities`, async () => {
    const reader = await readerAfter(epochs);
    const sequence = heldOutPiece();
    const { durations, steps } = reader.codebook;
    let remembered = 0;
    for (const i of POSITIONS) {
      const event = sequence.events[i];
      const sums = { duration: 0, step: 0, velocity: 0 };
      const readWith = async (change: Partial<MusicEvent>) => {
        const piece = reader.prepare(upTo(sequence, i, { ...event, ...change }));
        remembered += Math.max(0, piece.memory[4 * i + 2]) + Math.max(0, piece.memory[4 * i + 3]);
        return await reader.read(piece);
      };
      // 1 and 7 are in no codebook: the id of whatever else.
      assert.ok(!durations.includes(1) && !steps.includes(7));
      for (const duration of [1, ...durations]) {
        const reading = await readWith({ duration: duration as Grid });
        sums.duration += Math.exp(-reading.duration[i]);
      }
      for (const step of [7, ...steps]) {
        sums.step += Math.exp(-(await readWith({ step: step as Grid })).step[i]);
      }
      for (let velocity = 4; velocity < 128; velocity += 8) {
        sums.velocity += Math.exp(-(await readWith({ velocity })).velocity[i]);
      }
      for (const [head, sum] of Object.entries(sums)) {
        assert.ok(sum < 1 + 1e-5, `${head} at ${i}: ${sum}`);
        assert.ok(sum > (head === "duration" ? 0.5 : 1 - 1e-5), `${head} at ${i}: ${sum}`);
      }
    }
    assert.ok(remembered > 1, `the memories said ${remembered}: they were not tried`);
    reader.close();
  });
}

Deno.test("honesty: a head does not know what is only chosen after it, nor what follows", async () => {
  const reader = await readerAfter(4);
  const sequence = heldOutPiece();
  for (const i of POSITIONS) {
    const event = sequence.events[i];
    const other = {
      duration: (event.duration === 24 ? 48 : 24) as Grid,
      step: (event.step === 12 ? 24 : 12) as Grid,
      velocity: event.velocity === 64 ? 96 : 64,
    };
    const read = async (change: Partial<MusicEvent>, rest: readonly MusicEvent[] = []) => {
      const { events } = upTo(sequence, i, { ...event, ...change });
      const whole = reader.prepare({ ...sequence, events: [...events, ...rest] });
      const reading = await reader.read(whole);
      return HEADS.map((head) => reading[head][i]);
    };
    const plain = await read({});
    const { velocity, step, duration } = other;
    assert.deepEqual((await read({ velocity })).slice(0, 3), plain.slice(0, 3));
    assert.deepEqual((await read({ velocity, step })).slice(0, 2), plain.slice(0, 2));
    assert.deepEqual((await read({ velocity, step, duration })).slice(0, 1), plain.slice(0, 1));
    for (const rest of [sequence.events.slice(i + 1), sequence.events.slice(0, 4)]) {
      const found = await read({}, rest);
      // Another number of rows is summed in another order.
      found.forEach((loss, h) =>
        assert.ok(Math.abs(loss - plain[h]) < 1e-5, `${HEADS[h]} at ${i}`)
      );
    }
  }
  reader.close();
});

Deno.test("honesty: the loss that is reported is of probabilities that sum to 1 at most", async () => {
  // Held out: one piece with a symbol, a duration and a step that the codebook does not have.
  const { events } = heldOutPiece();
  const strange = { ...withSymbol(events[2], 0, "C9"), duration: 1 as Grid, step: 7 as Grid };
  const heldOut = {
    ...heldOutPiece(),
    events: [...events.slice(0, 5), strange, ...events.slice(6)],
  };
  const prepared = preparation({ epochs: 2 }, PIECES, [heldOut]);
  const result = await trained(prepared, { patience: 0 });
  const reported = result.history[1].heldOutHeads!;
  const model = prepared.save({ ...result, best: result.optimizer.parameters });
  const reader = new Reader(model, PIECES);
  const piece = reader.prepare(heldOut);
  const reading = await reader.read(piece);
  const { codebook } = reader;
  // 0.2 % of the probability is divided evenly among all values and 1000, 300, 300 others, so that
  // known values have the rest.
  const sizes = [
    codebook.symbols.size + 1,
    codebook.durations.length + 1,
    codebook.steps.length + 1,
    16,
  ];
  const known = [piece.symbols.map((id) => id + 1), piece.durations, piece.steps];
  HEADS.forEach((head, h) => {
    const floor = 0.002 / ([1000, 300, 300, 16][h] + sizes[h]);
    let sum = 0;
    for (let i = 0; i < piece.positions - (h === 0 ? 0 : 1); i++) {
      const p = h < 3 && known[h][i] === 0 ? 0 : Math.exp(-reading[head][i]);
      sum -= Math.log(0.998 * p + floor);
    }
    const wanted = sum / events.length;
    assert.ok(
      Math.abs(reported[head] - wanted) < 1e-4,
      `${head}: ${reported[head]}, not ${wanted}`,
    );
  });
  assert.ok(piece.symbols.includes(-1) && piece.durations.slice(0, -1).includes(0));
  reader.close();
});

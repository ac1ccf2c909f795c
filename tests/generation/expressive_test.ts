/** What the composer may and may not do, with a network that has hardly learned anything. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { measureLikelihood } from "../../lib/evaluation/likelihood.ts";
import { CorpusError } from "../../lib/errors.ts";
import {
  ExpressiveComposer,
  type ExpressiveModel,
  type ExpressiveOptions,
} from "../../lib/generation/expressive.ts";
import type { ExpressiveDescription } from "../../lib/model/description.ts";
import { createPrng } from "../../lib/random.ts";
import type { Grid } from "../../lib/score/types.ts";
import { decode, encode, eventSymbol } from "../../lib/symbols/events.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";
import { randomSequence } from "../dataset/pieces.ts";
import { melody, part, piece } from "../evaluation/music.ts";
import { PIECES, preparation, trained } from "../training/network.ts";

/** A network after a little training on `pieces`. */
async function modelOf(pieces: readonly EventSequence[], epochs = 2): Promise<ExpressiveModel> {
  const prepared = preparation({ epochs }, pieces, []);
  const { description, arrays } = prepared.save(await trained(prepared, { patience: 0 }));
  const { configuration } = description as ExpressiveDescription;
  return {
    configuration,
    parameters: arrays.parameters as Float32Array,
    training: prepared.training!,
  };
}

const CALM: Omit<ExpressiveOptions, "prng"> = { length: 60, temperature: 1, topK: 0, topP: 1 };

/** Composes once with the model. */
async function compose(
  model: ExpressiveModel,
  options: Partial<ExpressiveOptions> = {},
  seed = 1,
): Promise<EventSequence> {
  const composer = new ExpressiveComposer(await startEngine(), model);
  try {
    return composer.compose({ ...CALM, prng: createPrng(seed), ...options });
  } finally {
    composer.close();
  }
}

const model = await modelOf(PIECES);

/** When the music begins, when its last note ends, and when the last one begins. */
function timesOf({ events, start }: EventSequence) {
  let [onset, last, end] = [start as number, start as number, start as number];
  for (const { duration, step } of events) {
    [last, end] = [onset, Math.max(end, onset + duration)];
    onset += step;
  }
  return { start: start as number, last, end };
}

Deno.test("composer: the same seed gives the same music, another one other music", async () => {
  const first = await compose(model);
  assert.deepEqual(await compose(model), first);
  assert.notDeepEqual((await compose(model, {}, 2)).events, first.events);
  // Also after other music was made with the same composer.
  const composer = new ExpressiveComposer(await startEngine(), model);
  composer.compose({ ...CALM, length: 13, prng: createPrng(5) });
  composer.compose({ ...CALM, primer: PIECES[1], length: 5, prng: createPrng(6) });
  assert.deepEqual(composer.compose({ ...CALM, prng: createPrng(1) }), first);
  composer.close();
});

Deno.test("composer: what it writes are events that can be decoded, voiced as their symbols say", async () => {
  for (let seed = 0; seed < 5; seed++) {
    const music = await compose(model, {}, seed);
    assert.ok(music.events.length >= 45 && music.events.length <= 60, `${music.events.length}`);
    for (const { symbol, part, notes, duration, step, velocity } of music.events) {
      const { drums } = music.parts[part];
      assert.equal(eventSymbol(notes.map(({ pitch }) => pitch), drums), symbol);
      assert.ok(Number.isInteger(duration) && duration > 0 && Number.isInteger(step) && step >= 0);
      assert.ok(velocity >= 1 && velocity <= 127);
    }
    const again = encode(decode(music));
    const notes = (events: EventSequence["events"]) => events.flatMap(({ notes }) => notes).length;
    assert.equal(notes(again.events), notes(music.events));
    assert.equal(again.start, music.start);
  }
});

Deno.test("composer: a melody of one note at a time stays one, without a rest", async () => {
  const tune = melody(Array.from({ length: 60 }, (_, i) => [60 + (i * i) % 7, 1 + i % 3] as const));
  const solo = await modelOf([tune]);
  for (let seed = 0; seed < 4; seed++) {
    const { events } = await compose(solo, {}, seed);
    assert.ok(events.slice(0, -1).every(({ step, duration }) => step === duration));
  }
});

Deno.test("composer: a primer with a part that the model cannot play does not stop time", async () => {
  const solo = await modelOf([
    melody(Array.from({ length: 40 }, (_, i) => [60 + i % 5, 1] as const)),
  ]);
  const voice = (pitch: number) =>
    part(Array.from({ length: 8 }, (_, i) => [pitch, i, 1] as const));
  const primer = encode(piece([voice(64), voice(55), voice(48), voice(40)]));
  const { events } = await compose(solo, { primer, length: 30 });
  const passed = events.reduce((sum, { step }) => sum + step, 0);
  assert.ok(passed >= 20 * 48, `${events.length} events in ${passed} grid units`);
});

Deno.test("composer: likelihoods are those that are measured", async () => {
  const tune = (shift: number) =>
    melody(Array.from({ length: 40 }, (_, i) => [60 + (i * i + shift) % 7, 1] as const));
  const solo = await modelOf([tune(0), tune(1)]);
  const unseen = tune(3);
  const engine = await startEngine();
  const composer = new ExpressiveComposer(engine, solo);
  const likelihoods = composer.likelihoods(unseen);
  assert.deepEqual(composer.likelihoods(unseen), likelihoods, "nothing is left over");
  composer.close();
  const sum = likelihoods.reduce((sum, p) => sum - Math.log(p), 0);
  // The measurement has the end of the piece too, and keeps a little for what was never seen.
  const { nllPerHead, events } = await measureLikelihood(engine, solo, [unseen], 1);
  const end = nllPerHead.symbol * events - sum;
  assert.equal(likelihoods.length, events);
  assert.ok(end > 0 && end < 7, `${end} nats for the end`);
});

Deno.test("composer: key and range hold for every note but the drums", async () => {
  const pitchClasses = new Set([0, 2, 4, 5, 7, 9, 11]);
  const range = [58, 67] as const;
  let chords = 0;
  for (let seed = 0; seed < 6; seed++) {
    const music = await compose(model, { pitchClasses, range, length: 100 }, seed);
    for (const { part, notes } of music.events) {
      if (music.parts[part].drums) continue;
      if (notes.length > 1) chords++;
      for (const { pitch } of notes) {
        assert.ok(pitchClasses.has(pitch % 12), `pitch ${pitch}`);
        assert.ok(pitch >= 58 && pitch <= 67, `pitch ${pitch}`);
      }
    }
  }
  assert.ok(chords > 5, `${chords} chords: they were not tried`);
});

Deno.test("composer: a key and range that nothing fits are refused", async () => {
  const flute = await modelOf([
    melody(Array.from({ length: 30 }, (_, i) => [60 + i % 5, 1] as const)),
  ], 0);
  for (const options of [{ range: [0, 20] as const }, { pitchClasses: new Set<number>() }]) {
    await assert.rejects(compose(flute, options), (error) => {
      assert.ok(error instanceof CorpusError);
      assert.match(error.message, /no note or chord of the model fits the key and range/);
      assert.match(error.details.hint!, /--range/);
      return true;
    });
  }
});

Deno.test("composer: music of two pitches goes on, with both of them", async () => {
  const notes = Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 60 : 67, 0.5] as const);
  const bell = await modelOf([melody(notes)], 0);
  const music = await compose(bell, { range: [60, 61], length: 120 });
  const counts = [60, 61].map((pitch) =>
    music.events.filter(({ notes }) => notes[0].pitch === pitch).length
  );
  assert.ok(counts[0] + counts[1] >= 90 && Math.min(...counts) > 18, `${counts}`);
});

Deno.test("composer: bars and seconds hold for the end of the last note", async () => {
  const meters = [{ onset: 0 as Grid, numerator: 3, denominator: 4 }];
  const tempos = [{ onset: 0 as Grid, microsecondsPerQuarter: 400_000 }];
  const waltz = { ...model, training: PIECES.map((piece) => ({ ...piece, meters, tempos })) };
  for (let seed = 0; seed < 6; seed++) {
    const bars = timesOf(await compose(waltz, { bars: 4, length: 1000 }, seed));
    // Four bars of three quarters of 48; the music fills them.
    assert.ok(bars.end - bars.start <= 4 * 144 && bars.last - bars.start > 3 * 144, `${bars.end}`);
    const seconds = timesOf(await compose(waltz, { seconds: 5.01, length: 1000 }, seed));
    // 5.01 s are 12.525 quarters of 0.4 s, 601.2 units.
    assert.ok(seconds.end - seconds.start <= 601 && seconds.last - seconds.start > 450);
  }
  const short = await compose(waltz, { bars: 40, length: 7 });
  assert.ok(short.events.length <= 7);
});

Deno.test("composer: a primer is continued where it ends, with its parts, meter and tempo", async () => {
  const meters = [{ onset: 0 as Grid, numerator: 6, denominator: 8 }];
  const primer = { ...PIECES[2], meters, source: "primer" };
  const music = await compose(model, { primer, length: 20 });
  const length = primer.events.reduce((sum, { step }) => sum + step, 0);
  assert.equal(music.start, primer.start + length);
  assert.deepEqual([music.meters, music.parts], [meters, primer.parts]);
  assert.ok(music.events.length > 0);
  assert.notDeepEqual(
    (await compose(model, { primer: PIECES[5], length: 20 })).events,
    music.events,
  );
});

Deno.test("composer: primers with fewer parts, more parts and unknown music can be continued", async () => {
  const primers = [
    melody([[60, 1], [62, 0.5], [64, 0.5]]),
    randomSequence(createPrng(7), { parts: 6, onsets: 5 }),
    melody([[3, 7 / 3], [125, 1 / 16], [60, 30]]),
    // Far above all that the model knows.
    melody([[120, 1], [122, 1], [124, 1]]),
  ];
  for (const primer of primers) {
    const music = await compose(model, { primer, length: 30 });
    assert.ok(music.events.length >= 22);
    // Every event finds its part.
    assert.ok(decode(music).parts.length > 0);
    assert.ok(music.events.every(({ part }) => part < primer.parts.length));
  }
});

Deno.test("composer: a primer in a register that the model does not know is continued in one it knows", async () => {
  const flute = await modelOf([
    melody(Array.from({ length: 30 }, (_, i) => [60 + i % 5, 1] as const)),
  ], 0);
  const music = await compose(flute, { primer: melody([[120, 1], [122, 1]]), length: 20 });
  assert.ok(music.events.length >= 15);
  for (const { notes: [{ pitch }] } of music.events) assert.ok(pitch >= 54 && pitch <= 69);
});

Deno.test("composer: at temperature 0 it always takes the likeliest", async () => {
  const primer = PIECES[0];
  const plain = await compose(model, { primer, temperature: 0, length: 20 }, 1);
  assert.deepEqual(await compose(model, { primer, temperature: 0, length: 20 }, 2), plain);
  assert.deepEqual(await compose(model, { primer, topK: 1, length: 20 }, 3), plain);
});

Deno.test("composer: it opens like a training piece, before whose first note nothing is known", async () => {
  const starts = PIECES.map((piece, i) => ({ ...piece, start: 48 * i as Grid }));
  const shifted = { ...model, training: starts };
  const seen = new Set<number>();
  for (let seed = 0; seed < 30; seed++) {
    seen.add((await compose(shifted, { length: 1 }, seed)).start);
  }
  assert.ok(seen.size > 4);
  for (const start of seen) assert.ok(starts.some((piece) => piece.start === start));
});

Deno.test("composer: close gives the memory back", async () => {
  const engine = await startEngine();
  const size = () => engine.memory.buffer.byteLength;
  await compose(model, { length: 1 });
  const before = size();
  for (let i = 0; i < 20; i++) await compose(model, { length: 1 });
  assert.equal(size(), before);
});

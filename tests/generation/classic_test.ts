import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { createRunner } from "../../lib/engine/runner.ts";
import { generateClassic } from "../../lib/generation/classic.ts";
import { classicPlan } from "../../lib/model/classic.ts";
import { createPrng } from "../../lib/random.ts";
import { prepareClassic } from "../../lib/training/preparation.ts";
import { TINY, trained } from "../training/network.ts";

const TUNE = "A B C D A B E A C D A E B C A D".split(" ");
const [T, V] = [4, 5];
const prepared = prepareClassic([{ source: "", value: TUNE }], {
  ...TINY,
  sequenceLength: T,
  batchSize: 12,
  epochs: 400,
  units: [24, 20],
  dropout: 0,
});
const ARGMAX = { temperature: 0, topK: 0, topP: 1 };

async function learned() {
  const { best } = await trained(prepared, { learningRate: () => 0.01 });
  const { configuration } = prepared.save(prepared.start).description;
  assert.ok(configuration.preset === "classic");
  return { configuration, parameters: best };
}

Deno.test("classic generation: a tune known by heart goes on from its beginning", async () => {
  const { configuration, parameters } = await learned();
  const ids = TUNE.map((symbol) => "ABCDE".indexOf(symbol));
  const primer = Int32Array.from(ids.slice(0, T));
  const found = generateClassic(await startEngine(), configuration, parameters, primer, {
    ...ARGMAX,
    length: TUNE.length - T,
    prng: createPrng(1),
  });
  assert.deepEqual(found, ids.slice(T));
  assert.deepEqual([...primer], ids.slice(0, T), "the primer is not changed");
});

Deno.test("classic generation: each id is the likeliest after the window before it", async () => {
  const { configuration, parameters } = await learned();
  const engine = await startEngine();
  // A window that never stood in the tune.
  const history = [4, 4, 3, 3];
  const ids = generateClassic(engine, configuration, parameters, Int32Array.from(history), {
    ...ARGMAX,
    length: 12,
    prng: createPrng(1),
  });
  const runner = createRunner(engine, classicPlan(configuration, 1), parameters);
  for (const id of ids) {
    runner.input("x").set(history.slice(-T).map((each) => each / V));
    runner.run();
    const logits = [...runner.output("logits")];
    assert.equal(id, logits.indexOf(Math.max(...logits)));
    history.push(id);
  }
  runner.close();
});

/** The laws of the expressive network: step by step, and saved and loaded. */
import assert from "node:assert/strict";
import { loadModel, saveModel } from "../../lib/model/folder.ts";
import { HEADS } from "../../lib/model/expressive.ts";
import { createPrng } from "../../lib/random.ts";
import { randomSequence } from "../dataset/pieces.ts";
import { PIECES, preparation, Reader, trained } from "../training/network.ts";

const music = [PIECES[3], randomSequence(createPrng(5, "stranger"), { parts: 2, onsets: 20 })];

Deno.test("expressive network: one stateful step after another is the whole sequence", async () => {
  const prepared = preparation({ epochs: 4 });
  const result = await trained(prepared, { patience: 0 });
  const reader = new Reader(prepared.save(result), prepared.training!);
  for (const sequence of music) {
    const piece = reader.prepare(sequence);
    const whole = await reader.read(piece);
    const steps = await reader.readStepwise(piece);
    for (const head of HEADS) {
      steps[head].forEach((loss, i) => {
        const difference = Math.abs(loss - whole[head][i]);
        assert.ok(difference < 1e-5, `${head} at ${i}: ${loss}, not ${whole[head][i]}`);
      });
    }
  }
  reader.close();
});

Deno.test("expressive network: a loaded model says exactly what the saved one says", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const prepared = preparation({ epochs: 2 });
    const model = prepared.save(await trained(prepared, { patience: 0 }));
    await saveModel(folder, model);
    const loaded = await loadModel<unknown>(folder);
    assert.deepEqual(loaded.description, model.description);
    const [before, after] = [model, loaded].map((each) => new Reader(each, prepared.training!));
    for (const sequence of music) {
      const piece = before.prepare(sequence);
      assert.deepEqual(await after.read(piece), await before.read(piece));
    }
    before.close();
    after.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { ModelError } from "../../lib/errors.ts";
import { loadModel, type SavedModel, saveModel } from "../../lib/model/folder.ts";

const MODEL: SavedModel<unknown> = {
  description: {
    configuration: { preset: "classic" },
    history: [{ loss: 0.1 + 0.2 }],
    name: "Žofie",
  },
  arrays: {
    parameters: Float32Array.of(1.5, -0, Infinity, 1e-42, 0.1),
    stream: Int32Array.of(-2147483648, 0, 7),
    nothing: new Float32Array(0),
  },
};
const OTHER: SavedModel<unknown> = {
  description: { configuration: { preset: "classic" }, second: true },
  arrays: { parameters: Float32Array.of(9, 9, 9, 9, 9), stream: MODEL.arrays.stream },
};

/** Runs `test` with a folder that holds {@linkcode MODEL}. */
async function withModel(test: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    const folder = `${parent}/deep/model`;
    await saveModel(folder, MODEL);
    await test(folder);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

const filesOf = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const binary = (folder: string, name: string) =>
  `${folder}/${filesOf(folder).find((file) => file.startsWith(name))}`;

async function assertDamaged(folder: string, reason: RegExp, hint = /train/i): Promise<void> {
  await assert.rejects(loadModel(folder), (error) => {
    assert.ok(error instanceof ModelError, `${error}`);
    assert.match(error.message, reason);
    assert.ok(error.message.includes(folder));
    assert.match(error.details.hint!, hint);
    assert.ok(error.details.source!.startsWith(folder));
    return true;
  });
}

Deno.test("model folder: what was saved comes back, bit for bit", () =>
  withModel(async (folder) => {
    assert.deepEqual(await loadModel(folder), MODEL);
    const { arrays } = await loadModel(folder);
    assert.ok(Object.is(arrays.parameters[1], -0));
    assert.deepEqual(Object.keys((await loadModel(folder, ["stream"])).arrays), ["stream"]);
  }));

Deno.test("model folder: saves only the part of a buffer that a view shows", async () => {
  const whole = Float32Array.of(1, 2, 3, 4);
  await withModel(async (folder) => {
    await saveModel(folder, { description: {}, arrays: { parameters: whole.subarray(1, 3) } });
    assert.deepEqual([...(await loadModel(folder)).arrays.parameters], [2, 3]);
  });
});

Deno.test("model folder: a second save replaces the first and leaves nothing of it", () =>
  withModel(async (folder) => {
    await saveModel(folder, OTHER);
    assert.deepEqual(await loadModel(folder), OTHER);
    const files = filesOf(folder);
    assert.equal(files.length, 3, `${files}`);
    assert.ok(files.includes("model.json") && !files.some((name) => name.endsWith(".partial")));
  }));

Deno.test("model folder: other files in it are left alone", () =>
  withModel(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.bin`, "mine");
    await saveModel(folder, OTHER);
    assert.equal(await Deno.readTextFile(`${folder}/notes.bin`), "mine");
  }));

Deno.test("model folder: a save that fails on the way leaves the model before it", async (t) => {
  for (const at of ["parameters", "stream", "model.json"]) {
    await t.step(`while writing ${at}`, () =>
      withModel(async (folder) => {
        const { rename } = Deno;
        // The program ends here: this file is written in part and nothing after it.
        Deno.rename = (from, to) =>
          String(to).includes(at) ? Promise.reject(new Error("power cut")) : rename(from, to);
        const changed = { ...OTHER.arrays, stream: Int32Array.of(5) };
        try {
          await assert.rejects(saveModel(folder, { ...OTHER, arrays: changed }), /power cut/);
        } finally {
          Deno.rename = rename;
        }
        assert.deepEqual(await loadModel(folder), MODEL);
        await saveModel(folder, OTHER);
        assert.deepEqual(await loadModel(folder), OTHER);
      }));
  }
});

Deno.test("model folder: a folder without a model says how to get one", async () => {
  const folder = await Deno.makeTempDir();
  await assertDamaged(folder, /there is no model\.json/, /deno task train --model /);
  await assertDamaged(`${folder}/nowhere`, /there is no model\.json/, /deno task train/);
  await Deno.remove(folder);
});

Deno.test("model folder: damage of every kind is told from a good model", async (t) => {
  const damages: Record<string, [RegExp, (folder: string) => Promise<void> | void]> = {
    "a missing file": [/cannot be read/, (f) => Deno.remove(binary(f, "parameters"))],
    "a truncated file": [
      /is not what was saved/,
      (f) => Deno.truncate(binary(f, "parameters"), 16),
    ],
    "an empty file": [/is not what was saved/, (f) => Deno.truncate(binary(f, "stream"), 0)],
    "a longer file": [
      /is not what was saved/,
      (f) => Deno.writeFile(binary(f, "stream"), new Uint8Array(4), { append: true }),
    ],
    "one changed bit": [/is not what was saved/, async (f) => {
      const bytes = await Deno.readFile(binary(f, "parameters"));
      bytes[6] ^= 1;
      await Deno.writeFile(binary(f, "parameters"), bytes);
    }],
    "a file of another model": [/is not what was saved/, async (f) => {
      const bytes = new Uint8Array(OTHER.arrays.parameters.slice().buffer as ArrayBuffer);
      await Deno.writeFile(binary(f, "parameters"), bytes);
    }],
    "half a model.json": [/model\.json is not JSON/, (f) => Deno.truncate(`${f}/model.json`, 100)],
    "an empty model.json": [/model\.json is not JSON/, (f) => Deno.truncate(`${f}/model.json`, 0)],
    "other JSON": [
      /not the description of a model/,
      (f) => Deno.writeTextFile(`${f}/model.json`, "[]"),
    ],
    "JSON null": [
      /not the description of a model/,
      (f) => Deno.writeTextFile(`${f}/model.json`, "null"),
    ],
  };
  for (const [name, [reason, damage]] of Object.entries(damages)) {
    await t.step(name, () =>
      withModel(async (folder) => {
        await damage(folder);
        await assertDamaged(folder, reason, /Restore the folder from a backup, or train again/);
      }));
  }
});

Deno.test("model folder: a newer version is told from damage", () =>
  withModel(async (folder) => {
    const path = `${folder}/model.json`;
    const json = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...json, version: json.version + 1 }));
    const numbers = new RegExp(`wanted version ${json.version}, found ${json.version + 1}`);
    await assertDamaged(folder, numbers, /Use the version of the program that saved it/);
  }));

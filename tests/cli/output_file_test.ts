import assert from "node:assert/strict";
import { join } from "node:path";
import { checkOutput, OutputError, writeOutput } from "../../lib/cli/output_file.ts";

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Names in a folder. */
const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("a new file, a shorter one over it, a longer one over that; nothing else is left", () =>
  inFolder(async (folder) => {
    const path = join(folder, "song.mid");
    for (const content of [bytes(1, 2, 3, 4, 5), bytes(6, 7), bytes(8, 9, 10), bytes()]) {
      await writeOutput(path, content);
      assert.deepEqual(await Deno.readFile(path), content);
    }
    assert.deepEqual(names(folder), ["song.mid"]);
  }));

Deno.test("checkOutput leaves everything as it was", () =>
  inFolder(async (folder) => {
    const [old, fresh] = [join(folder, "old.mid"), join(folder, "fresh.mid")];
    await Deno.writeFile(old, bytes(1, 2, 3));
    await checkOutput(old);
    await checkOutput(fresh);
    assert.deepEqual(await Deno.readFile(old), bytes(1, 2, 3));
    assert.deepEqual(names(folder), ["old.mid"]);
  }));

for (const write of [checkOutput, (path: string) => writeOutput(path, bytes(1))]) {
  Deno.test(`${write.name || "writeOutput"}: a missing folder and a folder in its place`, () =>
    inFolder(async (folder) => {
      const missing = join(folder, "none", "song.mid");
      await assert.rejects(write(missing), (error) =>
        error instanceof OutputError &&
        error.message ===
          `Cannot write ${missing}: wanted a folder ${join(folder, "none")}, found none` &&
        error.details.source === missing && error.details.hint !== undefined);
      await assert.rejects(write(folder), (error) =>
        error instanceof OutputError &&
        error.message === `Cannot write ${folder}: wanted a file, found a folder`);
      await Deno.writeFile(join(folder, "file"), bytes());
      await assert.rejects(write(join(folder, "file", "song.mid")), OutputError);
    }));
}

Deno.test("a link is written through", () =>
  inFolder(async (folder) => {
    const [target, link] = [join(folder, "target.mid"), join(folder, "link.mid")];
    await Deno.writeFile(target, bytes(1));
    await Deno.symlink(target, link);
    await writeOutput(link, bytes(2, 3));
    assert.deepEqual(await Deno.readFile(target), bytes(2, 3));
    assert.ok((await Deno.lstat(link)).isSymlink);
  }));

/** Runs a program that writes 3,000 bytes to song.mid in `folder`; its exit code and error. */
async function writeInProcess(folder: string, permission: string, limit = "") {
  const module = new URL("../../lib/cli/output_file.ts", import.meta.url);
  const program = join(folder, "program.ts");
  await Deno.writeTextFile(
    program,
    `import { writeOutput } from "${module}";
     try { await writeOutput("song.mid", new Uint8Array(3000).fill(7)); }
     catch (error) { console.log(error.name + ": " + error.message); Deno.exit(1); }`,
  );
  const deno = `'${Deno.execPath()}' run --no-prompt --quiet --no-check ${permission} program.ts`;
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", `${limit} ${deno}`],
    cwd: folder,
    stderr: "null",
  }).output();
  return [code, new TextDecoder().decode(stdout)];
}

Deno.test({
  name: "a real process with the permission to write that one path and nothing else",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "song.mid");
      for (const old of [undefined, bytes(1, 2, 3), new Uint8Array(9000)]) {
        if (old) await Deno.writeFile(path, old);
        assert.deepEqual(await writeInProcess(folder, "--allow-write=song.mid"), [0, ""]);
        assert.deepEqual(await Deno.readFile(path), new Uint8Array(3000).fill(7));
      }
      assert.deepEqual(await writeInProcess(folder, "--allow-write=other.mid"), [
        1,
        'NotCapable: Requires write access to "song.mid", run again with the --allow-write flag\n',
      ]);
    }),
});

Deno.test({
  name: "a disk that takes no more: the old file is as it was, a new one is not there",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "song.mid");
      // A file may have 2 × 512 bytes; the signal that would end the process is ignored.
      const limit = "trap '' XFSZ; ulimit -f 2;";
      const failed = [1, "OutputError: Cannot write song.mid: File too large\n"];
      assert.deepEqual(await writeInProcess(folder, "--allow-write=song.mid", limit), failed);
      assert.deepEqual(names(folder), ["program.ts"]);
      const old = Uint8Array.from({ length: 500 }, (_, i) => i % 251);
      await Deno.writeFile(path, old);
      assert.deepEqual(await writeInProcess(folder, "--allow-write=song.mid", limit), failed);
      assert.deepEqual(await Deno.readFile(path), old);
    }),
});

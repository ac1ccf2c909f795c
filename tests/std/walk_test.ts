/** The documented behaviour of `@std/fs/walk` 1.0. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { walk, type WalkOptions } from "@std/fs/walk";

/** Calls `test` with a folder that holds the given empty files (`a/b.ts`) and folders (`c/`). */
async function withTree(paths: string[], test: (root: string) => Promise<void>) {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const path of paths) {
      const full = join(root, path);
      if (path.endsWith("/")) await Deno.mkdir(full, { recursive: true });
      else await Deno.writeTextFile(full, "");
    }
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The walked paths relative to `root`, sorted, with `.` for the root and `/` as separator. */
async function walked(root: string, options?: WalkOptions): Promise<string[]> {
  const paths = await Array.fromAsync(walk(root, options), (entry) => entry.path);
  return paths.map((path) => path.slice(root.length + 1).replaceAll("\\", "/") || ".").sort();
}

const tree = ["foo/", "foo/deep/", "README.md", "script.ts", "foo/bar.ts", "foo/deep/x.TS"];

function check(name: string, options: WalkOptions | undefined, expected: string[]) {
  Deno.test(`walk: ${name}`, () =>
    withTree(tree, async (root) => assert.deepEqual(await walked(root, options), expected)));
}

check("everything", undefined, [
  ".",
  "README.md",
  "foo",
  "foo/bar.ts",
  "foo/deep",
  "foo/deep/x.TS",
  "script.ts",
]);
check("maxDepth 0 is the root alone", { maxDepth: 0 }, ["."]);
check("maxDepth 1 is the root and its children", { maxDepth: 1 }, [
  ".",
  "README.md",
  "foo",
  "script.ts",
]);
check("a negative maxDepth is nothing", { maxDepth: -1 }, []);
check("without files", { includeFiles: false }, [".", "foo", "foo/deep"]);
check("without directories", { includeDirs: false }, [
  "README.md",
  "foo/bar.ts",
  "foo/deep/x.TS",
  "script.ts",
]);
check("extensions with a period", { exts: [".ts"] }, ["foo/bar.ts", "script.ts"]);
check("extensions without a period", { exts: ["md", "TS"] }, ["README.md", "foo/deep/x.TS"]);
check("match", { match: [/\.ts$/i] }, ["foo/bar.ts", "foo/deep/x.TS", "script.ts"]);
check("a pattern with the g flag matches every time", { match: [/\.ts$/gi] }, [
  "foo/bar.ts",
  "foo/deep/x.TS",
  "script.ts",
]);
check("skip leaves out a directory with all it holds", { skip: [/foo$/] }, [
  ".",
  "README.md",
  "script.ts",
]);

Deno.test("walk: entries carry name and kind, and a URL is a root too", () =>
  withTree(["song.mid"], async (root) => {
    const entries = await Array.fromAsync(walk(pathToFileURL(root)));
    assert.deepEqual(entries, [
      {
        path: root,
        name: root.split(/[\\/]/).at(-1),
        isFile: false,
        isDirectory: true,
        isSymlink: false,
      },
      {
        path: join(root, "song.mid"),
        name: "song.mid",
        isFile: true,
        isDirectory: false,
        isSymlink: false,
      },
    ]);
  }));

Deno.test("walk: a link is an entry of its own, left out, or followed", () =>
  withTree(["real/", "real/a.ts", "links/"], async (root) => {
    await Deno.symlink(join(root, "real"), join(root, "links", "dir"), { type: "dir" });
    await Deno.symlink(join(root, "real", "a.ts"), join(root, "links", "file"), { type: "file" });
    const links = join(root, "links");
    const relative = async (options: WalkOptions) =>
      (await Array.fromAsync(walk(links, { includeDirs: false, ...options })))
        .map((entry) => [entry.path.slice(root.length + 1), entry.name, entry.isSymlink])
        .sort();
    assert.deepEqual(await relative({}), [
      [join("links", "dir"), "dir", true],
      [join("links", "file"), "file", true],
    ]);
    assert.deepEqual(await relative({ includeSymlinks: false }), []);
    assert.deepEqual(await relative({ followSymlinks: true }), [
      [join("real", "a.ts"), "a.ts", false],
      [join("real", "a.ts"), "file", true],
    ]);
    assert.deepEqual(await relative({ followSymlinks: true, canonicalize: false }), [
      [join("links", "dir", "a.ts"), "a.ts", false],
      [join("links", "file"), "file", true],
    ]);
  }));

Deno.test("walk: a missing root is NotFound", async () => {
  await assert.rejects(
    Array.fromAsync(walk(join(Deno.cwd(), "no-such-folder"))),
    Deno.errors.NotFound,
  );
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Inspection, run } from "../../lib/cli/commands/inspect.ts";
import type { Io } from "../../lib/cli/io.ts";
import { parseCommandLine } from "../../lib/cli/options.ts";
import { Progress } from "../../lib/cli/progress.ts";
import { CorpusError } from "../../lib/errors.ts";

const cases = fileURLToPath(new URL("../data/oracle/cases", import.meta.url));
const golden = fileURLToPath(new URL("../data/oracle/golden", import.meta.url));

/** What `inspect` prints with `args`, and the error it ends with, if any. */
async function inspect(...args: string[]): Promise<{ out: string; error?: unknown }> {
  const printed: string[] = [];
  const screen = { isTerminal: false, columns: 80, write: () => {}, now: () => 0 };
  const io: Io = {
    print: (line) => void printed.push(`${line}\n`),
    note: () => {},
    detail: () => {},
    startProgress: () => new Progress(screen),
    now: screen.now,
  };
  const { options, given } = parseCommandLine(["inspect", ...args]);
  const error = await run(options, io, given).catch((error) => error);
  return { out: printed.join(""), error };
}

/** Calls `test` with a folder of copies of oracle cases, under new names. */
async function withCases(names: Record<string, string>, test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, source] of Object.entries(names)) {
      await Deno.copyFile(join(cases, source), join(folder, name));
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("--symbols prints the golden symbols of every case, and nothing where there are none", async () => {
  let checked = 0;
  for await (const { name } of Deno.readDir(golden)) {
    const { file, error, symbols } = JSON.parse(await Deno.readTextFile(join(golden, name)));
    if (error) continue;
    assert.deepEqual(await inspect("--symbols", join(cases, file)), {
      out: symbols.map((symbol: string) => `${symbol}\n`).join(""),
      error: undefined,
    });
    checked++;
  }
  assert.ok(checked > 40, `${checked} cases`);
});

Deno.test("--symbols of a file without notes prints nothing, not even an empty line", async () => {
  const file = await Deno.makeTempFile({ suffix: ".mid" });
  try {
    const header = "4d546864 00000006 0000 0001 0060";
    const track = "4d54726b 00000004 00ff2f00";
    await Deno.writeFile(file, Uint8Array.fromHex((header + track).replaceAll(" ", "")));
    assert.deepEqual(await inspect("--symbols", file), { out: "", error: undefined });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("--symbols of a file that is not there", async () => {
  const { out, error } = await inspect("--symbols", "none.mid");
  assert.equal(out, "");
  assert.ok(error instanceof CorpusError);
  assert.equal(error.message, "Cannot read none.mid: wanted a MIDI file, found none");
});

Deno.test("the report: files, symbols and the most common ones with bars", () =>
  withCases({ "a.mid": "03_running_status.mid", "b.mid": "03_running_status.mid" }, async (
    folder,
  ) => {
    await Deno.writeTextFile(join(folder, "c.mid"), "no MIDI");
    const { out, error } = await inspect("--input", folder);
    assert.equal(error, undefined);
    assert.equal(
      out,
      `${folder}: 3 files, 1 kept, 1 skipped, 1 the same as another

  a.mid  1 track  4 notes  3 quarters  1.5 s
  b.mid  same bytes as a.mid
  c.mid  skipped: Cannot read "c.mid" as MIDI: wanted a file that starts with "MThd", ` +
        `found something else (byte 0)

4 symbols, 4 different (classic); the most common:
  C4  1  25.0 %  ██████████████████████████████
  D4  1  25.0 %  ██████████████████████████████
  E4  1  25.0 %  ██████████████████████████████
  F4  1  25.0 %  ██████████████████████████████
`,
    );
  }));

Deno.test("--verbose tells the repairs and the whole vocabulary", () =>
  withCases({ "a.mid": "24_missing_off.mid" }, async (folder) => {
    const { out } = await inspect("--input", folder, "--verbose");
    assert.match(out, /\n {4}repaired \d+ ×: a note without an end was left out\n/);
    assert.match(out, /\n\nAll symbols:\n[^\n]+\n$/);
    const { out: brief } = await inspect("--input", folder);
    assert.match(brief, /\n {4}repaired \d+ × \(--verbose says how\)\n/);
  }));

Deno.test("--json is one object with the documented fields", () =>
  withCases({ "a.mid": "03_running_status.mid", "b.mid": "34_symmetric_chords.mid" }, async (
    folder,
  ) => {
    const { out } = await inspect("--input", folder, "--json");
    const inspection: Inspection = JSON.parse(out);
    assert.deepEqual(Object.keys(inspection), [
      "input",
      "preset",
      "files",
      "symbols",
      "vocabulary",
      "common",
    ]);
    const { symbols } = JSON.parse(
      await Deno.readTextFile(join(golden, "34_symmetric_chords.json")),
    );
    assert.equal(inspection.symbols, 4 + symbols.length);
    assert.deepEqual(
      inspection.vocabulary,
      [...new Set(["C4", "D4", "E4", "F4", ...symbols])].sort(),
    );
    assert.deepEqual(inspection.files.map(({ path, outcome }) => [path, outcome]), [
      ["a.mid", "kept"],
      ["b.mid", "kept"],
    ]);
    const total = inspection.common.reduce((sum, { share }) => sum + share, 0);
    assert.ok(Math.abs(total - 1) < 1e-9);
  }));

Deno.test("the most common symbols come first, equally common ones in the order of their ids", () =>
  withCases({ "a.mid": "06_overlap_same_pitch.mid" }, async (folder) => {
    const { common }: Inspection = JSON.parse((await inspect("--input", folder, "--json")).out);
    assert.deepEqual(common, [
      { symbol: "C4", count: 2, share: 0.5 },
      { symbol: "4", count: 1, share: 0.25 },
      { symbol: "D4", count: 1, share: 0.25 },
    ]);
  }));

Deno.test("the expressive preset's symbols on request", () =>
  withCases({ "a.mid": "16_percussion.mid" }, async (folder) => {
    const expressive = await inspect("--symbols", join(folder, "a.mid"), "--preset", "expressive");
    assert.match(expressive.out, /^drum:36\.42$/m);
  }));

Deno.test("no usable file: the report, then the error", () =>
  withCases({ "a.mid": "21_empty_tracks.mid" }, async (folder) => {
    await Deno.writeTextFile(join(folder, "a.mid"), "no MIDI");
    const { out, error } = await inspect("--input", folder);
    assert.match(out, /1 file, 0 kept, 1 skipped/);
    assert.ok(error instanceof CorpusError);
    await Deno.remove(join(folder, "a.mid"));
    const empty = await inspect("--input", folder);
    assert.equal(empty.out, "");
    assert.ok(empty.error instanceof CorpusError);
  }));

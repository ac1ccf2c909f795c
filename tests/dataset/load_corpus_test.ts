import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { CorpusError } from "../../lib/errors.ts";
import { compareCodePoints } from "../../lib/dataset/find_files.ts";
import { type FileReport, loadCorpus, readFiles } from "../../lib/dataset/load_corpus.ts";

/** A MIDI file: format 0, 96 ticks a quarter, the given track bytes in hexadecimal. */
function midiFile(track: string): Uint8Array<ArrayBuffer> {
  const events = Uint8Array.fromHex(track.replace(/\s|\(.*?\)/g, ""));
  const head = "4d546864 00000006 0000 0001 0060  4d54726b 000000";
  const size = events.length.toString(16).padStart(2, "0");
  return Uint8Array.from([...Uint8Array.fromHex((head + size).replace(/\s/g, "")), ...events]);
}

const END = "00 ff2f00";
/** One quarter of C4 at 120 quarters a minute. */
const ONE_NOTE = midiFile(`00 903c50  60 803c40  ${END}`);
/** Two quarters at 60 a minute, two at 120: C4 for three quarters, then D4 for one; then a tempo. */
const TWO_TEMPOS = midiFile(`
  00 ff51030f4240 (1,000,000 µs)  00 903c50
  8140 ff510307a120 (192 ticks later: 500,000 µs)
  60 803c40  00 903e50  60 803e40  60 ff51030f4240 ${END}`);
const NO_NOTES = midiFile(END);
/** A note that never ends, which the reader of pieces leaves out, and one that does. */
const LOOSE_NOTE = midiFile(`00 903c50  00 904050  60 804040  ${END}`);

type Tree = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** Calls `test` with a folder that holds the given files. */
async function withFiles(tree: Tree, test: (root: string) => Promise<void>) {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [name, bytes] of Object.entries(tree)) {
      await Deno.mkdir(join(root, name, ".."), { recursive: true });
      await Deno.writeFile(join(root, name), bytes);
    }
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const outcomes = (reports: readonly FileReport[]) =>
  reports.map(({ path, outcome }) => [path, outcome]);

Deno.test("a kept file: tracks, notes, quarters, seconds, repairs", () =>
  withFiles({ "a.mid": TWO_TEMPOS, "b.mid": LOOSE_NOTE }, async (root) => {
    const { items, reports } = await loadCorpus(root, ({ midi, piece }, source) => [
      midi.format,
      piece.parts[0].notes.map((note) => note.pitch),
      source,
    ]);
    assert.deepEqual(items, [
      { source: "a.mid", value: [0, [60, 62], "a.mid"] },
      { source: "b.mid", value: [0, [64], "b.mid"] },
    ]);
    assert.deepEqual(reports, [
      { outcome: "kept", path: "a.mid", tracks: 1, notes: 2, quarters: 4, seconds: 3, repairs: {} },
      {
        outcome: "kept",
        path: "b.mid",
        tracks: 1,
        notes: 1,
        quarters: 1,
        seconds: 0.5,
        repairs: { unmatchedNoteOn: 1 },
      },
    ]);
  }));

Deno.test("subfolders, endings in any case, order by code points, other files ignored", () =>
  withFiles(
    {
      "b.MID": midiFile(`00 903d50  60 803d40  ${END}`),
      "a/z.midi": midiFile(`00 903e50  60 803e40  ${END}`),
      "a.rmi": midiFile(`00 903f50  60 803f40  ${END}`),
      "\u{1f3b5}.mid": midiFile(`00 904050  60 804040  ${END}`),
      "\uff5e.mid": midiFile(`00 904150  60 804140  ${END}`),
      "notes.txt": ONE_NOTE,
      "mid": ONE_NOTE,
    },
    async (root) => {
      const { items } = await loadCorpus(root, ({ piece }) => piece.source);
      const names = ["a.rmi", "a/z.midi", "b.MID", "\uff5e.mid", "\u{1f3b5}.mid"];
      assert.deepEqual(items.map((item) => item.source), names);
      assert.deepEqual(items.map((item) => item.value), names);
    },
  ));

Deno.test("one bad file never stops the others, and each is in the report with its reason", () =>
  withFiles(
    {
      "1.mid": new Uint8Array(),
      "2.mid": new TextEncoder().encode("this is no MIDI file"),
      "3.mid": NO_NOTES,
      "4.mid": ONE_NOTE,
      "5.mid": TWO_TEMPOS,
      "6.mid": LOOSE_NOTE,
    },
    async (root) => {
      const { items, reports } = await loadCorpus(root, (_, source) => {
        if (source === "5.mid") throw new CorpusError("too short", { track: 3 });
        if (source === "6.mid") throw new TypeError("surprise");
        return source;
      });
      assert.deepEqual(items, [{ source: "4.mid", value: "4.mid" }]);
      assert.deepEqual(outcomes(reports), [
        ["1.mid", "skipped"],
        ["2.mid", "skipped"],
        ["3.mid", "skipped"],
        ["4.mid", "kept"],
        ["5.mid", "skipped"],
        ["6.mid", "skipped"],
      ]);
      const reasons = reports.map((report) => report.outcome === "skipped" ? report.reason : "");
      assert.match(reasons[0], /^Cannot read "1.mid" as MIDI/);
      assert.match(reasons[1], /^Cannot read "2.mid" as MIDI/);
      assert.equal((reports[1] as { byteOffset?: number }).byteOffset, 0);
      assert.equal(reasons[2], "there are no notes in it");
      assert.deepEqual(reports[4], {
        outcome: "skipped",
        path: "5.mid",
        reason: "too short",
        track: 3,
      });
      assert.equal(reasons[5], "surprise");
    },
  ));

Deno.test("the same bytes are used once, wherever they are", () =>
  withFiles({ "b/x.mid": ONE_NOTE, "a.mid": ONE_NOTE, "c.mid": TWO_TEMPOS }, async (root) => {
    const { items, reports } = await loadCorpus(root, (_, source) => source);
    assert.deepEqual(items.map((item) => item.value), ["a.mid", "c.mid"]);
    assert.deepEqual(reports[1], { outcome: "duplicate", path: "b/x.mid", sameAs: "a.mid" });
  }));

Deno.test("a file instead of a folder, whatever it is called", () =>
  withFiles({ "music.bin": ONE_NOTE }, async (root) => {
    const { items } = await loadCorpus(join(root, "music.bin"), () => 1);
    assert.deepEqual(items, [{ source: "music.bin", value: 1 }]);
  }));

Deno.test("links are followed; circles end, what leads nowhere is reported", () =>
  withFiles({ "in/a.mid": ONE_NOTE, "in/sub/b.mid": TWO_TEMPOS, "far/c.mid": LOOSE_NOTE }, async (
    root,
  ) => {
    const folder = join(root, "in");
    await Deno.symlink(folder, join(folder, "sub", "circle"), { type: "dir" });
    await Deno.symlink(join(root, "far"), join(folder, "0-far"), { type: "dir" });
    await Deno.symlink(join(folder, "a.mid"), join(folder, "z.mid"), { type: "file" });
    await Deno.symlink(join(root, "none.mid"), join(folder, "gone.mid"), { type: "file" });
    await Deno.symlink(join(root, "none.txt"), join(folder, "gone.txt"), { type: "file" });
    const { reports } = await loadCorpus(folder, () => 1);
    assert.deepEqual(outcomes(reports), [
      ["0-far/c.mid", "kept"],
      ["a.mid", "kept"],
      ["sub/b.mid", "kept"],
      ["z.mid", "duplicate"],
      ["gone.mid", "skipped"],
    ]);
    assert.equal(
      (reports[4] as { reason?: string }).reason,
      "it leads to a file that is not there",
    );
  }));

Deno.test("no folder, nothing in it, nothing usable in it: an error that says what to do", () =>
  withFiles({ "empty/readme.txt": ONE_NOTE, "bad/a.mid": NO_NOTES }, async (root) => {
    const refusal = async (name: string) => {
      const path = join(root, name);
      const error = await loadCorpus(path, () => 1).catch((error) => error);
      assert.ok(error instanceof CorpusError, String(error));
      assert.equal(error.details.source, path);
      return [error.message.replaceAll(path, name), error.details.hint];
    };
    assert.deepEqual(await refusal("none"), [
      "Cannot read music from none: wanted a file or folder, found none",
      "Put MIDI files into a folder of that name, or choose another one with --input.",
    ]);
    assert.deepEqual(await refusal("empty"), [
      "Cannot learn from empty: wanted at least one .mid, .midi or .rmi file, found none",
      "Put MIDI files into it, or choose another folder with --input.",
    ]);
    assert.deepEqual(await refusal("bad"), [
      "Cannot learn from bad: wanted at least one usable MIDI file, found one that is not " +
      "(a.mid: there are no notes in it)",
      "Add other MIDI files. The inspect command tells about each file.",
    ]);
  }));

Deno.test("onFile hears of each file in order, readFiles gives them one by one", () =>
  withFiles({ "a.mid": ONE_NOTE, "b.mid": NO_NOTES }, async (root) => {
    const heard: unknown[] = [];
    await loadCorpus(root, () => 1, ({ path }, done, total) => heard.push([path, done, total]));
    assert.deepEqual(heard, [["a.mid", 1, 2], ["b.mid", 2, 2]]);
    const results = await Array.fromAsync(readFiles(root, () => "value"));
    assert.deepEqual(results.map(({ value, total }) => [value, total]), [["value", 2], [
      undefined,
      2,
    ]]);
  }));

Deno.test("code point order is the order of the UTF-8 bytes", () => {
  const text = fc.string({ unit: "grapheme-composite" });
  const encoder = new TextEncoder();
  fc.assert(fc.property(text, text, (a, b) => {
    const [x, y] = [encoder.encode(a).toHex(), encoder.encode(b).toHex()];
    assert.equal(Math.sign(compareCodePoints(a, b)), x < y ? -1 : x > y ? 1 : 0);
  }));
  assert.ok(compareCodePoints("\uff5e", "\u{1f3b5}") < 0 && "\uff5e" > "\u{1f3b5}");
  assert.ok(compareCodePoints("a", "ab") < 0);
});

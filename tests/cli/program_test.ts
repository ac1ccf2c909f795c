/** The program as people run it: a process of its own, with the flags of the documented tasks. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readMidi } from "../../lib/midi/read.ts";
import { root, runTask, spawnTask, taskWords, v8Flags, workFolder } from "./program.ts";

/** Two short starter pieces, enough to learn something from. */
const PIECES = ["old_hundredth.mid", "kesh_jig.mid"];
/** A network that is trained in a moment. */
const TINY = ["--units", "16,16", "--epochs", "2"];
const OUTPUT = "generated_midi.mid";

/** Onsets of all notes of a MIDI file in ticks, each once, in order. */
function onsets(bytes: Uint8Array): number[] {
  const { midi } = readMidi(bytes);
  const ticks = midi.tracks.flatMap(({ events }) =>
    events.filter((event) => event.type === "noteOn").map((event) => event.onsetTicks)
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}

Deno.test("the tasks may read input and model, write output and model, and nothing else", () => {
  const read = "--allow-read=input,model";
  assert.deepEqual(taskWords("generate").flags, [
    read,
    "--allow-write=generated_midi.mid,model",
  ]);
  assert.deepEqual(taskWords("train").flags, [read, "--allow-write=model"]);
  assert.deepEqual(taskWords("inspect").flags, ["--allow-read=input"]);
  assert.deepEqual(taskWords("evaluate").flags, [read]);
});

Deno.test("on x86-64 the tasks have the flag for 256-bit code", {
  ignore: Deno.build.arch !== "x86_64",
}, () => assert.deepEqual(v8Flags, ["--v8-flags=--experimental-wasm-revectorize"]));

Deno.test("a page in place of the music: refused before the work", async () => {
  await using work = await workFolder(PIECES);
  const { code, err } = await runTask("generate", ["--page", `./${OUTPUT}`], work.folder);
  assert.equal(code, 2);
  assert.match(err, /--page and --output are the same file/);
});

Deno.test("generate: from the starter corpus to a MIDI file", async () => {
  const names = (await Array.fromAsync(Deno.readDir(join(root, "input"))))
    .map(({ name }) => name).filter((name) => name.endsWith(".mid"));
  await using work = await workFolder(names);
  const { code, out, err } = await runTask(
    "generate",
    ["--epochs", "1", "--seed", "1"],
    work.folder,
  );
  assert.equal(code, 0, err);
  assert.match(err, /^Seed 1\nReading MIDI files from input\n/);
  assert.match(err, new RegExp(`\n${names.length} files read\n`));
  assert.match(out, /^Wrote generated_midi\.mid: \d+ notes\n/);
  assert.ok(onsets(await work.read(OUTPUT)).length > 20);
});

Deno.test("same seed, same bytes: any threads, in one go or in two; another seed, others", async () => {
  const music = async (args: string[]) => {
    await using work = await workFolder(PIECES);
    const { code, err } = await runTask("generate", [...TINY, ...args], work.folder);
    assert.equal(code, 0, err);
    return work.read(OUTPUT);
  };
  const [one, two, other] = await Promise.all([
    music(["--seed", "7", "--threads", "1"]),
    music(["--seed", "7", "--threads", "2"]),
    music(["--seed", "8", "--threads", "2"]),
  ]);
  assert.deepEqual(two, one);
  assert.notDeepEqual(other, one);

  await using work = await workFolder(PIECES);
  const trained = await runTask("train", [...TINY, "--seed", "7"], work.folder);
  assert.equal(trained.code, 0, trained.err);
  await Deno.remove(work.path("input"), { recursive: true });
  const args = ["generate", "--model", "model", "--seed", "7"];
  const generated = await runTask("generate", args, work.folder);
  assert.equal(generated.code, 0, generated.err);
  assert.deepEqual(await work.read(OUTPUT), one);
});

Deno.test({
  name: "Ctrl-C during training: the music is written all the same, exit code 0",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using work = await workFolder(PIECES);
    const args = ["--units", "16,16", "--epochs", "100000", "--learning-rate", "0.00001"];
    const child = spawnTask("generate", args, work.folder);
    let err = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (!err.includes("epoch ") && (err + text).includes("epoch ")) child.kill("SIGINT");
      err += text;
    }
    const { code } = await child.status;
    await child.stdout.cancel();
    assert.equal(code, 0, err);
    assert.match(err, /\nStopping: what was learned is kept\./);
    assert.ok(err.split("\nepoch ").length < 10, "it stops soon: a line of progress a second");
    assert.ok(onsets(await work.read(OUTPUT)).length > 20);
  },
});

Deno.test("a broken file is named and does not stop the others; --json prints one object", async () => {
  await using work = await workFolder(PIECES);
  await Deno.writeTextFile(work.path("input", "broken.mid"), "MThd, or so it says");
  const { code, out, err } = await runTask("generate", [...TINY, "--json"], work.folder);
  assert.equal(code, 0, err);
  assert.match(err, /\n2 files read, 1 left out:\n {2}broken\.mid: Cannot read .+\n/);
  const { output, notes } = JSON.parse(out);
  assert.equal(output, OUTPUT);
  assert.ok(notes > 20);
});

Deno.test("--page: a page with as many notes as the file has; told before the work if it may not be", async () => {
  await using work = await workFolder(PIECES);
  const refused = await runTask("generate", [...TINY, "--page", "music.html"], work.folder);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /--allow-write=generated_midi\.mid,music\.html,model /);
  const args = [...TINY, "--page", "model/music.html", "--json"];
  await Deno.mkdir(work.path("model"));
  const { code, out, err } = await runTask("generate", args, work.folder);
  assert.equal(code, 0, err);
  const page = new TextDecoder().decode(await work.read("model", "music.html"));
  assert.equal(JSON.parse(/const NOTES = (.+);\n/.exec(page)![1]).length, JSON.parse(out).notes);
});

Deno.test("--quiet: nothing on standard error", async () => {
  await using work = await workFolder(PIECES);
  const { code, out, err } = await runTask("generate", [...TINY, "--quiet"], work.folder);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Wrote generated_midi\.mid: /);
});

Deno.test("an empty folder: exit code 1; what, where and what to do", async () => {
  await using work = await workFolder();
  const { code, out, err } = await runTask("generate", ["--quiet"], work.folder);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^error: Cannot .+\nwhere: input\nhint: {2}.+\n$/);
});

Deno.test("an output that is not permitted: told before the work starts, with the flag", async () => {
  await using work = await workFolder(PIECES);
  const { code, err } = await runTask("generate", ["--output", "song.mid"], work.folder);
  assert.equal(code, 1);
  assert.match(err, /^error: Cannot write song\.mid: .*--allow-write=song\.mid/);
  assert.match(
    err,
    /\nhint: {2}Run: deno run --allow-read=input,model --allow-write=song\.mid,model /,
  );
});

Deno.test("an unknown option: exit code 2 and the nearest one", async () => {
  await using work = await workFolder();
  const { code, err } = await runTask("generate", ["--epoch", "3"], work.folder);
  assert.equal(code, 2);
  assert.match(err, /\nhint: {2}Did you mean --epochs\?\n$/);
});

Deno.test("classic: 150 symbols, one a quarter", async () => {
  await using work = await workFolder(PIECES);
  const small = ["--sequence-length", "10", "--units", "16,16", "--epochs", "1"];
  const args = ["--preset", "classic", ...small, "--seed", "3"];
  const { code, err } = await runTask("generate", args, work.folder);
  assert.equal(code, 0, err);
  const bytes = await work.read(OUTPUT);
  const ticksPerQuarter = bytes[12] * 256 + bytes[13];
  assert.deepEqual(onsets(bytes), Array.from({ length: 150 }, (_, i) => i * ticksPerQuarter));
});

Deno.test("train --resume goes on where training stopped", async () => {
  await using work = await workFolder(PIECES);
  const train = async (args: string[]) => {
    const small = ["--units", "16,16", "--seed", "5", "--json", "--quiet"];
    const { code, out, err } = await runTask("train", [...small, ...args], work.folder);
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };
  const first = await train(["--epochs", "1"]);
  const second = await train(["--epochs", "2", "--resume"]);
  assert.deepEqual(second.history.map(({ epoch }: { epoch: number }) => epoch), [1, 2]);
  assert.deepEqual(second.history[0], first.history[0]);
  assert.ok(second.updates > first.updates);
});

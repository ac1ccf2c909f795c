/** The real program in a process of its own, with nothing but the permissions that are named. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
const cases = fileURLToPath(new URL("../data/oracle/cases", import.meta.url));
const golden = fileURLToPath(new URL("../data/oracle/golden", import.meta.url));

/** Runs main.ts with the permissions in `flags`. */
async function run(args: string[], { flags = [], cwd }: { flags?: string[]; cwd?: string } = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "--no-check", ...flags, main, ...args],
    cwd,
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

Deno.test("--help needs no permission and leaves standard error alone", async () => {
  for (const args of [["--help"], ["-h"], ["--epochs", "banana", "--help"]]) {
    const { code, out, err } = await run(args);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^Usage: deno task generate \[options\]\n/);
  }
  const { out } = await run(["inspect", "--help"]);
  assert.match(out, /^Usage: main.ts inspect \[options\]\n/);
});

Deno.test("--version is that of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(join(main, "..", "deno.json")));
  assert.deepEqual(await run(["--version"]), { code: 0, out: `${version}\n`, err: "" });
});

Deno.test("an unknown option: exit code 2, three lines, nothing on standard output", async () => {
  assert.deepEqual(await run(["--tempratur", "1"]), {
    code: 2,
    out: "",
    err: "error: Cannot use --tempratur: there is no such option\n" +
      "where: --tempratur\n" +
      "hint:  Did you mean --temperature?\n",
  });
});

Deno.test("a missing permission: exit code 1 and the command to type", async () => {
  const args = ["inspect", "--input", "my songs"];
  assert.deepEqual(await run(args, { flags: ["--allow-read=input"], cwd: cases }), {
    code: 1,
    out: "",
    err: "error: Cannot read my songs: wanted the permission --allow-read=my songs, " +
      "found it not granted\n" +
      "where: my songs\n" +
      "hint:  Run: deno run '--allow-read=my songs' main.ts inspect --input 'my songs'\n",
  });
});

Deno.test("a folder that is not there: exit code 1; with --verbose the stack too", async () => {
  const flags = ["--allow-read=none"];
  const plain = await run(["inspect", "--input=none"], { flags });
  assert.equal(plain.code, 1);
  assert.equal(
    plain.err,
    "error: Cannot read music from none: wanted a file or folder, found none\n" +
      "where: none\n" +
      "hint:  Put MIDI files into a folder of that name, or choose another one with --input.\n",
  );
  const verbose = await run(["inspect", "--input=none", "--verbose"], { flags });
  assert.ok(verbose.err.startsWith(plain.err));
  assert.match(verbose.err, /\n +at .*find_files\.ts/);
});

Deno.test("inspect --symbols prints music21's symbols, one a line", async () => {
  const { symbols } = JSON.parse(
    await Deno.readTextFile(join(golden, "39_channels_one_track.json")),
  );
  const file = join(cases, "39_channels_one_track.mid");
  const { code, out, err } = await run(["inspect", "--symbols", file], {
    flags: [`--allow-read=${file}`],
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(out.trimEnd().split("\n"), symbols);
});

Deno.test({
  name: "who reads the output may stop reading",
  ignore: Deno.build.os === "windows",
  async fn() {
    const program = `'${Deno.execPath()}' run --no-check --quiet '${main}' --help`;
    const { stderr } = await new Deno.Command("sh", {
      args: ["-c", `{ ${program}; echo "exit code $?" >&2; } | true`],
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "exit code 0\n");
  },
});

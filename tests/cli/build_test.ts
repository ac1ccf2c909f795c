/** The program without its source tree: as one JavaScript file, and as one binary. */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { readMidi } from "../../lib/midi/read.ts";
import { commandWords, root, taskWords, v8Flags, workFolder } from "./program.ts";

/** An address where nobody answers: whoever asks for the network here is told no at once. */
const OFFLINE = { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };

async function deno(args: string[], cwd: string, env: Record<string, string> = {}) {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

Deno.test("bundle: one file makes music in a folder of its own, without packages or network", async () => {
  const [, ...build] = config.tasks.bundle.command.split(" ");
  const built = await deno(build, root);
  assert.equal(built.code, 0, built.err);

  await using work = await workFolder(["old_hundredth.mid", "kesh_jig.mid"]);
  await Deno.copyFile(`${root}/dist/generate.js`, work.path("generate.js"));
  const { flags } = taskWords("generate");
  const small = ["--units", "16,16", "--epochs", "1", "--threads", "2", "--quiet"];
  const { code, err } = await deno(
    ["run", "--no-config", "--cached-only", ...flags, "generate.js", ...small],
    work.folder,
    { ...OFFLINE, DENO_DIR: work.path("empty cache") },
  );
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(readMidi(await work.read("generated_midi.mid")).midi.tracks.length > 0);
});

Deno.test("compile: the permissions of the generate task, and everything is found", async () => {
  const words = commandWords("compile");
  const { flags } = taskWords("generate");
  assert.deepEqual(words, ["deno", "compile", ...flags, "--output", "generate", "main.ts"]);

  await using work = await workFolder();
  const binary = work.path("generate");
  const args = ["compile", ...v8Flags, ...flags, "--output", binary, "main.ts"];
  const compiled = await deno(args, root, { ...OFFLINE, NO_COLOR: "1" });
  assert.match(compiled.err, /^(Check main\.ts\n)?Compile main\.ts to /);
  if (compiled.code !== 0) {
    // The last step puts the program behind a runtime, which is downloaded the first time.
    assert.match(compiled.err, /\nDownload \S+denort\S+\n/);
    assert.match(compiled.err, /Setting up base binary\.\n.*error sending request/);
    return;
  }
  const { stdout } = await new Deno.Command(binary, { args: ["--version"] }).output();
  assert.equal(new TextDecoder().decode(stdout), `${config.version}\n`);
});

/**
 * The tests of the kernels once more, on the code that V8's optimising compiler makes of them: without
 * flags short tests only see the quick first compilation.
 */
import assert from "node:assert/strict";

const FLAGS = {
  "optimised code": "--no-liftoff",
  "optimised code with 256-bit vectors": "--no-liftoff,--experimental-wasm-revectorize",
};

for (const [name, flags] of Object.entries(FLAGS)) {
  Deno.test(`the kernels pass their tests as ${name}`, async () => {
    const file = new URL("./kernels_test.ts", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--no-prompt", `--v8-flags=${flags}`, file],
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout } = await command.output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(success, text);
    assert.match(text, /ok \| \d\d passed .*\| 0 failed/);
  });
}

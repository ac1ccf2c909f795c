import assert from "node:assert/strict";
import { type InterruptSource, listenForInterrupt } from "../../lib/cli/interrupt.ts";

Deno.test("first Ctrl-C: the signal; second: exit 130; disposed: neither", () => {
  const listeners = new Set<() => void>();
  const exits: number[] = [];
  const source: InterruptSource = {
    addSignalListener: (_, listener) => listeners.add(listener),
    removeSignalListener: (_, listener) => listeners.delete(listener),
    exit: (code) => exits.push(code),
  };
  const pressCtrlC = () => listeners.forEach((listener) => listener());
  let told = 0;
  {
    using interrupt = listenForInterrupt(() => told++, source);
    assert.equal(interrupt.signal.aborted, false);
    pressCtrlC();
    assert.equal(interrupt.signal.aborted, true);
    assert.deepEqual([told, exits], [1, []]);
    pressCtrlC();
    assert.deepEqual([told, exits], [1, [130]]);
  }
  assert.equal(listeners.size, 0);
});

Deno.test({
  name: "a real process without any permission finishes its work after one Ctrl-C, not after two",
  ignore: Deno.build.os === "windows",
  async fn() {
    const interrupt = new URL("../../lib/cli/interrupt.ts", import.meta.url);
    const program = `
      import { listenForInterrupt } from "${interrupt}";
      using interrupt = listenForInterrupt(() => console.log("stopping"));
      console.log("working");
      while (!interrupt.signal.aborted) await new Promise((done) => setTimeout(done, 5));
      if (Deno.args[0] === "slow") await new Promise((done) => setTimeout(done, 20000));
      console.log("finished");`;
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(file, program);
    const run = async (args: string[], presses: number) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "--quiet", "--no-check", file, ...args],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let output = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        output += text;
        if (output.endsWith("working\n") || (presses > 1 && output.endsWith("stopping\n"))) {
          child.kill("SIGINT");
        }
      }
      return [(await child.status).code, output];
    };
    try {
      assert.deepEqual(await run([], 1), [0, "working\nstopping\nfinished\n"]);
      assert.deepEqual(await run(["slow"], 2), [130, "working\nstopping\n"]);
    } finally {
      await Deno.remove(file);
    }
  },
});

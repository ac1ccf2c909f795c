import assert from "node:assert/strict";
import { parseCommandLine } from "../../lib/cli/options.ts";
import { neededPaths, permissionFlags, permittedCommand } from "../../lib/cli/permissions.ts";

function flagsFor(...args: string[]): string[] {
  const { command, options } = parseCommandLine(args);
  return permissionFlags(neededPaths(command, options));
}

Deno.test("each command needs its own paths only", () => {
  assert.deepEqual(flagsFor(), [
    "--allow-read=input,model",
    "--allow-write=generated_midi.mid,model",
  ]);
  assert.deepEqual(flagsFor("train", "--input=songs"), [
    "--allow-read=songs,model",
    "--allow-write=model",
  ]);
  assert.deepEqual(flagsFor("generate", "--primer=a,b.mid"), [
    "--allow-read=model,a,,b.mid",
    "--allow-write=generated_midi.mid",
  ]);
  assert.deepEqual(flagsFor("inspect"), ["--allow-read=input"]);
  assert.deepEqual(flagsFor("inspect", "--symbols=x.mid"), ["--allow-read=input,x.mid"]);
  assert.deepEqual(flagsFor("evaluate", "--model=m"), ["--allow-read=input,m"]);
});

Deno.test("the command to type has what was typed and the permissions for it", () => {
  const paths = { read: ["my songs", "model"], write: ["out.mid"] };
  const args = ["--input", "my songs", "--seed=1"];
  const wanted = "deno run '--allow-read=my songs,model' --allow-write=out.mid main.ts " +
    "--input 'my songs' --seed=1";
  assert.equal(permittedCommand(args, paths, "read", "my songs"), wanted);
  assert.equal(permittedCommand(args, paths, "read", "my songs/a.mid"), wanted);
  assert.equal(permittedCommand(args, paths, "read", "out.mid"), undefined);
  assert.equal(permittedCommand(args, paths, "env", "HOME"), undefined);
  assert.match(permittedCommand(["it's"], paths, "write", "out.mid") ?? "", / 'it'\\''s'$/);
});

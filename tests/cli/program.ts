/** Runs the real program with the permissions that its tasks have in deno.json, and no others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The project's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A task that runs the program. */
export type TaskName = "generate" | "train" | "inspect" | "evaluate";

/** What a run left behind. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The words of a task: permission flags, and what stands after `main.ts`. */
export function taskWords(name: TaskName): { flags: string[]; args: string[] } {
  const words = commandWords(name);
  const at = words.indexOf("main.ts");
  if (words[0] !== "deno" || words[1] !== "run" || at < 0) {
    throw new Error(`task ${name}: ${words}`);
  }
  return { flags: words.slice(2, at), args: words.slice(at + 1) };
}

/** The words of a task's command, `$V8` left out; before it stands what sets `$V8`. */
export function commandWords(name: TaskName | "compile"): string[] {
  const [command, setting] = config.tasks[name].command.split("; ").reverse();
  if (setting !== undefined) assert.equal(setting, "V8=$(deno task --quiet v8-flags 2>/dev/null)");
  return command.split(" ").filter((word) => word !== "$V8");
}

/** What `$V8` is here: the output of the task, nothing where V8 does not know the flag. */
export const v8Flags: readonly string[] = (() => {
  const { success, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "v8-flags"],
    cwd: root,
    stderr: "null",
  }).outputSync();
  return success ? [new TextDecoder().decode(stdout).trim()] : [];
})();

/** Starts a task in `folder`; nobody can answer a permission prompt. */
export function spawnTask(name: TaskName, args: string[], folder: string): Deno.ChildProcess {
  const task = taskWords(name);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...v8Flags, ...task.flags, join(root, "main.ts")]
      .concat(task.args, args),
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a task in `folder` to its end. */
export async function runTask(name: TaskName, args: string[], folder: string): Promise<Outcome> {
  const { code, stdout, stderr } = await spawnTask(name, args, folder).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

/** A new folder with `input/` in it that has the named starter pieces; removed when disposed. */
export async function workFolder(pieces: readonly string[] = []) {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "input"));
  for (const piece of pieces) {
    await Deno.copyFile(join(root, "input", piece), join(folder, "input", piece));
  }
  return {
    folder,
    path: (...names: string[]) => join(folder, ...names),
    read: (...names: string[]) => Deno.readFile(join(folder, ...names)),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

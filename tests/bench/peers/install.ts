/** Installs what ours is measured against (development only: runs pip, which needs the network). */
import { fileURLToPath } from "node:url";

const venv = fileURLToPath(new URL("../../../.venv/", import.meta.url));
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
/** A copy of the requirements that the environment was made from. */
const installed = `${venv}installed.txt`;

async function run(command: string, ...args: string[]): Promise<void> {
  const shown = `${command} ${args.join(" ")}`;
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" });
  let result: Deno.CommandOutput;
  try {
    result = await child.output();
  } catch (error) {
    throw new Error(
      `Cannot install the peers: ${command} does not start\nHint: install Python 3.10 to 3.13.`,
      { cause: error },
    );
  }
  if (!result.success) {
    const end = new TextDecoder().decode(result.stderr).trimEnd().split("\n").slice(-5).join("\n");
    throw new Error(
      `Cannot install the peers: "${shown}" ended with code ${result.code}\n${end}\n` +
        "Hint: it needs Python 3.10 to 3.13, about 2 GB of disk and the Python package index; " +
        "remove .venv to start afresh.",
    );
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Makes `.venv` in the repository's root with the packages of requirements.txt, unless it is there.
 *
 * @returns The path of its Python.
 * @throws {Error} If Python or the packages cannot be had; the message says what pip said.
 */
export async function ensureVenv(): Promise<string> {
  const python = `${venv}bin/python`;
  const wanted = await Deno.readTextFile(requirements);
  if (await readIfThere(installed) === wanted) return python;
  console.error("Installing PyTorch and Keras into .venv (once; some minutes) ...");
  await run("python3", "-m", "venv", venv);
  await run(python, "-m", "pip", "install", "--quiet", "--requirement", requirements);
  await Deno.writeTextFile(installed, wanted);
  return python;
}

if (import.meta.main) console.log(await ensureVenv());

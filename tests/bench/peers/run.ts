/** Runs one of the peers' scripts and reads its result (development only). */
import { fileURLToPath } from "node:url";
import { ensureVenv } from "./install.ts";

/** The scripts there are; all but the last are Python. */
export type PeerName =
  | "classic_step_torch"
  | "classic_step_keras"
  | "targets_torch"
  | "generation_keras"
  | "gemm_torch"
  | "classic_step_tfjs";

/** One way of doing the work, timed. */
export interface PeerTrial {
  /** What was tried: "2 threads", "with XLA", "predict". */
  readonly label: string;
  readonly threads: number;
  readonly repeats: number;
  /** Seconds per unit of work, the fastest repeat. */
  readonly secondsMinimum: number;
  /** Seconds per unit of work, the median repeat. */
  readonly secondsMedian: number;
}

/** What a script measured. */
export interface PeerResult {
  readonly name: PeerName;
  /** The unit of work: a training step, a trained target, a generated symbol, a multiply or add. */
  readonly unit: "step" | "target" | "symbol" | "operation";
  readonly versions: Readonly<Record<string, string>>;
  /** The trial with the lowest median. */
  readonly best: PeerTrial;
  readonly tried: readonly PeerTrial[];
}

/**
 * Runs a peer in a process of its own and gives what it measured.
 *
 * @param args Whole-number options of the script: `{ repeats: 3, batch: 128 }`.
 * @throws {Error} If the script fails; the message has the end of what it said.
 */
export async function runPeer(
  name: PeerName,
  args: Readonly<Record<string, number>> = {},
): Promise<PeerResult> {
  const options = Object.entries(args).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const script = (extension: string) =>
    fileURLToPath(new URL(`${name}.${extension}`, import.meta.url));
  const [command, ...rest] = name === "classic_step_tfjs"
    ? [Deno.execPath(), "run", "--allow-all", script("ts"), ...options]
    : [await ensureVenv(), script("py"), ...options];
  const child = new Deno.Command(command, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) {
    const end = decoder.decode(stderr).trimEnd().split("\n").slice(-5).join("\n");
    throw new Error(`Cannot measure ${name}: it ended with code ${code}\n${end}`);
  }
  return JSON.parse(decoder.decode(stdout).trimEnd().split("\n").at(-1) ?? "");
}

if (import.meta.main) {
  const [name, ...rest] = Deno.args;
  const args = Object.fromEntries(rest.map((option) => {
    const [key, value] = option.replace(/^--/, "").split("=");
    return [key, Number(value)];
  }));
  console.log(JSON.stringify(await runPeer(name as PeerName, args), undefined, 2));
}

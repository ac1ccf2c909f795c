/**
 * Builds the MIDI files of the starter corpus from the texts in `input/scores/`.
 *
 * `deno task corpus:build` writes them; with `--check` it only says whether they are up to date.
 *
 * @module
 */
import { isExplained } from "../lib/errors.ts";
import { parseScore } from "../lib/dataset/score_text.ts";
import { writeMidi } from "../lib/midi/write.ts";
import { fromPiece } from "../lib/score/from_piece.ts";

/** The bytes of the MIDI file that belongs to a score text. */
export function buildMidi(text: string, source: string): Uint8Array {
  return writeMidi(fromPiece(parseScore(text, source)));
}

/** Names of the score texts without `.txt`, ascending. */
export function scoreNames(folder: URL): string[] {
  return [...Deno.readDirSync(new URL("scores/", folder))]
    .filter(({ name }) => name.endsWith(".txt"))
    .map(({ name }) => name.slice(0, -".txt".length))
    .sort();
}

/** Writes or checks every file; gives the names of those that were not up to date. */
function build(folder: URL, checkOnly: boolean): string[] {
  return scoreNames(folder).filter((name) => {
    const text = Deno.readTextFileSync(new URL(`scores/${name}.txt`, folder));
    const bytes = buildMidi(text, `${name}.txt`);
    const target = new URL(`${name}.mid`, folder);
    if (sameBytes(bytes, target)) return false;
    if (!checkOnly) Deno.writeFileSync(target, bytes);
    return true;
  });
}

function sameBytes(bytes: Uint8Array, file: URL): boolean {
  try {
    const found = Deno.readFileSync(file);
    return found.length === bytes.length && found.every((byte, index) => byte === bytes[index]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function main(args: readonly string[]): number {
  const unknown = args.find((argument) => argument !== "--check");
  if (unknown !== undefined) {
    console.error(`error: unknown option "${unknown}"\nhint: the only option is --check`);
    return 2;
  }
  const checkOnly = args.includes("--check");
  try {
    const stale = build(new URL("./", import.meta.url), checkOnly);
    for (const name of stale) console.log(`${checkOnly ? "out of date" : "written"}: ${name}.mid`);
    if (stale.length === 0) console.log("all MIDI files are up to date");
    return checkOnly && stale.length > 0 ? 1 : 0;
  } catch (error) {
    if (!isExplained(error)) throw error;
    const { source, line, hint } = error.details;
    console.error(`error: ${error.message}\nwhere: ${source}, line ${line}\nhint: ${hint}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(main(Deno.args));

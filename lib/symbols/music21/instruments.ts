/**
 * Which instrument music21 takes a program or a name for (R3.7–R3.9 of the extraction rules).
 *
 * It matters for one thing only: instruments of a track that look alike are thrown away, and those
 * that stay count as events where the length of the note before them is rounded.
 *
 * `instruments.json` is made from the tables of music21 10.5.0 (`instrument.py` and its language
 * files): the class of each program in runs of 8, and of each class its best name, its nearest
 * ancestor among these classes and the names it goes by. Names that a cleaned text cannot contain
 * are left out.
 *
 * @module
 */
import table from "./instruments.json" with { type: "json" };

/** What tells instruments apart. */
export interface Instrument {
  /** music21's class; `Instrument` where it knows no better. */
  readonly className: string;
  /** Name from a track name. */
  readonly partName?: string;
  /** Name of the instrument. */
  readonly instrumentName?: string;
}

interface InstrumentClass {
  readonly name: string;
  readonly parent: string | null;
  readonly aliases: string;
}

const UNKNOWN: Instrument = { className: "Instrument" };
const DRUM_KIT = "UnpitchedPercussion";

const programClasses = table.programs.join(" ").split(" ");
const classes = new Map<string, InstrumentClass>(Object.entries(table.classes));
const classOfAlias = new Map(
  [...classes].flatMap(([className, { aliases }]) =>
    aliases.split("|").map((alias) => [alias, className] as const)
  ),
);
const longestAlias = Math.max(
  ...[...classOfAlias.keys()].map((alias) => alias.split(" ").length),
);

/** The instrument of a program change. */
export function instrumentOfProgram(program: number, isDrumChannel: boolean): Instrument {
  const className = isDrumChannel ? DRUM_KIT : programClasses[program];
  return { className, instrumentName: classes.get(className)?.name };
}

/** The instrument of a track name (meta event 3) or instrument name (meta event 4). */
export function instrumentOfName(kind: "track" | "instrument", data: Uint8Array): Instrument {
  const text = decodeName(data);
  if (text === undefined) return UNKNOWN;
  const className = classOfName(text);
  const found = className === undefined ? UNKNOWN : { className, instrumentName: text };
  if (isPlaceholder(text)) return found;
  return kind === "track" ? { ...found, partName: text } : { ...found, instrumentName: text };
}

/**
 * Which instruments of one track, in order of time, stay (R3.9): if names do not tell them apart,
 * only the first of one class, or all but the unknown ones of several classes.
 */
export function distinctInstruments<T extends { readonly instrument: Instrument }>(
  found: readonly T[],
): readonly T[] {
  const instruments = found.map(({ instrument }) => instrument);
  const partNames = new Set(instruments.map(({ partName }) => partName));
  const instrumentNames = new Set(instruments.map(({ instrumentName }) => instrumentName));
  partNames.delete(undefined);
  instrumentNames.delete(undefined);
  if (partNames.size > 1 || instrumentNames.size > 1) return found;
  if (new Set(instruments.map(({ className }) => className)).size <= 1) return found.slice(0, 1);
  return found.filter(({ instrument }) => instrument.className !== UNKNOWN.className);
}

/** The text up to the first NUL without white space around it; `undefined` if it is not UTF-8. */
function decodeName(data: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    return text.split("\0", 1)[0].trim();
  } catch {
    return undefined;
  }
}

/** Whether a name says nothing: empty, "instrument", or that with a number. */
function isPlaceholder(text: string): boolean {
  const lower = text.toLowerCase();
  return text === "" || lower === "instrument" || lower === "inst" ||
    /^\d+$/.test(lower.replaceAll("instrument ", "")) ||
    /^\d+$/.test(lower.replaceAll("inst ", ""));
}

/** The class that some run of words in the text names; the most specific one (R3.8). */
function classOfName(text: string): string | undefined {
  const words = text.replaceAll(".", " ").toLowerCase().replace(/[!-/:-@[-`{-~]/g, "")
    .split(/\s+/).filter((word) => word !== "");
  let best: string | undefined;
  for (let size = 1; size <= Math.min(words.length, longestAlias); size++) {
    for (let first = 0; first + size <= words.length; first++) {
      const found = classOfAlias.get(words.slice(first, first + size).join(" "));
      if (found === undefined) continue;
      if (best === undefined || isMoreSpecific(found, best)) best = found;
    }
  }
  return best;
}

/** Whether a class has a name of at least as many words and is no ancestor of the other. */
function isMoreSpecific(className: string, best: string): boolean {
  return wordsIn(className) >= wordsIn(best) && !isAncestor(className, best);
}

function wordsIn(className: string): number {
  return classes.get(className)?.name.split(" ").length ?? 0;
}

/** Whether `ancestor` is the class or one above it. */
function isAncestor(ancestor: string, className: string | null | undefined): boolean {
  if (className === null || className === undefined) return false;
  return className === ancestor || isAncestor(ancestor, classes.get(className)?.parent);
}

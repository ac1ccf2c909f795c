/**
 * From the words of a command line to a command and checked options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../errors.ts";
import {
  allOptions,
  COMMAND_NAMES,
  type CommandName,
  defaultOf,
  describeDefault,
  flagOf,
  type OptionName,
  type Options,
  optionsOf,
  type OptionSpec,
  type PitchRange,
  PRESET_NAMES,
  type PresetName,
} from "./option_table.ts";
import { nearest } from "./suggest.ts";

/** The words that name a command. The job without a word, `compose`, is not among them. */
export const COMMAND_WORDS: readonly CommandName[] = COMMAND_NAMES.filter((it) => it !== "compose");

/** A command line, understood. */
export interface CommandLine {
  /** The job to do. */
  readonly command: CommandName;
  /** The values of all options: those given, defaults for the rest. */
  readonly options: Options;
  /** The values that were given, and no defaults. */
  readonly given: GivenOptions;
}

/** The values of the options that stand on the command line. */
export type GivenOptions = ReadonlyMap<OptionName, unknown>;

/**
 * The command and options that `args` ask for.
 *
 * @throws {UsageError} for an unknown command or option, a bad value, or options that exclude each
 * other; the hint says what was probably meant
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "./options.ts";
 * import assert from "node:assert/strict";
 *
 * const { command, options } = parseCommandLine(["train", "--epochs", "5", "--preset=classic"]);
 * assert.equal(command, "train");
 * assert.equal(options.epochs, 5);
 * assert.equal(options.batchSize, 128);
 * ```
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { words, values, unknown } = splitArguments(args);
  const command = commandOf(words);
  const given = new Map<OptionName, unknown>();
  for (const [name, spec] of allOptions()) {
    const value = values[flagOf(name).slice(2)];
    if (value === undefined || (spec.kind === "flag" && value === false)) continue;
    checkTakes(command, name, spec);
    given.set(name, spec.kind === "flag" ? true : readValue(name, spec, String(value)));
  }
  if (unknown.length > 0) throw unknownOption(unknown[0], command);
  checkTogether(given);
  const preset = PRESET_NAMES.find((name) => name === given.get("preset")) ?? "expressive";
  return { command, options: optionsFor(given, preset), given };
}

/**
 * The values of all options when the preset is known, as it is once a trained model is loaded:
 * those in `given`, and the defaults of `preset` for the rest.
 */
export function optionsFor(given: GivenOptions, preset: PresetName): Options {
  const values = allOptions().map(([name, spec]) => [
    name,
    given.has(name) ? given.get(name) : defaultOf(spec, preset),
  ]);
  return Object.fromEntries(values) as Options;
}

/** The command that `args` name, as far as that can be told when they are wrong elsewhere. */
export function commandIn(args: readonly string[]): CommandName {
  return COMMAND_WORDS.find((word) => word === args[0]) ?? "compose";
}

/** The options with their raw values, the other words, and what is no option of the table. */
function splitArguments(args: readonly string[]) {
  const unknown: string[] = [];
  const named = (wanted: boolean) =>
    allOptions().filter(([, spec]) => (spec.kind === "flag") === wanted)
      .map(([name]) => flagOf(name).slice(2));
  const parsed: Record<string, unknown> & { _: (string | number)[] } = parseArgs([...args], {
    boolean: named(true),
    string: [...named(false), "_"],
    alias: { h: "help" },
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg);
      return key === undefined;
    },
  });
  // An empty value is not taken as one by parseArgs and comes back as an empty word.
  return { words: parsed._.map(String).filter((word) => word !== ""), values: parsed, unknown };
}

/** The command that the words ask for; there may be one word at most. */
function commandOf(words: readonly string[]): CommandName {
  if (words.length === 0) return "compose";
  const command = COMMAND_WORDS.find((word) => word === words[0]);
  if (command === undefined) {
    const meant = nearest(words[0], COMMAND_WORDS);
    throw new UsageError(
      `Cannot run ${words[0]}: wanted ${list(COMMAND_WORDS, "or")}, or no command at all`,
      {
        source: words[0],
        hint: meant
          ? `Did you mean ${meant}?`
          : `To read a folder or file, write --input ${words[0]}. --help lists the commands.`,
      },
    );
  }
  if (words.length > 1) {
    throw new UsageError(`Cannot use ${words[1]}: wanted options only after ${command}`, {
      source: words[1],
      hint: `Every value follows its option, for example --input ${words[1]}.`,
    });
  }
  return command;
}

function checkTakes(command: CommandName, name: OptionName, spec: OptionSpec) {
  if (spec.commands.includes(command)) return;
  throw new UsageError(
    `Cannot use ${flagOf(name)} with ${describe(command)}: it belongs to ` +
      list(spec.commands.map(describe), "and"),
    { source: flagOf(name), hint: `Leave it out, or see ${helpCommand(command)}.` },
  );
}

function unknownOption(arg: string, command: CommandName): UsageError {
  const flag = arg.replace(/=.*$/s, "");
  const flags = optionsOf(command).map(([name]) => flagOf(name));
  if (flags.includes(flag)) {
    return new UsageError(`Cannot use ${flag}: wanted a value, found nothing`, { source: flag });
  }
  const meant = nearest(flag, flags) ?? nearest(flag, allOptions().map(([name]) => flagOf(name)));
  return new UsageError(`Cannot use ${flag}: there is no such option`, {
    source: flag,
    hint: meant ? `Did you mean ${meant}?` : `${helpCommand(command)} lists the options.`,
  });
}

/** The value that `text` spells. */
function readValue(name: OptionName, spec: OptionSpec, text: string): unknown {
  const value = readers[spec.kind](text, spec);
  if (value !== undefined) return value;
  const flag = flagOf(name);
  const found = text === "" ? "nothing" : text;
  throw new UsageError(
    `Cannot use ${flag}${text && ` ${text}`}: wanted ${wantedValue(spec)}, found ${found}`,
    { source: flag, hint: hintFor(flag, spec, text) },
  );
}

function hintFor(flag: string, spec: OptionSpec, text: string): string {
  const meant = spec.choices && nearest(text, spec.choices);
  if (meant) return `Did you mean ${flag} ${meant}?`;
  if (text === "") return `Write the value after it: ${flag}=VALUE.`;
  return `Leave it out for the default: ${describeDefault(spec)}.`;
}

/** The readers of the kinds: the value, or `undefined` for a text that spells none. */
const readers: Record<OptionSpec["kind"], (text: string, spec: OptionSpec) => unknown> = {
  flag: () => true,
  integer: (text, spec) => readNumber(text, spec, Number.isInteger),
  number: (text, spec) => readNumber(text, spec, Number.isFinite),
  integers: (text, spec) => {
    const numbers = text.split(",").map((part) => readNumber(part, spec, Number.isInteger));
    return numbers.length === spec.size && !numbers.includes(undefined) ? numbers : undefined;
  },
  path: (text) => text === "" ? undefined : text,
  choice: (text, spec) => spec.choices?.find((choice) => choice === text),
  key: (text) => /^[A-G][#b]?m?$/.test(text) ? text : undefined,
  pitchRange: readPitchRange,
};

function readNumber(text: string, spec: OptionSpec, isKind: (value: number) => boolean) {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const { min = -Infinity, max = Infinity } = spec;
  return isKind(value) && value >= min && value <= max ? value : undefined;
}

function readPitchRange(text: string): PitchRange | undefined {
  const [, first, second] = /^([A-G][#b]?\d|\d+)-([A-G][#b]?\d|\d+)$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const [low, high] = [pitchOf(first), pitchOf(second)];
  return low <= high && high <= 127 ? { low, high } : undefined;
}

/** The MIDI key of `60` or `C4`. */
function pitchOf(text: string): number {
  const [, letter, sign, octave] = /^([A-G])([#b]?)(\d)$/.exec(text) ?? [];
  if (letter === undefined) return Number(text);
  const alteration = sign === "#" ? 1 : sign === "b" ? -1 : 0;
  return 12 * (Number(octave) + 1) + { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }[letter]! +
    alteration;
}

/** What an option wants, in words: "a whole number from 1 to 100000". */
export function wantedValue(spec: OptionSpec): string {
  const limits = `from ${spec.min} to ${spec.max}`;
  switch (spec.kind) {
    case "flag":
      return "no value";
    case "integer":
      return `a whole number ${limits}`;
    case "number":
      return `a number ${limits}`;
    case "integers":
      return `${spec.size} whole numbers ${limits} with a comma between`;
    case "path":
      return "a path";
    case "choice":
      return list(spec.choices ?? [], "or");
    case "key":
      return "a key such as D, F#m or Bb";
    case "pitchRange":
      return "two pitches from 0 to 127, the lower one first, such as C3-C6 or 48-84";
  }
}

function checkTogether(given: GivenOptions) {
  const groups: OptionName[][] = [["quiet", "verbose"], ["length", "bars", "seconds"]];
  for (const group of groups) {
    const [first, second] = group.filter((name) => given.has(name)).map(flagOf);
    if (second === undefined) continue;
    throw new UsageError(`Cannot use ${first} and ${second} together: wanted one of them`, {
      source: `${first} ${second}`,
      hint: "Leave one of them out.",
    });
  }
  if (given.has("keepPrimer") && !given.has("primer")) {
    throw new UsageError("Cannot use --keep-primer: wanted --primer too, found none", {
      source: "--keep-primer",
      hint: "Name the file to continue: --primer FILE.",
    });
  }
}

/** The words that a person types to see the help of a command. */
function helpCommand(command: CommandName): string {
  return command === "compose" ? "--help" : `${command} --help`;
}

/** A command as a person knows it. */
function describe(command: CommandName): string {
  return command === "compose" ? "the main job" : command;
}

/** "a, b or c" */
function list(items: readonly string[], last: "and" | "or"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1)}`;
}

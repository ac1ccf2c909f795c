/**
 * The text of `--help` and the README's table of options, made from the option table.
 *
 * @module
 */
import {
  allOptions,
  type CommandName,
  describeDefault,
  flagOf,
  type OptionName,
  optionsOf,
  type OptionSpec,
} from "./option_table.ts";

/** Columns of the help text; it is read in terminals of any width. */
const WIDTH = 80;
/** Where the descriptions start. */
const INDENT = 28;

/** What each command does, in one sentence. */
const SUMMARIES: Readonly<Record<CommandName, string>> = {
  compose: "Learn from the MIDI files in a folder, then write new music to a MIDI file.",
  train: "Learn from the MIDI files in a folder and keep the trained model.",
  generate: "Write new music with a trained model, without training.",
  inspect: "Show what is in MIDI files: the report, the vocabulary, the most common symbols.",
  evaluate: "Measure how well a trained model knows music it has never seen.",
};

/** The help of one command, ready to print. */
export function helpText(command: CommandName): string {
  const lines = [`Usage: ${usage(command)}`, "", ...wrap(SUMMARIES[command], 0), ""];
  if (command === "compose") lines.push(...commandLines(), "");
  lines.push("Options");
  for (const [name, spec] of optionsOf(command)) lines.push(...optionLines(name, spec));
  return lines.join("\n");
}

/** The table of all options for the README, in Markdown. */
export function optionTableMarkdown(): string {
  const rows = allOptions().map(([name, spec]) =>
    [
      `\`${signature(name, spec)}\``,
      `${spec.help}.`,
      describeDefault(spec),
      spec.commands.map((command) => command === "compose" ? "main job" : command).join(", "),
    ].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")
  );
  const head = ["Option | What it does | Default (and why) | Commands", "--- | --- | --- | ---"];
  return [...head, ...rows].map((row) => `| ${row} |`).join("\n");
}

/** How the command is typed. */
function usage(command: CommandName): string {
  return command === "compose" ? "deno task generate [options]" : `main.ts ${command} [options]`;
}

function commandLines(): string[] {
  const words = (Object.keys(SUMMARIES) as CommandName[]).filter((it) => it !== "compose");
  return [
    "Commands, each with its own --help: main.ts COMMAND [options]",
    ...words.flatMap((word) => columns(word, SUMMARIES[word])),
  ];
}

function optionLines(name: OptionName, spec: OptionSpec): string[] {
  return columns(signature(name, spec), `${spec.help}. Default: ${describeDefault(spec)}.`);
}

/** `--batch-size N` */
function signature(name: OptionName, spec: OptionSpec): string {
  const placeholder = placeholderOf(spec);
  return placeholder ? `${flagOf(name)} ${placeholder}` : flagOf(name);
}

function placeholderOf(spec: OptionSpec): string {
  if (spec.kind === "flag") return "";
  if (spec.kind === "choice") return "NAME";
  if (spec.kind === "integers") return Array.from({ length: spec.size! }, () => "N").join(",");
  return spec.placeholder ?? "N";
}

/** A word and what it means, in two columns. */
function columns(word: string, meaning: string): string[] {
  const [first, ...rest] = wrap(meaning, INDENT);
  const start = `  ${word}`;
  return start.length < INDENT
    ? [start + first.slice(start.length), ...rest]
    : [start, first, ...rest];
}

/** `text` in lines of at most {@linkcode WIDTH} columns, each indented by `indent`. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each);
}

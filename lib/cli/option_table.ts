/**
 * The one table of options. Parsing, validation, `--help`, the README's table and the flags in
 * permission hints are all made from it.
 *
 * @module
 */

/** The jobs of the program. `compose` is the one without a command word: train, then generate. */
export const COMMAND_NAMES = ["compose", "train", "generate", "inspect", "evaluate"] as const;

/** One job of the program. */
export type CommandName = typeof COMMAND_NAMES[number];

/** The two ways to read, learn and write music. */
export const PRESET_NAMES = ["expressive", "classic"] as const;

/** A way to read, learn and write music. */
export type PresetName = typeof PRESET_NAMES[number];

/** The lowest and highest pitch that may be generated, MIDI keys 0–127. */
export interface PitchRange {
  /** Lowest pitch. */
  readonly low: number;
  /** Highest pitch. */
  readonly high: number;
}

/** The value an option of each kind has once it is read. */
interface KindValues {
  flag: boolean;
  integer: number;
  number: number;
  integers: readonly number[];
  path: string;
  choice: string;
  key: string;
  pitchRange: PitchRange;
}

/** What kind of value an option takes. */
export type OptionKind = keyof KindValues;

/** A default: none (`null`), one for all, or one for each preset. */
type Default<Value> = null | Value | Readonly<Record<PresetName, Value>>;

/** What the table says about one option. */
export interface OptionSpec<Kind extends OptionKind = OptionKind> {
  /** What kind of value it takes. */
  readonly kind: Kind;
  /** The value when it is not given. */
  readonly default: Default<KindValues[Kind]>;
  /** Why the default is what it is, in a few words. */
  readonly reason: string;
  /** What it does: one sentence without a full stop. */
  readonly help: string;
  /** The commands that take it. */
  readonly commands: readonly CommandName[];
  /** The word that stands for its value in the help. */
  readonly placeholder?: string;
  /** Smallest value of a number. */
  readonly min?: number;
  /** Largest value of a number. */
  readonly max?: number;
  /** The values to choose from. */
  readonly choices?: readonly string[];
  /** How many numbers a list has. */
  readonly size?: number;
  /** The commands that read this path. */
  readonly reads?: readonly CommandName[];
  /** The commands that write this path. */
  readonly writes?: readonly CommandName[];
}

const ALL = COMMAND_NAMES;
const LEARNING = ["compose", "train"] as const;
const WRITING = ["compose", "generate"] as const;
const COMPOSING = ["compose", "generate", "evaluate"] as const;
const READING = ["compose", "train", "inspect", "evaluate"] as const;
const WITH_MODEL = ["compose", "train", "generate", "evaluate"] as const;

/** Every option, by the name it has in code: `batchSize` is `--batch-size`. */
export const OPTION_TABLE = {
  input: {
    kind: "path",
    placeholder: "PATH",
    default: "input",
    reason: "the folder that comes with starter pieces",
    help: "Folder (with its subfolders) or single file of MIDI to read",
    commands: READING,
    reads: READING,
  },
  heldOut: {
    kind: "path",
    placeholder: "PATH",
    default: null,
    reason: "one piece in ten of the input; classic holds out nothing",
    help: "Folder of MIDI to measure on while training, instead of a part of the input",
    commands: LEARNING,
    reads: LEARNING,
  },
  output: {
    kind: "path",
    placeholder: "FILE",
    default: "generated_midi.mid",
    reason: "beside the program, easy to find",
    help: "MIDI file to write the new music to",
    commands: WRITING,
    writes: WRITING,
  },
  page: {
    kind: "path",
    placeholder: "FILE",
    default: null,
    reason: "no page",
    help: "Web page to write as well: the music as a picture, and a button that plays it",
    commands: WRITING,
    writes: WRITING,
  },
  model: {
    kind: "path",
    placeholder: "FOLDER",
    default: "model",
    reason: "one trained model is kept at a time",
    help: "Folder of the trained model",
    commands: WITH_MODEL,
    reads: WITH_MODEL,
    writes: LEARNING,
  },
  preset: {
    kind: "choice",
    choices: PRESET_NAMES,
    default: "expressive",
    reason: "it keeps rhythm, loudness and voicing; inspect shows classic symbols",
    help: "expressive, or classic for the original network on pitches alone",
    commands: ["compose", "train", "inspect"],
  },
  epochs: {
    kind: "integer",
    min: 1,
    max: 100000,
    default: null,
    reason: "200 for classic, as in the original; 4 to 32 for expressive, fewer for more music",
    help: "How often to go through the training music at most",
    commands: LEARNING,
  },
  minutes: {
    kind: "number",
    min: 0.01,
    max: 100000,
    default: null,
    reason: "no limit",
    help: "Time for training; it stops there and keeps the best it has learned",
    commands: LEARNING,
  },
  batchSize: {
    kind: "integer",
    min: 1,
    max: 4096,
    default: { classic: 128, expressive: 16 },
    reason: "classic as in the original; expressive learns faster from small batches",
    help: "How many passages to learn from at once",
    commands: LEARNING,
  },
  sequenceLength: {
    kind: "integer",
    min: 1,
    max: 4096,
    default: { classic: 50, expressive: 32 },
    reason: "classic as in the original; expressive carries its memory on from there",
    help: "How many symbols back one training step looks",
    commands: LEARNING,
  },
  units: {
    kind: "integers",
    size: 2,
    min: 1,
    max: 4096,
    default: { classic: [512, 256], expressive: [128, 128] },
    reason: "classic as in the original; expressive gives music in about a minute",
    help: "Sizes of the two LSTM layers",
    commands: LEARNING,
  },
  dropout: {
    kind: "number",
    min: 0,
    max: 0.95,
    default: { classic: 0.3, expressive: 0.4 },
    reason: "classic as in the original; expressive more, against learning by heart",
    help: "Share of the signals left out while learning, against learning by heart",
    commands: LEARNING,
  },
  learningRate: {
    kind: "number",
    min: 1e-7,
    max: 1,
    default: { classic: 0.001, expressive: 0.003 },
    reason: "classic as in the original; expressive falls from there to a fiftieth",
    help: "How far one training step goes",
    commands: LEARNING,
  },
  threads: {
    kind: "integer",
    min: 1,
    max: 64,
    default: null,
    reason: "all cores; the result does not depend on it",
    help: "How many cores to use",
    commands: ["compose", "train", "evaluate"],
  },
  resume: {
    kind: "flag",
    default: false,
    reason: "training starts afresh",
    help: "Go on training the model in --model",
    commands: LEARNING,
  },
  length: {
    kind: "integer",
    min: 1,
    max: 100000,
    default: { classic: 150, expressive: 200 },
    reason: "classic as in the original; one to two minutes of music",
    help: "How many notes and chords to generate",
    commands: COMPOSING,
  },
  bars: {
    kind: "integer",
    min: 1,
    max: 10000,
    default: null,
    reason: "--length counts",
    help: "How many bars to generate, instead of --length",
    commands: WRITING,
  },
  seconds: {
    kind: "number",
    min: 0.1,
    max: 36000,
    default: null,
    reason: "--length counts",
    help: "How many seconds of music to generate, instead of --length",
    commands: WRITING,
  },
  count: {
    kind: "integer",
    min: 1,
    max: 1000,
    default: 1,
    reason: "one piece is what most people want; evaluate composes 20 to compare",
    help: "How many candidates to generate and rank",
    commands: COMPOSING,
  },
  temperature: {
    kind: "number",
    min: 0,
    max: 10,
    default: { classic: 0, expressive: 0.9 },
    reason: "classic takes the likeliest symbol; a little below 1 stays in style",
    help: "How daring to be: 0 takes the likeliest, above 1 is wilder",
    commands: COMPOSING,
  },
  topK: {
    kind: "integer",
    min: 1,
    max: 100000,
    default: null,
    reason: "no limit",
    help: "Choose among the K likeliest symbols only",
    commands: COMPOSING,
  },
  topP: {
    kind: "number",
    min: 0.01,
    max: 1,
    default: { classic: 1, expressive: 0.9 },
    reason: "leaves out what is hardly ever right",
    help: "Choose among the likeliest symbols that together have this probability",
    commands: COMPOSING,
  },
  primer: {
    kind: "path",
    placeholder: "FILE",
    default: null,
    reason: "a start of its own",
    help: "MIDI file whose music to continue",
    commands: WRITING,
    reads: WRITING,
  },
  keepPrimer: {
    kind: "flag",
    default: false,
    reason: "only the new music is written",
    help: "Write the primer's music too, before its continuation",
    commands: WRITING,
  },
  key: {
    kind: "key",
    placeholder: "KEY",
    default: null,
    reason: "any key",
    help: "Stay in this key, for example D, F#m or Bb",
    commands: WRITING,
  },
  range: {
    kind: "pitchRange",
    placeholder: "LOW-HIGH",
    default: null,
    reason: "any pitch that was learned",
    help: "Stay between these pitches, for example C3-C6 or 48-84",
    commands: WRITING,
  },
  symbols: {
    kind: "path",
    placeholder: "FILE",
    default: null,
    reason: "the report of the whole folder",
    help: "Print the symbols of one MIDI file, one a line",
    commands: ["inspect"],
    reads: ["inspect"],
  },
  seed: {
    kind: "integer",
    min: 0,
    max: 4294967295,
    default: null,
    reason: "a fresh one, printed",
    help: "Same seed and same input give the same music",
    commands: WITH_MODEL,
  },
  json: {
    kind: "flag",
    default: false,
    reason: "text for people",
    help: "Print the result as one JSON object",
    commands: ALL,
  },
  quiet: {
    kind: "flag",
    default: false,
    reason: "progress is shown",
    help: "Show no progress",
    commands: ALL,
  },
  verbose: {
    kind: "flag",
    default: false,
    reason: "the main lines are enough",
    help: "Show details, and the place in the program when something fails",
    commands: ALL,
  },
  help: {
    kind: "flag",
    default: false,
    reason: "only on request",
    help: "Show this help",
    commands: ALL,
  },
  version: {
    kind: "flag",
    default: false,
    reason: "only on request",
    help: "Show the version",
    commands: ALL,
  },
} as const satisfies Record<string, OptionSpec>;

type Table = typeof OPTION_TABLE;

/** The name of an option in code. */
export type OptionName = keyof Table;

type ValueOf<Spec extends OptionSpec> = Spec extends { choices: readonly (infer Choice)[] } ? Choice
  : KindValues[Spec["kind"]];

/**
 * The values of all options. One without a default is `undefined` when it is not given.
 */
export type Options = {
  readonly [Name in OptionName]:
    | ValueOf<Table[Name]>
    | (Table[Name]["default"] extends null ? undefined : never);
};

/** The name that stands on the command line: `batchSize` is `--batch-size`. */
export function flagOf(name: string): string {
  return "--" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** The entries of the table that `command` takes, in table order. */
export function optionsOf(command: CommandName): [OptionName, OptionSpec][] {
  return allOptions().filter(([, spec]) => spec.commands.includes(command));
}

/** All entries of the table in order. */
export function allOptions(): [OptionName, OptionSpec][] {
  return Object.entries(OPTION_TABLE) as [OptionName, OptionSpec][];
}

/** The default of an option under a preset; `undefined` when it has none. */
export function defaultOf(spec: OptionSpec, preset: PresetName): unknown {
  const value = spec.default;
  if (value === null) return undefined;
  return isPerPreset(value) ? value[preset] : value;
}

/** The default of an option with its reason, in words. */
export function describeDefault(spec: OptionSpec): string {
  const { default: value, reason } = spec;
  if (value === null) return reason;
  if (isPerPreset(value)) {
    const values = PRESET_NAMES.map((preset) => `${value[preset]} for ${preset}`);
    return `${values.join(", ")} (${reason})`;
  }
  return `${value === false ? "off" : value} (${reason})`;
}

/** Whether a default differs between the presets. */
export function isPerPreset<Value>(
  value: Default<Value>,
): value is Readonly<Record<PresetName, Value>> {
  return typeof value === "object" && value !== null && "classic" in value;
}

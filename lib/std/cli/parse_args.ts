/**
 * A stand-in for `@std/cli/parse-args`, linked in `deno.json` so that everything installs from the
 * npm registry alone. Names, types and documented behaviour are those of version 1.0, except that
 * a dot in a name has no meaning here (`--a.b` sets `"a.b"`, not a nested object) and that a result
 * without typed options holds `unknown` values.
 *
 * @module
 */

type Names = string | undefined;
type Booleans = boolean | Names;
type Defaults = Record<string, unknown> | undefined;
type Aliases = Record<string, string | readonly string[]> | undefined;

/** What one occurrence of the option `K` gives. */
type Single<K, TBooleans, TStrings> = K extends TBooleans ? boolean
  : K extends TStrings ? string
  : unknown;

/** What all occurrences of the option `K` give. */
type Value<K, TBooleans, TStrings, TCollectable, TNegatable> =
  | (K extends TCollectable ? Single<K, TBooleans, TStrings>[] : Single<K, TBooleans, TStrings>)
  | (K extends TNegatable ? false : never);

/** The options of the result with their types; a string option without a default may be absent. */
type Values<TBooleans, TStrings, TCollectable, TNegatable, TDefaults> =
  & Record<string, unknown>
  & {
    [K in Exclude<Extract<TBooleans | TCollectable, string>, keyof TDefaults>]: Value<
      K,
      TBooleans,
      TStrings,
      TCollectable,
      TNegatable
    >;
  }
  & {
    [K in Exclude<Extract<TStrings, string>, TCollectable | keyof TDefaults>]?: Value<
      K,
      TBooleans,
      TStrings,
      TCollectable,
      TNegatable
    >;
  }
  & {
    [K in keyof TDefaults]:
      | TDefaults[K]
      | NonNullable<Value<K, TBooleans, TStrings, TCollectable, TNegatable>>;
  };

/** The value returned by {@linkcode parseArgs}. */
export type Args<
  TArgs extends Record<string, unknown> = Record<string, unknown>,
  TDoubleDash extends boolean | undefined = undefined,
> =
  & TArgs
  & {
    /** The arguments that belong to no option. */
    _: Array<string | number>;
  }
  & (TDoubleDash extends true ? {
      /** The arguments after the double dash. */
      "--": string[];
    }
    : unknown);

/** Options for {@linkcode parseArgs}. */
export interface ParseOptions<
  TBooleans extends Booleans = Booleans,
  TStrings extends Names = Names,
  TCollectable extends Names = Names,
  TNegatable extends Names = Names,
  TDefaults extends Defaults = Defaults,
  TAliases extends Aliases = Aliases,
  TDoubleDash extends boolean | undefined = boolean | undefined,
> {
  /** When `true`, what follows `--` goes to the result's `"--"` instead of its `_`. */
  "--"?: TDoubleDash;
  /** Other names of options. */
  alias?: TAliases;
  /**
   * Names of options that are always booleans, `false` by default. `true` makes every long option
   * without an equal sign a boolean.
   */
  boolean?: TBooleans | ReadonlyArray<Extract<TBooleans, string>>;
  /** Values of options that are not given. */
  default?: TDefaults;
  /** When `true`, everything from the first argument that is not an option on goes to `_`. */
  stopEarly?: boolean;
  /** Names of options that are always strings; `"_"` keeps the other arguments strings too. */
  string?: TStrings | ReadonlyArray<Extract<TStrings, string>>;
  /**
   * Names of options whose values are collected in an array, `[]` by default. Of any other option
   * the last value counts.
   */
  collect?: TCollectable | ReadonlyArray<Extract<TCollectable, string>>;
  /** Names of options that `--no-` in front of the name sets to `false`. */
  negatable?: TNegatable | ReadonlyArray<Extract<TNegatable, string>>;
  /**
   * Called with every argument that the options above do not name; when it returns `false` the
   * argument is left out of the result.
   */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/**
 * The options and other arguments found in `args`.
 *
 * An argument that starts with `-` or `--` is an option. Its value follows an equal sign or is the
 * next argument; without either it is `true`. Values that look like numbers become numbers unless
 * the option is named in `string` or `boolean`. Nothing after `--` is parsed.
 *
 * @example
 * ```ts
 * import { parseArgs } from "@std/cli/parse-args";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseArgs(["--foo", "--bar=baz", "./quux.txt"]), {
 *   foo: true,
 *   bar: "baz",
 *   _: ["./quux.txt"],
 * });
 * ```
 */
export function parseArgs<
  TArgs extends Values<TBooleans, TStrings, TCollectable, TNegatable, TDefaults>,
  TDoubleDash extends boolean | undefined = undefined,
  TBooleans extends Booleans = undefined,
  TStrings extends Names = undefined,
  TCollectable extends Names = undefined,
  TNegatable extends Names = undefined,
  TDefaults extends Defaults = undefined,
  TAliases extends Aliases = undefined,
>(
  args: string[],
  options: ParseOptions<
    TBooleans,
    TStrings,
    TCollectable,
    TNegatable,
    TDefaults,
    TAliases,
    TDoubleDash
  > = {},
): Args<TArgs, TDoubleDash> {
  const result = new ArgumentCollector(options);
  const end = args.indexOf("--");
  const parsed = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end + 1);
  for (let i = 0; i < parsed.length;) {
    const arg = parsed[i++];
    const next = parsed[i] || undefined;
    if (arg.startsWith("--")) {
      if (readLong(result, arg, next)) i++;
    } else if (arg.startsWith("-") && arg !== "-") {
      if (readShort(result, arg, next)) i++;
    } else {
      result.addOther(arg);
      if (options.stopEarly) {
        result.values._.push(...parsed.slice(i));
        break;
      }
    }
  }
  result.addDefaults();
  if (options["--"]) result.values["--"] = rest;
  else result.values._.push(...rest);
  return result.values as Args<TArgs, TDoubleDash>;
}

/** Collects the values of options under all their names. */
class ArgumentCollector {
  readonly values: Record<string, unknown> & { _: Array<string | number> } = { _: [] };
  readonly boolean: ReadonlySet<string>;
  readonly string: ReadonlySet<string>;
  readonly negatable: ReadonlySet<string>;
  readonly everyLongIsBoolean: boolean;
  readonly #options: ParseOptions;
  readonly #collect: ReadonlySet<string>;
  readonly #families: ReadonlyMap<string, readonly string[]>;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#families = aliasFamilies(options.alias);
    this.everyLongIsBoolean = options.boolean === true;
    this.boolean = this.#withAliases(typeof options.boolean === "boolean" ? [] : options.boolean);
    this.string = this.#withAliases(options.string);
    this.negatable = this.#withAliases(options.negatable);
    this.#collect = this.#withAliases(options.collect);
  }

  /** Sets the option `name`, as given by the argument `arg`; a negation is never collected. */
  set(name: string, value: string | boolean, arg: string, collects = true) {
    if (!this.#isKnown(name, arg) && this.#options.unknown?.(arg, name, value) === false) return;
    if (name === "_") return; // The place of the other arguments cannot be an option's.
    const isText = this.string.has(name) || typeof value === "boolean";
    const converted = isText ? value : numberOrText(value);
    for (const each of this.#family(name)) {
      if (collects && this.#collect.has(name)) this.#append(each, converted);
      else this.#assign(each, converted);
    }
  }

  /** Adds an argument that is not an option. */
  addOther(arg: string) {
    if (this.#options.unknown?.(arg) === false) return;
    this.values._.push(this.string.has("_") ? arg : numberOrText(arg));
  }

  /** Fills in what was not given. */
  addDefaults() {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      if (Object.hasOwn(this.values, name)) continue;
      for (const each of this.#family(name)) this.#assign(each, value);
    }
    const missing = (name: string) => !Object.hasOwn(this.values, name);
    for (const name of this.#collect) if (missing(name)) this.#assign(name, []);
    for (const name of this.boolean) if (missing(name)) this.#assign(name, false);
  }

  #isKnown(name: string, arg: string): boolean {
    if (name === "_") return false;
    return this.boolean.has(name) || this.string.has(name) || this.#families.has(name) ||
      (this.everyLongIsBoolean && /^--[^=]+$/.test(arg));
  }

  #family(name: string): readonly string[] {
    return this.#families.get(name) ?? [name];
  }

  #withAliases(names: string | readonly string[] | undefined): Set<string> {
    const list = typeof names === "string" ? [names] : names ?? [];
    return new Set(list.filter((name) => name !== "").flatMap((name) => this.#family(name)));
  }

  /** A negation before leaves `false`, which an array replaces. */
  #append(name: string, value: unknown) {
    const before = Object.hasOwn(this.values, name) ? this.values[name] : [];
    this.#assign(name, [...(Array.isArray(before) ? before : []), value]);
  }

  /** Defines rather than assigns, so that `--__proto__` is an option like any other. */
  #assign(name: string, value: unknown) {
    Object.defineProperty(this.values, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

/** Every aliased name with all names of the same option, itself first. */
function aliasFamilies(alias: Aliases): Map<string, readonly string[]> {
  const families = new Map<string, readonly string[]>();
  for (const [name, others] of Object.entries(alias ?? {})) {
    if (others === undefined) throw new TypeError("Alias value must be defined");
    const family = [name, ...(typeof others === "string" ? [others] : others)];
    for (const each of family) families.set(each, [each, ...family.filter((it) => it !== each)]);
  }
  return families;
}

/** Reads `--name`, `--name=value` or `--name next`; whether `next` was used. */
function readLong(result: ArgumentCollector, arg: string, next: string | undefined): boolean {
  const body = arg.slice(2);
  const equals = body.indexOf("=", 1);
  if (equals > 0 && equals < body.length - 1) {
    const name = body.slice(0, equals);
    const value = body.slice(equals + 1);
    result.set(name, result.boolean.has(name) ? value !== "false" : value, arg);
    return false;
  }
  if (body.startsWith("no-") && result.negatable.has(body.slice(3))) {
    result.set(body.slice(3), false, arg, false);
    return false;
  }
  const mayTakeNext = !result.everyLongIsBoolean && !next?.startsWith("-");
  return readValue(result, body, arg, next, mayTakeNext);
}

/** Reads `-abc`, `-n5`, `-n=5`, `-I/path` or `-n next`; whether `next` was used. */
function readShort(result: ArgumentCollector, arg: string, next: string | undefined): boolean {
  for (let i = 1; i < arg.length - 1; i++) {
    const letter = arg[i];
    const attached = attachedValue(letter, arg.slice(i + 1));
    if (attached !== undefined) {
      result.set(letter, attached, arg);
      return false;
    }
    result.set(letter, result.string.has(letter) ? "" : true, arg);
  }
  return readValue(result, arg.slice(-1), arg, next, !/^--?[^-]/.test(next ?? ""));
}

/** The value that the characters after `letter` in the same argument give it, if they do. */
function attachedValue(letter: string, following: string): string | undefined {
  if (following === "-") return following;
  if (/[A-Za-z]/.test(letter)) {
    const value = /=(.+)/s.exec(following)?.[1];
    if (value !== undefined) return value;
    if (/-?\d+(\.\d*)?(e-?\d+)?$/.test(following)) return following;
  }
  return following.length > 1 && /^\W/.test(following) ? following : undefined;
}

/** Gives `name` the next argument where that can be its value; whether it was used. */
function readValue(
  result: ArgumentCollector,
  name: string,
  arg: string,
  next: string | undefined,
  mayTakeNext: boolean,
): boolean {
  const isBoolean = result.boolean.has(name);
  if (next !== undefined && mayTakeNext && !isBoolean) {
    result.set(name, next, arg);
    return true;
  }
  if (next === "true" || next === "false") {
    result.set(name, next === "true", arg);
    return true;
  }
  result.set(name, result.string.has(name) ? "" : true, arg);
  return false;
}

/** The number that `text` spells, or `text`. */
function numberOrText(text: string): string | number {
  return /\S/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

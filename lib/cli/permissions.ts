/**
 * The permission flags a command line needs, from the paths in its options.
 *
 * @module
 */
import { allOptions, type CommandName, type Options } from "./option_table.ts";

/** The paths that a command reads and writes. */
export interface NeededPaths {
  /** Files and folders to read. */
  readonly read: readonly string[];
  /** Files and folders to write. */
  readonly write: readonly string[];
}

/** The paths that `command` reads and writes with these options, each once, in table order. */
export function neededPaths(command: CommandName, options: Options): NeededPaths {
  const pathsIn = (side: "reads" | "writes") => {
    const named = allOptions().filter(([, spec]) => spec[side]?.includes(command));
    const paths = named.map(([name]) => options[name]).filter((path) => typeof path === "string");
    return [...new Set(paths)];
  };
  return { read: pathsIn("reads"), write: pathsIn("writes") };
}

/** The least permission flags for `paths`: `--allow-read=input --allow-write=song.mid`. */
export function permissionFlags({ read, write }: NeededPaths): string[] {
  const flag = (name: string, paths: readonly string[]) =>
    paths.length > 0 ? [permissionFlag(name, paths)] : [];
  return [...flag("read", read), ...flag("write", write)];
}

/** The flag that grants one permission for `values`; a comma inside a value is doubled. */
export function permissionFlag(name: string, values: readonly string[]): string {
  return `--allow-${name}=${values.map((value) => value.replaceAll(",", ",,")).join(",")}`;
}

/**
 * The words to type so that `args` run with the permissions for `paths`, or `undefined` when the
 * missing permission is not among them.
 */
export function permittedCommand(
  args: readonly string[],
  paths: NeededPaths,
  permission: string,
  path: string,
): string | undefined {
  if (permission !== "read" && permission !== "write") return undefined;
  const isNamed = paths[permission].some((each) => path === each || path.startsWith(`${each}/`));
  if (!isNamed) return undefined;
  return ["deno", "run", ...permissionFlags(paths), "main.ts", ...args].map(quoted).join(" ");
}

/** A word as a shell wants it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

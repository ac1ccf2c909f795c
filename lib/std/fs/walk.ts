/**
 * A stand-in for `@std/fs/walk`, linked in `deno.json` so that everything installs from the npm
 * registry alone. Names, types and documented behaviour are those of version 1.0.
 *
 * @module
 */
import { basename, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** Options for {@linkcode walk}. */
export interface WalkOptions {
  /** How many levels to go down, 0 for the root alone; no limit by default. */
  maxDepth?: number;
  /** Whether files are yielded; `true` by default. */
  includeFiles?: boolean;
  /** Whether directories are yielded, the root among them; `true` by default. */
  includeDirs?: boolean;
  /** Whether symbolic links are yielded while they are not followed; `true` by default. */
  includeSymlinks?: boolean;
  /** Whether symbolic links are followed; `false` by default. Nothing guards against cycles. */
  followSymlinks?: boolean;
  /** Whether a followed link has the path of its target; `true` by default. */
  canonicalize?: boolean;
  /** Only entries with one of these extensions are yielded, with or without a leading period. */
  exts?: string[];
  /** Only entries whose path matches one of these are yielded. */
  match?: RegExp[];
  /** Entries whose path matches one of these are left out, directories with all they hold. */
  skip?: RegExp[];
}

/** A directory entry with its path. */
export interface WalkEntry extends Deno.DirEntry {
  /** The path, starting with the root that was given. */
  path: string;
}

/**
 * The files and directories under `root`, the root first, every directory before what it holds and
 * otherwise in no particular order.
 *
 * @throws {Deno.errors.NotFound} when `root` does not exist
 *
 * @example
 * ```ts ignore
 * import { walk } from "@std/fs/walk";
 *
 * for await (const entry of walk("input", { exts: ["mid"] })) console.log(entry.path);
 * ```
 */
export async function* walk(
  root: string | URL,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeFiles = true, includeDirs = true } = options;
  const { includeSymlinks = true, followSymlinks = false, canonicalize = true } = options;
  if (maxDepth < 0) return;
  const path = root instanceof URL ? fileURLToPath(root) : root;
  if (includeDirs && isWanted(path, options)) yield await rootEntry(path);
  if (maxDepth < 1 || isSkipped(path, options)) return;
  for await (const entry of Deno.readDir(path)) {
    const found = { ...entry, path: join(path, entry.name) };
    if (entry.isSymlink && !followSymlinks) {
      if (includeSymlinks && isWanted(found.path, options)) yield found;
      continue;
    }
    let isDirectory = entry.isDirectory;
    if (entry.isSymlink) {
      const target = await Deno.realPath(found.path);
      if (canonicalize) found.path = target;
      isDirectory = (await Deno.lstat(target)).isDirectory;
    }
    if (isDirectory) yield* walk(found.path, { ...options, maxDepth: maxDepth - 1 });
    else if (includeFiles && isWanted(found.path, options)) yield found;
  }
}

/** The entry of the directory that the walk starts from. */
async function rootEntry(root: string): Promise<WalkEntry> {
  const path = normalize(root);
  const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
  return { path, name: basename(path), isFile, isDirectory, isSymlink };
}

/** Whether `path` passes the filters. */
function isWanted(path: string, options: WalkOptions): boolean {
  const { exts, match } = options;
  if (exts && !exts.some((ext) => path.endsWith(ext.startsWith(".") ? ext : `.${ext}`))) {
    return false;
  }
  if (match && !match.some((pattern) => path.search(pattern) >= 0)) return false;
  return !isSkipped(path, options);
}

/** Whether `path` is left out with everything under it. */
function isSkipped(path: string, { skip }: WalkOptions): boolean {
  return skip?.some((pattern) => path.search(pattern) >= 0) ?? false;
}

/**
 * The MIDI files of a folder.
 *
 * @module
 */
import { walk } from "@std/fs/walk";
import { basename, relative } from "node:path";
import { CorpusError } from "../errors.ts";

/** Names of files that are read: Standard MIDI files, also inside a RIFF wrapper. */
const MIDI_NAME = /\.(mid|midi|rmi)$/i;

/** A file or folder that was found. */
export interface FoundPath {
  /** The path to open. */
  readonly path: string;
  /** The path from the folder that was given, with `/` on every system. */
  readonly name: string;
}

/** What a folder holds. */
export interface FoundFiles {
  /** The MIDI files, ascending by the code points of their names. */
  readonly files: readonly FoundPath[];
  /** Folders that cannot be looked into and links that cannot be followed, with the reason. */
  readonly unreadable: readonly (FoundPath & { readonly cause: unknown })[];
}

/**
 * The MIDI files in a folder and its subfolders, in an order that is the same on every system; or,
 * given a file, that file whatever its name is.
 *
 * Links are followed, but every folder is looked into once only, so links in a circle end.
 *
 * @throws {CorpusError} when `input` does not exist
 * @throws {Deno.errors.NotCapable} when the permission to read `input` is missing
 */
export async function findMidiFiles(input: string): Promise<FoundFiles> {
  const { isDirectory } = await statInput(input);
  if (!isDirectory) return { files: [{ path: input, name: basename(input) }], unreadable: [] };
  return await new Finder(input).find();
}

async function statInput(input: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(input);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CorpusError(`Cannot read music from ${input}: wanted a file or folder, found none`, {
      source: input,
      hint: "Put MIDI files into a folder of that name, or choose another one with --input.",
      cause: error,
    });
  }
}

/** One search. */
class Finder {
  readonly #root: string;
  readonly #files: FoundPath[] = [];
  readonly #unreadable: (FoundPath & { cause: unknown })[] = [];
  readonly #links: string[] = [];
  readonly #seen = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Looks into the folders themselves first, then into what links lead to. */
  async find(): Promise<FoundFiles> {
    await this.#lookInto(this.#root, true);
    for (let link = this.#links.shift(); link !== undefined; link = this.#links.shift()) {
      await this.#follow(link);
      this.#links.sort(compareCodePoints);
    }
    const byName = (a: FoundPath, b: FoundPath) => compareCodePoints(a.name, b.name);
    return { files: this.#files.sort(byName), unreadable: this.#unreadable.sort(byName) };
  }

  /** Collects what a folder holds, unless it was seen before. */
  async #lookInto(folder: string, isRoot = false): Promise<void> {
    try {
      const identity = await Deno.realPath(folder);
      if (this.#seen.has(identity)) return;
      this.#seen.add(identity);
      for await (const entry of walk(folder, { maxDepth: 1 })) {
        if (entry.isSymlink) this.#links.push(entry.path);
        else if (entry.isFile) this.#add(entry.path);
        else if (relative(folder, entry.path) !== "") await this.#lookInto(entry.path);
      }
      if (isRoot) this.#links.sort(compareCodePoints);
    } catch (error) {
      if (isRoot) throw error;
      this.#unreadable.push({ ...this.#found(folder), cause: error });
    }
  }

  async #follow(link: string): Promise<void> {
    try {
      const { isFile, isDirectory } = await Deno.stat(link);
      if (isDirectory) await this.#lookInto(link);
      else if (isFile) this.#add(link);
    } catch (error) {
      const matters = MIDI_NAME.test(link) || error instanceof Deno.errors.NotCapable;
      if (matters) this.#unreadable.push({ ...this.#found(link), cause: error });
    }
  }

  #add(path: string) {
    if (MIDI_NAME.test(path)) this.#files.push(this.#found(path));
  }

  #found(path: string): FoundPath {
    return { path, name: relative(this.#root, path).replaceAll("\\", "/") };
  }
}

/** Orders texts by their code points; the usual order of strings compares UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

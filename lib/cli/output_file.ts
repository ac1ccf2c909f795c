/**
 * Writing the output file with the permission to write that one path and nothing else.
 *
 * @module
 */
import { dirname } from "node:path";
import type { ErrorDetails } from "../errors.ts";

/** An output file that cannot be written; if there was an old file, it is as it was. */
export class OutputError extends Error {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "OutputError";
    this.details = details;
  }
}

/**
 * Writes `bytes` to the file `path`: all of them, or none and the old file stays as it was.
 *
 * The usual way, renaming a temporary file over the old one, needs the permission to read and write
 * the temporary file too. So the bytes are first written behind the old content, which takes the
 * space, and only then over it: a full disk fails before a byte of the old file is lost.
 *
 * @throws {OutputError} when the folder is missing, `path` is a folder, or the disk refuses
 * @throws {Deno.errors.NotCapable} when the permission to write `path` is missing
 */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  try {
    if (await createEmpty(path)) await fillNew(path, bytes);
    else await overwrite(path, bytes);
  } catch (error) {
    throw explainOutput(path, error);
  }
}

/**
 * Makes sure that `path` can be written, before the work starts, and leaves everything as it was.
 *
 * @throws {OutputError} as {@linkcode writeOutput} would
 * @throws {Deno.errors.NotCapable} when the permission to write `path` is missing
 */
export async function checkOutput(path: string): Promise<void> {
  try {
    if (await createEmpty(path)) await Deno.remove(path);
    else (await Deno.open(path, { write: true })).close();
  } catch (error) {
    throw explainOutput(path, error);
  }
}

/** Creates an empty file; `false` when there is one already. */
async function createEmpty(path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { write: true, createNew: true })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

async function fillNew(path: string, bytes: Uint8Array) {
  try {
    using file = await Deno.open(path, { write: true });
    await writeAll(file, bytes);
    await file.sync();
  } catch (error) {
    await Deno.remove(path);
    throw error;
  }
}

async function overwrite(path: string, bytes: Uint8Array) {
  using file = await Deno.open(path, { write: true });
  const size = await file.seek(0, Deno.SeekMode.End);
  try {
    await writeAll(file, bytes);
    await file.sync();
  } catch (error) {
    await file.truncate(size);
    throw error;
  }
  await file.seek(0, Deno.SeekMode.Start);
  await writeAll(file, bytes);
  await file.truncate(bytes.length);
  await file.sync();
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array) {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/** The error in the words of the program; a missing permission is passed on. */
function explainOutput(path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotCapable) return error;
  const [reason, hint] = reasonAndHint(path, error);
  return new OutputError(`Cannot write ${path}: ${reason}`, { source: path, hint, cause: error });
}

function reasonAndHint(path: string, error: unknown): [string, string] {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    const folder = dirname(path);
    return [
      `wanted a folder ${folder}, found none`,
      "Create that folder first, or choose another file.",
    ];
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return ["wanted a file, found a folder", "Choose another name."];
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return [
      "the system does not allow it",
      "Check whom the file and its folder belong to, or choose another file.",
    ];
  }
  const message = error instanceof Error ? error.message : String(error);
  return [
    message.replace(/ \(os error \d+\).*$/s, ""),
    "Check the free space on the disk, or choose another file.",
  ];
}

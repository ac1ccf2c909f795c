/**
 * The model folder: `model.json` (what the model is, its vocabulary, its history and which files
 * belong to it) and binary files of float32 or int32 numbers. A save writes new binary files first and
 * replaces `model.json` last, so an interrupted save leaves the previous model whole.
 *
 * @module
 */
import { ModelError } from "../errors.ts";

/** Version of the format of `model.json`. */
const FORMAT_VERSION = 1;

/** Numbers of one kind. */
export type NumberArray = Float32Array | Int32Array;

/** Arrays of numbers by name. */
export type Arrays = Readonly<Record<string, NumberArray>>;

/** What a model folder holds. */
export interface SavedModel<Description> {
  /** Everything but the numbers; plain JSON. */
  readonly description: Description;
  /** The numbers: parameters, Adam's moments, the training music. */
  readonly arrays: Arrays;
}

interface SavedArray {
  readonly path: string;
  readonly type: "float32" | "int32";
  readonly length: number;
  readonly checksum: number;
}

interface ModelFile {
  readonly format: "midi-lstm";
  readonly version: number;
  readonly description: unknown;
  readonly files: Readonly<Record<string, SavedArray>>;
}

/**
 * Saves a model, replacing the one in the folder.
 *
 * @throws {Deno.errors.NotCapable} if the folder may not be written
 */
export async function saveModel(
  folder: string,
  { description, arrays }: SavedModel<unknown>,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const before = await readModelFile(folder).catch(() => undefined);
  const files: Record<string, ModelFile["files"][string]> = {};
  for (const [name, values] of Object.entries(arrays)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const sum = checksum(bytes);
    const path = `${name}-${sum.toString(16).padStart(8, "0")}.bin`;
    await replaceFile(`${folder}/${path}`, bytes);
    const type = values instanceof Float32Array ? "float32" : "int32";
    files[name] = { path, type, length: values.length, checksum: sum };
  }
  const model: ModelFile = { format: "midi-lstm", version: FORMAT_VERSION, description, files };
  const json = JSON.stringify(model, null, 2) + "\n";
  await replaceFile(`${folder}/model.json`, new TextEncoder().encode(json));
  const kept = new Set(Object.values(files).map(({ path }) => path));
  for (const { path } of Object.values(before?.files ?? {})) {
    if (!kept.has(path)) await Deno.remove(`${folder}/${path}`).catch(() => {});
  }
}

/**
 * Loads a model.
 *
 * @param wanted names of the arrays to read; all by default
 * @throws {ModelError} if there is no model, a file is missing or damaged, or the version is newer
 */
export async function loadModel<Description>(
  folder: string,
  wanted?: readonly string[],
): Promise<SavedModel<Description>> {
  const model = await readModelFile(folder);
  const arrays: Record<string, NumberArray> = {};
  for (const [name, file] of Object.entries(model.files)) {
    if (wanted && !wanted.includes(name)) continue;
    const bytes = await Deno.readFile(`${folder}/${file.path}`).catch((cause) => {
      throw damaged(folder, `${file.path} cannot be read`, cause);
    });
    if (bytes.length !== file.length * 4 || checksum(bytes) !== file.checksum) {
      throw damaged(folder, `${file.path} is not what was saved`);
    }
    const view = file.type === "float32" ? Float32Array : Int32Array;
    arrays[name] = new view(bytes.buffer);
  }
  return { description: model.description as Description, arrays };
}

async function readModelFile(folder: string): Promise<ModelFile> {
  const path = `${folder}/model.json`;
  const text = await Deno.readTextFile(path).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new ModelError(`Cannot load a model from ${folder}: there is no model.json`, {
      source: folder,
      hint: "Train one first: deno task train --model " + folder,
      cause,
    });
  });
  let model: Partial<ModelFile> | null;
  try {
    model = JSON.parse(text);
  } catch (cause) {
    throw damaged(folder, "model.json is not JSON", cause);
  }
  if (model?.format !== "midi-lstm" || !model.files || !model.description) {
    throw damaged(folder, "model.json is not the description of a model of this program");
  }
  if (model.version !== FORMAT_VERSION) {
    throw new ModelError(
      `Cannot load the model in ${folder}: wanted version ${FORMAT_VERSION}, found ${model.version}`,
      { source: path, hint: "Use the version of the program that saved it, or train again." },
    );
  }
  return model as ModelFile;
}

function damaged(folder: string, reason: string, cause?: unknown): ModelError {
  return new ModelError(`Cannot load the model in ${folder}: ${reason}`, {
    source: folder,
    hint: "Restore the folder from a backup, or train again.",
    cause,
  });
}

/** Writes beside the target, then renames: readers see the old file or the new one, never a half. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  await Deno.writeFile(partial, bytes);
  await Deno.rename(partial, path);
}

/** FNV-1a over 32 bits: tells an intact file from a truncated or mixed-up one. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

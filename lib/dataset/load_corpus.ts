/**
 * A folder of MIDI files → what is wanted of each, with a report that accounts for every file.
 *
 * @module
 */
import { CorpusError, isExplained } from "../errors.ts";
import { readMidi } from "../midi/read.ts";
import type { MidiReading, RepairCounts } from "../midi/types.ts";
import { toPiece } from "../score/to_piece.ts";
import type { RawPiece } from "../score/types.ts";
import { findMidiFiles, type FoundPath } from "./find_files.ts";
import { lengthOf } from "./length.ts";

/** A file that was read. */
export interface PieceReading extends MidiReading {
  /** The same music as a piece in ticks. */
  readonly piece: RawPiece;
}

/** A file whose music is used. */
export interface KeptFile {
  /** Tells the kinds of reports apart. */
  readonly outcome: "kept";
  /** Path from the folder that was given. */
  readonly path: string;
  /** Tracks in the file. */
  readonly tracks: number;
  /** Notes in the piece. */
  readonly notes: number;
  /** Length to the end of the last note, in quarters. */
  readonly quarters: number;
  /** The same in seconds. */
  readonly seconds: number;
  /** Repair rule → times applied; only rules that were applied. */
  readonly repairs: RepairCounts;
}

/** A file that cannot be used. */
export interface SkippedFile {
  /** Tells the kinds of reports apart. */
  readonly outcome: "skipped";
  /** Path from the folder that was given. */
  readonly path: string;
  /** Why, in plain words. */
  readonly reason: string;
  /** Offset in bytes from the start of the file, where known. */
  readonly byteOffset?: number;
  /** Track number counted from 0, where known. */
  readonly track?: number;
}

/** A file with the same bytes as an earlier one; its music is used once. */
export interface DuplicateFile {
  /** Tells the kinds of reports apart. */
  readonly outcome: "duplicate";
  /** Path from the folder that was given. */
  readonly path: string;
  /** Path of the earlier file. */
  readonly sameAs: string;
}

/** What became of one file. */
export type FileReport = KeptFile | SkippedFile | DuplicateFile;

/** One step of {@linkcode readFiles}. */
export interface FileResult<Value> {
  /** What became of the file. */
  readonly report: FileReport;
  /** What was made of it, if it was kept. */
  readonly value?: Value;
  /** Files to read in all. */
  readonly total: number;
}

/** The music of a folder. */
export interface Corpus<Value> {
  /** What was made of the kept files, in the order of their paths. */
  readonly items: readonly { readonly source: string; readonly value: Value }[];
  /** What became of each file, in the same order; folders that cannot be read come last. */
  readonly reports: readonly FileReport[];
}

/** What is made of each file: keep it small, all of it stays in memory. */
export type Convert<Value> = (reading: PieceReading, source: string) => Value;

/**
 * The music of all MIDI files in a folder, or of one file.
 *
 * One bad file never stops the others: it is in the report with the reason. Only what `convert`
 * returns is kept in memory.
 *
 * @param input folder, searched with its subfolders, or file
 * @param convert makes of each file what is wanted; it may throw to have the file skipped
 * @param onFile is told about each file as soon as it is read
 * @throws {CorpusError} when there is no such folder, or no file in it can be used
 * @throws {Deno.errors.NotCapable} when the permission to read `input` is missing
 */
export async function loadCorpus<Value>(
  input: string,
  convert: Convert<Value>,
  onFile: (report: FileReport, done: number, total: number) => void = () => {},
): Promise<Corpus<Value>> {
  const items: { source: string; value: Value }[] = [];
  const reports: FileReport[] = [];
  for await (const { report, value, total } of readFiles(input, convert)) {
    reports.push(report);
    if (report.outcome === "kept") items.push({ source: report.path, value: value as Value });
    onFile(report, reports.length, total);
  }
  if (items.length === 0) throw nothingUsableError(input, reports);
  return { items, reports };
}

/**
 * Reads the MIDI files of a folder one after the other, as {@linkcode loadCorpus} does, and ends
 * quietly when there is none.
 *
 * @throws {CorpusError} when there is no such folder
 * @throws {Deno.errors.NotCapable} when the permission to read `input` is missing
 */
export async function* readFiles<Value>(
  input: string,
  convert: Convert<Value>,
): AsyncGenerator<FileResult<Value>> {
  const { files, unreadable } = await findMidiFiles(input);
  const total = files.length + unreadable.length;
  const paths = new Map<string, string>();
  for (const file of files) yield { ...await readFile(file, convert, paths), total };
  for (const { name, cause } of unreadable) yield { report: skipped(name, cause), total };
}

/** Reads one file. `paths` has the digests of the files before it. */
async function readFile<Value>(
  { path, name }: FoundPath,
  convert: Convert<Value>,
  paths: Map<string, string>,
): Promise<{ report: FileReport; value?: Value }> {
  try {
    const bytes = await Deno.readFile(path);
    const digest = await digestOf(bytes);
    const sameAs = paths.get(digest);
    if (sameAs !== undefined) return { report: { outcome: "duplicate", path: name, sameAs } };
    paths.set(digest, name);
    const reading = readPiece(bytes, name);
    const value = convert(reading, name);
    return { report: kept(name, reading), value };
  } catch (error) {
    return { report: skipped(name, error) };
  }
}

/**
 * A MIDI file as file and as piece.
 *
 * @throws {MidiError} if it cannot be read
 * @throws {CorpusError} if it has no notes
 */
function readPiece(bytes: Uint8Array, source: string): PieceReading {
  const { midi, repairs } = readMidi(bytes, source);
  if (!midi.tracks.some(({ events }) => events.some(({ type }) => type === "noteOn"))) {
    throw new CorpusError("there are no notes in it", { source });
  }
  const piece = toPiece(midi, source);
  return { midi, piece, repairs: { ...repairs, ...piece.repairs } };
}

function kept(path: string, { midi, piece, repairs }: PieceReading): KeptFile {
  const notes = piece.parts.reduce((sum, part) => sum + part.notes.length, 0);
  return {
    outcome: "kept",
    path,
    tracks: midi.tracks.length,
    notes,
    ...lengthOf(piece),
    repairs,
  };
}

function skipped(path: string, error: unknown): SkippedFile {
  const { byteOffset, track } = isExplained(error) ? error.details : {};
  return {
    outcome: "skipped",
    path,
    reason: reasonOf(error),
    ...(byteOffset !== undefined && { byteOffset }),
    ...(track !== undefined && { track }),
  };
}

/** Why a file was skipped, in plain words. */
function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "it leads out of the folders that may be read";
  }
  if (error instanceof Deno.errors.NotFound) return "it leads to a file that is not there";
  if (error instanceof Deno.errors.PermissionDenied) return "the system does not allow to read it";
  return error instanceof Error ? error.message : String(error);
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The error of a corpus in which no file was kept. */
export function nothingUsableError(input: string, reports: readonly FileReport[]): CorpusError {
  const first = reports.find((report) => report.outcome === "skipped");
  if (first === undefined) {
    return new CorpusError(
      `Cannot learn from ${input}: wanted at least one .mid, .midi or .rmi file, found none`,
      { source: input, hint: "Put MIDI files into it, or choose another folder with --input." },
    );
  }
  const count = reports.length === 1 ? "one that is not" : `${reports.length} that are not`;
  return new CorpusError(
    `Cannot learn from ${input}: wanted at least one usable MIDI file, found ${count} ` +
      `(${first.path}: ${first.reason})`,
    { source: input, hint: "Add other MIDI files. The inspect command tells about each file." },
  );
}

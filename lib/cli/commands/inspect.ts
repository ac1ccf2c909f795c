/**
 * `inspect`: what is in the MIDI files.
 *
 * @module
 */
import {
  type FileReport,
  type KeptFile,
  nothingUsableError,
  type PieceReading,
  readFiles,
} from "../../dataset/load_corpus.ts";
import { CorpusError } from "../../errors.ts";
import { readMidi } from "../../midi/read.ts";
import { REPAIR_RULES } from "../../midi/repairs.ts";
import { quantize } from "../../score/quantize.ts";
import { PAIRING_RULES } from "../../score/repairs.ts";
import { toPiece } from "../../score/to_piece.ts";
import { extractClassicSymbols } from "../../symbols/classic.ts";
import { encode } from "../../symbols/events.ts";
import type { MusicSymbol } from "../../symbols/types.ts";
import { Vocabulary } from "../../symbols/vocabulary.ts";
import type { Io } from "../io.ts";
import type { Options, PresetName } from "../option_table.ts";
import type { GivenOptions } from "../options.ts";
import { formatCount, formatDuration } from "../progress.ts";

/** How many of the most common symbols are shown. */
const COMMON_SYMBOLS = 12;
/** Columns of the longest bar. */
const BAR_WIDTH = 30;
/** Files between two lines of progress: a usual folder needs none. */
const PROGRESS_EVERY = 100;

/** A symbol and how often it occurs. */
interface SymbolCount {
  readonly symbol: MusicSymbol;
  readonly count: number;
  /** Share of all symbols, 0–1. */
  readonly share: number;
}

/** What `inspect --json` prints, as one object. */
export interface Inspection {
  /** The folder or file. */
  readonly input: string;
  /** Whose symbols these are. */
  readonly preset: PresetName;
  /** What became of each file. */
  readonly files: readonly FileReport[];
  /** Symbols in all kept files together. */
  readonly symbols: number;
  /** All different symbols in the order of their ids. */
  readonly vocabulary: readonly MusicSymbol[];
  /** All different symbols with their counts, the most common first. */
  readonly common: readonly SymbolCount[];
}

/**
 * Prints the report of all files, the vocabulary and the most common symbols; with `--symbols` the
 * symbols of one file. The symbols are those of the classic preset unless another one is asked for.
 *
 * @throws {CorpusError} after the report, when no file could be used
 */
export async function run(options: Options, io: Io, given: GivenOptions): Promise<void> {
  const preset = given.has("preset") ? options.preset : "classic";
  if (options.symbols !== undefined) {
    const symbols = await symbolsOfFile(options.symbols, preset);
    if (options.json) io.print(JSON.stringify(symbols));
    else if (symbols.length > 0) io.print(symbols.join("\n"));
    return;
  }
  const inspection = await inspectFiles(options.input, preset, io);
  const { input, files } = inspection;
  if (options.json) io.print(JSON.stringify(inspection));
  else if (files.length > 0) io.print(describe(inspection, options.verbose));
  if (inspection.symbols === 0) throw nothingUsableError(input, files);
}

/** The symbols of one MIDI file in order; none if it has no notes. */
async function symbolsOfFile(path: string, preset: PresetName): Promise<MusicSymbol[]> {
  const bytes = await Deno.readFile(path).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new CorpusError(`Cannot read ${path}: wanted a MIDI file, found none`, {
      source: path,
      hint: "Check the name after --symbols.",
      cause,
    });
  });
  const { midi } = readMidi(bytes, path);
  return symbolsOf({ midi, piece: toPiece(midi, path) }, preset);
}

function symbolsOf(
  { midi, piece }: Pick<PieceReading, "midi" | "piece">,
  preset: PresetName,
): MusicSymbol[] {
  if (preset === "classic") return extractClassicSymbols(midi);
  return encode(quantize(piece).piece).events.map((event) => event.symbol);
}

async function inspectFiles(input: string, preset: PresetName, io: Io): Promise<Inspection> {
  const counts = new Map<MusicSymbol, number>();
  const files: FileReport[] = [];
  const progress = io.startProgress();
  const count = (reading: PieceReading) => {
    for (const symbol of symbolsOf(reading, preset)) {
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
  };
  for await (const { report, total } of readFiles(input, count)) {
    files.push(report);
    if (files.length % PROGRESS_EVERY > 0) continue;
    progress.show(`${formatCount(files.length)} of ${formatCount(total)} files read`);
  }
  progress.finish();
  const symbols = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const vocabulary = Vocabulary.of(counts.keys()).symbols;
  const common = vocabulary
    .map((symbol) => ({ symbol, count: counts.get(symbol)!, share: counts.get(symbol)! / symbols }))
    .sort((a, b) => b.count - a.count);
  return { input, preset, files, symbols, vocabulary, common };
}

/** The inspection in words. */
function describe(inspection: Inspection, verbose: boolean): string {
  const { files, symbols, vocabulary, common } = inspection;
  const lines = [summary(inspection), ""];
  lines.push(...fileLines(files, verbose));
  if (symbols === 0) return lines.join("\n");
  const shown = common.slice(0, COMMON_SYMBOLS);
  lines.push(
    "",
    `${formatCount(symbols)} symbols, ${formatCount(vocabulary.length)} different ` +
      `(${inspection.preset}); the most common:`,
    ...barLines(shown),
  );
  if (verbose) lines.push("", "All symbols:", vocabulary.join(" "));
  return lines.join("\n");
}

function summary({ input, files }: Inspection): string {
  const of = (outcome: FileReport["outcome"]) =>
    files.filter((file) => file.outcome === outcome).length;
  const parts = [`${formatCount(of("kept"))} kept`];
  if (of("skipped")) parts.push(`${formatCount(of("skipped"))} skipped`);
  if (of("duplicate")) parts.push(`${formatCount(of("duplicate"))} the same as another`);
  const total = `${formatCount(files.length)} ${files.length === 1 ? "file" : "files"}`;
  return `${input}: ${total}, ${parts.join(", ")}`;
}

/** The files as a table, each with its repairs below it. */
function fileLines(files: readonly FileReport[], verbose: boolean): string[] {
  const rows = files.map((file) => file.outcome === "kept" ? keptCells(file) : []);
  const widths = columnWidths(rows);
  const nameWidth = Math.max(0, ...files.map((file) => file.path.length));
  return files.flatMap((file, i) => {
    const name = `  ${file.path.padEnd(nameWidth)}  `;
    if (file.outcome === "skipped") return `${name}skipped: ${file.reason}${placeOf(file)}`;
    if (file.outcome === "duplicate") return `${name}same bytes as ${file.sameAs}`;
    const cells = rows[i].map((cell, column) => cell.padStart(widths[column]));
    return [name + cells.join("  "), ...repairLines(file, verbose)];
  });
}

function keptCells({ tracks, notes, quarters, seconds }: KeptFile): string[] {
  const count = (number: number, unit: string) =>
    `${formatCount(number)} ${number === 1 ? unit : `${unit}s`}`;
  return [
    count(tracks, "track"),
    count(notes, "note"),
    count(Math.round(quarters), "quarter"),
    formatDuration(seconds * 1000),
  ];
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  return [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
}

/** How often the file was repaired; with `verbose`, by which rules. */
function repairLines({ repairs }: KeptFile, verbose: boolean): string[] {
  const rules: Readonly<Record<string, string>> = { ...REPAIR_RULES, ...PAIRING_RULES };
  const applied = Object.entries(repairs);
  if (verbose) {
    return applied.map(([rule, times]) => `    repaired ${times} ×: ${rules[rule] ?? rule}`);
  }
  const times = applied.reduce((sum, [, each]) => sum + each, 0);
  return times === 0 ? [] : [`    repaired ${formatCount(times)} × (--verbose says how)`];
}

function placeOf({ track, byteOffset }: { track?: number; byteOffset?: number }): string {
  const parts = [
    ...(track === undefined ? [] : [`track ${track}`]),
    ...(byteOffset === undefined ? [] : [`byte ${byteOffset}`]),
  ];
  return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

/** One line for each symbol: name, count, share, bar. */
function barLines(common: readonly SymbolCount[]): string[] {
  const most = common[0].count;
  const nameWidth = Math.max(...common.map(({ symbol }) => symbol.length));
  const countWidth = formatCount(most).length;
  return common.map(({ symbol, count, share }) => {
    const percent = `${(share * 100).toFixed(1)} %`.padStart(6);
    const bar = "█".repeat(Math.max(1, Math.round(BAR_WIDTH * count / most)));
    return `  ${symbol.padEnd(nameWidth)}  ${
      formatCount(count).padStart(countWidth)
    }  ${percent}  ${bar}`;
  });
}

/**
 * What a command may say and how: results to standard output, everything else to standard error.
 *
 * @module
 */
import { Progress, type ProgressScreen } from "./progress.ts";

/** The way out for everything a command says. */
export interface Io {
  /** Prints a line of the result to standard output. */
  print(line: string): void;
  /** Prints a line about what is going on to standard error; nothing with `--quiet`. */
  note(line: string): void;
  /** Prints a line that only `--verbose` shows to standard error. */
  detail(line: string): void;
  /** Starts a progress line on standard error; with `--quiet` nothing is shown. */
  startProgress(): Progress;
  /** Milliseconds on a clock that does not go back. */
  now(): number;
}

/** How much is said. */
export interface Loudness {
  /** Only results and errors. */
  readonly quiet: boolean;
  /** Details too. */
  readonly verbose: boolean;
}

/** The way out to the terminal, or to whatever the streams lead to. */
export function terminalIo({ quiet, verbose }: Loudness): Io {
  const screen = screenOf(Deno.stderr);
  const silent: ProgressScreen = { ...screen, isTerminal: false, write: () => {} };
  return {
    print: (line) => writeText(Deno.stdout, `${line}\n`),
    note: (line) => quiet || writeText(Deno.stderr, `${line}\n`),
    detail: (line) => verbose && writeText(Deno.stderr, `${line}\n`),
    startProgress: () => new Progress(quiet ? silent : screen),
    now: screen.now,
  };
}

/** Writes all of `text`. */
export function writeText(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += stream.writeSync(bytes.subarray(written));
  }
}

function screenOf(stream: typeof Deno.stderr): ProgressScreen {
  const isTerminal = stream.isTerminal();
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns : Infinity,
    write: (text) => writeText(stream, text),
    now: () => performance.now(),
  };
}

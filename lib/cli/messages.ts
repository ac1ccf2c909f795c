/**
 * What the terminal says when something goes wrong: what, where, and what to do; and the exit code.
 *
 * @module
 */
import { type ErrorDetails, isExplained, UsageError } from "../errors.ts";
import { OutputError } from "./output_file.ts";
import { permissionFlag } from "./permissions.ts";

/** How the program ends. */
export const EXIT_CODES = {
  /** The job is done. */
  done: 0,
  /** It could not be done. */
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** It was interrupted with Ctrl-C. */
  interrupted: 130,
} as const;

/** One of the ways the program ends. */
export type ExitCode = typeof EXIT_CODES[keyof typeof EXIT_CODES];

/** An error in the words of the terminal. */
export interface Explanation {
  /** What went wrong. */
  readonly error: string;
  /** The file, option or place in the file it is about, if known. */
  readonly where?: string;
  /** What to do about it, if known. */
  readonly hint?: string;
  /** How the program ends. */
  readonly exitCode: ExitCode;
}

/** What is known about the run in which an error happened. */
export interface RunContext {
  /** The words to type so that the permission for a path is granted, if they are known. */
  readonly permittedCommand?: (permission: string, path: string) => string | undefined;
  /** Whether the program is a compiled binary, whose permissions cannot be changed. */
  readonly standalone?: boolean;
}

/** The explanation of anything thrown. */
export function explain(error: unknown, context: RunContext = {}): Explanation {
  if (error instanceof UsageError) return fromDetails(error, EXIT_CODES.usage);
  if (isExplained(error) || error instanceof OutputError) {
    return fromDetails(error, EXIT_CODES.failed);
  }
  if (error instanceof Deno.errors.NotCapable) return explainPermission(error, context);
  if (error instanceof Error && error.name === "AbortError") {
    return { error: "Interrupted.", exitCode: EXIT_CODES.interrupted };
  }
  return explainUnexpected(error);
}

/**
 * The lines that the terminal shows: error, where and hint as far as they are known, and the stack
 * of `stackOf` if there is one.
 */
export function errorLines(
  { error, where, hint }: Explanation,
  { stackOf, color = false }: { stackOf?: unknown; color?: boolean } = {},
): string[] {
  const lines = [`${color ? "\x1b[1;31merror\x1b[0m" : "error"}: ${error}`];
  if (where) lines.push(`where: ${where}`);
  if (hint) lines.push(`hint:  ${hint}`);
  return stackOf instanceof Error ? [...lines, ...stackLines(stackOf)] : lines;
}

/** A place in words: "input/a.mid, track 2, byte 1234". */
export function describePlace(details: ErrorDetails): string | undefined {
  const { source, line, track, byteOffset } = details;
  const parts = [
    source,
    line !== undefined && `line ${line}`,
    track !== undefined && `track ${track}`,
    byteOffset !== undefined && `byte ${byteOffset}`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ") || undefined;
}

function fromDetails(
  error: Error & { readonly details: ErrorDetails },
  exitCode: ExitCode,
): Explanation {
  const { message, details } = error;
  return { error: message, where: describePlace(details), hint: details.hint, exitCode };
}

/** Explains what Deno puts as `Requires read access to "input", run again with …`. */
function explainPermission(error: Error, context: RunContext): Explanation {
  const [, name, value] = /^Requires (\w+) access(?: to "(.*?)")?/s.exec(error.message) ?? [];
  const exitCode = EXIT_CODES.failed;
  if (name === undefined) return { error: error.message, exitCode };
  const action = name === "read" || name === "write" ? name : `use ${name}`;
  const flag = value === undefined ? `--allow-${name}` : permissionFlag(name, [value]);
  return {
    error: `Cannot ${action} ${value ?? ""}`.trim() +
      `: wanted the permission ${flag}, found it not granted`,
    where: value,
    hint: permissionHint(name, value, flag, context),
    exitCode,
  };
}

function permissionHint(
  permission: string,
  path: string | undefined,
  flag: string,
  { standalone, permittedCommand }: RunContext,
): string {
  if (standalone) {
    return "The permissions of this program were fixed when it was compiled: compile it again " +
      `with ${flag}, or use the files and folders it was made for.`;
  }
  const command = path === undefined ? undefined : permittedCommand?.(permission, path);
  return command ? `Run: ${command}` : `Run it again with ${flag}.`;
}

/** An error that nobody foresaw, or one of the operating system. */
function explainUnexpected(error: unknown): Explanation {
  const exitCode = EXIT_CODES.failed;
  const message = error instanceof Error ? error.message || error.name : String(error);
  const [, reason, path] = /^(.*?) \(os error \d+\): \w+ '(.*)'$/s.exec(message) ?? [];
  if (reason !== undefined) {
    return { error: `Cannot use ${path}: ${reason}`, where: path, exitCode };
  }
  return { error: message, hint: "Run it again with --verbose to see where.", exitCode };
}

/** The stack of an error and of what caused it. */
function stackLines(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  if (!(error.cause instanceof Error)) return lines;
  return [...lines, `caused by: ${error.cause.message}`, ...stackLines(error.cause)];
}

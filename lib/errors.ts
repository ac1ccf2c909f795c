/**
 * The errors a caller may want to catch. Each extends the nearest built-in error and can say where
 * the trouble is and what to do about it; the terminal prints the three parts on three lines.
 *
 * @module
 */

/** Where a problem is and what the reader can do about it. */
export interface ErrorDetails {
  /** File, folder or option the error is about. */
  readonly source?: string;
  /** Offset in bytes from the start of the source, where known. */
  readonly byteOffset?: number;
  /** Track number counted from 0, where known. */
  readonly track?: number;
  /** Line number counted from 1, where known. */
  readonly line?: number;
  /** One sentence that says what to do. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** Bytes that cannot be read as a MIDI file, or a MIDI file that cannot be written. */
export class MidiError extends SyntaxError {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "MidiError";
    this.details = details;
  }
}

/** Music that cannot be used: nothing to train on, too short, an unknown symbol, a bad primer. */
export class CorpusError extends RangeError {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "CorpusError";
    this.details = details;
  }
}

/** A model folder that is missing, damaged, or made by a version that cannot be read. */
export class ModelError extends TypeError {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "ModelError";
    this.details = details;
  }
}

/** Training that cannot go on: a loss that is not a number, a worker that died. */
export class TrainingError extends Error {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "TrainingError";
    this.details = details;
  }
}

/** A command line that cannot be understood. The program exits with code 2. */
export class UsageError extends TypeError {
  /** Where the problem is and what to do. */
  readonly details: ErrorDetails;
  /** Creates the error from a plain-language message and its details. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "UsageError";
    this.details = details;
  }
}

/** Any error of this program that carries details. */
export type ExplainedError = MidiError | CorpusError | ModelError | TrainingError | UsageError;

/** Whether `error` carries a place and a hint for the reader. */
export function isExplained(error: unknown): error is ExplainedError {
  return error instanceof MidiError || error instanceof CorpusError ||
    error instanceof ModelError || error instanceof TrainingError || error instanceof UsageError;
}

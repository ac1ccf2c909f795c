/**
 * Windows over one long stream of symbols, as the `classic` preset is trained on.
 *
 * @module
 */
import { CorpusError } from "../errors.ts";

/** A stream of ids and the length of the windows over it. Windows are never copied out. */
export interface WindowedStream {
  /** Symbol ids of all pieces, one after the other. */
  readonly ids: Int32Array;
  /** Symbols in a window, T; the symbol after the window is what is to be predicted. */
  readonly sequenceLength: number;
  /** Number of windows. */
  readonly windows: number;
}

/**
 * All windows of `sequenceLength` symbols with stride 1.
 *
 * @throws {CorpusError} if the stream is not longer than one window
 */
export function windowed(ids: Int32Array, sequenceLength: number): WindowedStream {
  const windows = ids.length - sequenceLength;
  if (windows < 1) {
    throw new CorpusError(
      `Cannot cut windows of ${sequenceLength} symbols: wanted at least ${sequenceLength + 1} ` +
        `symbols, found ${ids.length}`,
      { hint: "Add more MIDI files, or choose a smaller --sequence-length." },
    );
  }
  return { ids, sequenceLength, windows };
}

/**
 * Ctrl-C: the first one asks the work to stop well, the second one ends the program.
 *
 * @module
 */
import { EXIT_CODES } from "./messages.ts";

/** Where interrupts come from and go to; the parts of `Deno` that matter here. */
export interface InterruptSource {
  /** Calls `listener` at each Ctrl-C. */
  addSignalListener(signal: "SIGINT", listener: () => void): void;
  /** Calls it no longer. */
  removeSignalListener(signal: "SIGINT", listener: () => void): void;
  /** Ends the program at once. */
  exit(code: number): void;
}

/** A job that can be interrupted. */
export interface Interrupt extends Disposable {
  /** Aborted by the first Ctrl-C: stop, keep what was done, finish. */
  readonly signal: AbortSignal;
}

/**
 * Listens for Ctrl-C until disposed: the first one aborts the signal and calls `onFirst`, the
 * second one ends the program with code 130. No permission is needed.
 *
 * Work that blocks the thread must pause from time to time (`await` a timer) for a Ctrl-C to be
 * seen.
 */
export function listenForInterrupt(
  onFirst: () => void,
  source: InterruptSource = Deno,
): Interrupt {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) return source.exit(EXIT_CODES.interrupted);
    controller.abort();
    onFirst();
  };
  source.addSignalListener("SIGINT", listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => source.removeSignalListener("SIGINT", listener),
  };
}

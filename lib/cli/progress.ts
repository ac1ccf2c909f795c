/**
 * Progress: one line that renews itself on a terminal, plain lines anywhere else.
 *
 * @module
 */

/** Where progress is shown. */
export interface ProgressScreen {
  /** Whether lines can be renewed. */
  readonly isTerminal: boolean;
  /** Width of the terminal in columns. */
  readonly columns: number;
  /** Shows `text` as it is. */
  write(text: string): void;
  /** Milliseconds on any clock that does not go back. */
  now(): number;
}

/** How far training is. */
export interface TrainingProgress {
  /** The epoch that is being worked on, counted from 1. */
  readonly epoch: number;
  /** Epochs to do at most. */
  readonly epochs: number;
  /** Share of all the work that is done, 0–1. */
  readonly done: number;
  /** Training loss so far, in nats. */
  readonly loss: number;
  /** Loss on held-out music after the last epoch, in nats. */
  readonly heldOut?: number;
  /** Symbols learned from a second. */
  readonly speed: number;
}

/** Milliseconds between two lines on a terminal: often enough to look alive. */
const TERMINAL_INTERVAL = 100;
/** Milliseconds between two plain lines: few enough for a log. */
const PLAIN_INTERVAL = 1000;

/** Shows how far a job is. */
export class Progress {
  readonly #screen: ProgressScreen;
  readonly #start: number;
  #shownAt = -Infinity;
  #shown = "";
  #latest = "";

  /** Starts the clock. */
  constructor(screen: ProgressScreen) {
    this.#screen = screen;
    this.#start = screen.now();
  }

  /** Shows `text` unless the last line was shown a moment ago. */
  show(text: string) {
    this.#latest = text;
    const interval = this.#screen.isTerminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
    if (this.#screen.now() - this.#shownAt >= interval) this.#print();
  }

  /** Shows how far training is. */
  showTraining(progress: TrainingProgress) {
    this.show(trainingLine(progress, this.#screen.now() - this.#start));
  }

  /** Leaves the last state standing, so that other lines can follow. */
  finish() {
    if (this.#latest !== this.#shown) this.#print();
    if (this.#screen.isTerminal && this.#shown) this.#screen.write("\n");
    this.#latest = this.#shown = "";
    this.#shownAt = -Infinity;
  }

  #print() {
    const { isTerminal, columns, write, now } = this.#screen;
    this.#shown = this.#latest;
    this.#shownAt = now();
    if (isTerminal) write(`\r\x1b[K${this.#latest.slice(0, columns - 1)}`);
    else write(`${this.#latest}\n`);
  }
}

/** "epoch 3/60  loss 2.871  held-out 3.020  12,345 symbols/s  45 s left" */
export function trainingLine(progress: TrainingProgress, elapsed: number): string {
  const { epoch, epochs, done, loss, heldOut, speed } = progress;
  const parts = [`epoch ${epoch}/${epochs}`, `loss ${loss.toFixed(3)}`];
  if (heldOut !== undefined) parts.push(`held-out ${heldOut.toFixed(3)}`);
  parts.push(`${formatCount(Math.round(speed))} symbols/s`);
  if (done > 0) parts.push(`${formatDuration(elapsed * (1 / done - 1))} left`);
  return parts.join("  ");
}

/** A length of time in its two largest units: "0.4 s", "45 s", "1 min 20 s", "2 h 5 min". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9950) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** A whole number with commas between the thousands, the same in every country. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

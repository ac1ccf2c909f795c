/**
 * Which of several outputs to keep, and why.
 *
 * @module
 */
import type { EventSequence } from "../symbols/types.ts";
import { decode } from "../symbols/events.ts";
import { type Repetition, repetition } from "./degenerate.ts";
import { indexOriginality, type Originality, originality } from "./originality.ts";
import { compareStatistics, METRICS, type Statistics, statistics } from "./statistics.ts";

/** A generated piece and what there is to say about it. */
export interface Candidate {
  /** Its number in the order of generation, from 1. */
  readonly number: number;
  /** The piece. */
  readonly sequence: EventSequence;
  /** The lower the better: see {@linkcode Judge.rank}. */
  readonly score: number;
  /** What speaks against it, in plain words; empty if nothing does. */
  readonly reasons: readonly string[];
  /** What it copies from the training pieces. */
  readonly originality: Originality;
}

/** Notes of a copied run from which on it counts against a piece. */
const LONG_RUN = 12;

/** Judges generated pieces by the training pieces. */
export class Judge {
  readonly #index;
  readonly #human: readonly Statistics[];

  /** Prepares the training pieces. */
  constructor(training: readonly EventSequence[]) {
    this.#index = indexOriginality(training);
    this.#human = training.map((sequence) => statistics(decode(sequence)));
  }

  /** What a piece copies from training. */
  originality(sequence: EventSequence): Originality {
    return originality(this.#index, sequence);
  }

  /**
   * The candidates, best first. Each statistic outside what 80 % of the training pieces have counts 1, a
   * long copied run 1 for every further {@linkcode LONG_RUN} notes, a loop or a single symbol all over 10.
   */
  rank(sequences: readonly EventSequence[]): Candidate[] {
    return sequences.map((sequence, i) => this.#judge(sequence, i + 1))
      .sort((a, b) => a.score - b.score || a.number - b.number);
  }

  #judge(sequence: EventSequence, number: number): Candidate {
    const own = statistics(decode(sequence));
    const compared = compareStatistics([own], this.#human);
    const unusual = METRICS.filter((name) => compared[name] && !compared[name].typical);
    const copied = this.originality(sequence);
    const repeated = repetition(sequence.events);
    const run = Math.floor(copied.longestRun.notes / LONG_RUN);
    const reasons = [
      ...(repeated ? repetitionReasons(repeated) : ["it is empty"]),
      ...(run > 0 ? [`${copied.longestRun.notes} notes as in ${copied.longestRun.source}`] : []),
      ...unusual.map((name) => `unusual ${inWords(name)}`),
    ];
    const broken = !repeated || repeated.degenerate;
    const score = unusual.length + run + (broken ? 10 : 0);
    return { number, sequence, score, reasons, originality: copied };
  }
}

function repetitionReasons({ loops, longestLoop, monotonous, commonest }: Repetition): string[] {
  return [
    ...(loops ? [`${longestLoop.figure.join(" ")} ${longestLoop.times} times in a row`] : []),
    ...(monotonous ? [`${Math.round(commonest.share * 100)} % of it is ${commonest.symbol}`] : []),
  ];
}

/** "scaleConsistency" → "scale consistency" */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => " " + letter.toLowerCase());
}

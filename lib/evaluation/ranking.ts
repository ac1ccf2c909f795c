/**
 * Which of several outputs to keep, and why.
 *
 * @module
 */
import type { EventSequence } from "../symbols/types.ts";
import { decode } from "../symbols/events.ts";
import { isStuck, type Repetition, repetition } from "./degenerate.ts";
import {
  indexOriginality,
  longestRunWithOthers,
  type Originality,
  originality,
  type OriginalityIndex,
} from "./originality.ts";
import { percentile } from "./percentile.ts";
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
/** A piece may copy what nine in ten training pieces share with another one, and this many notes anyway. */
const USUAL_RUN_PERCENT = 90;
const HARMLESS_RUN = 8;
/** Training pieces that are looked at for that. */
const PIECES_COMPARED = 50;
/** Times that music is composed anew because it got stuck or copies too much. */
const MOST_TRIES = 5;

/** Judges generated pieces by the training pieces. */
export class Judge {
  /** The training pieces, to look for copies in. */
  readonly index: OriginalityIndex;
  /** The statistics of the training pieces. */
  readonly human: readonly Statistics[];
  /** Notes in a row that a piece may copy: as many as is usual among the training pieces. */
  readonly mostCopied: number;

  /** Prepares the training pieces. */
  constructor(training: readonly EventSequence[]) {
    this.index = indexOriginality(training);
    this.human = training.map((sequence) => statistics(decode(sequence)));
    const every = Math.ceil(training.length / PIECES_COMPARED);
    const runs = training.map((_, piece) => piece).filter((piece) => piece % every === 0)
      .map((piece) => longestRunWithOthers(this.index, piece));
    this.mostCopied = Math.max(HARMLESS_RUN, Math.floor(percentile(runs, USUAL_RUN_PERCENT)));
  }

  /**
   * Composes until the music has not got stuck and copies no more than {@linkcode mostCopied}; when
   * that does not happen soon, what copied least is taken.
   */
  composed(compose: () => EventSequence): EventSequence {
    const tries: { sequence: EventSequence; stuck: boolean; copied: number }[] = [];
    while (tries.length < MOST_TRIES) {
      const sequence = compose();
      const stuck = isStuck(repetition(sequence.events));
      const copied = this.originality(sequence).longestRun.notes;
      if (!stuck && copied <= this.mostCopied) return sequence;
      tries.push({ sequence, stuck, copied });
    }
    tries.sort((a, b) => Number(a.stuck) - Number(b.stuck) || a.copied - b.copied);
    return tries[0].sequence;
  }

  /** What a piece copies from training. */
  originality(sequence: EventSequence): Originality {
    return originality(this.index, sequence);
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
    const compared = compareStatistics([own], this.human);
    const unusual = METRICS.filter((name) => compared[name] && !compared[name].typical);
    const copied = this.originality(sequence);
    const repeated = repetition(sequence.events);
    const run = Math.floor(copied.longestRun.notes / LONG_RUN);
    const reasons = [
      ...(repeated ? repetitionReasons(repeated) : ["it is empty"]),
      ...(run > 0 ? [`${copied.longestRun.notes} notes as in ${copied.longestRun.source}`] : []),
      ...unusual.map((name) => `unusual ${inWords(name)}`),
    ];
    const score = unusual.length + run + (isStuck(repeated) ? 10 : 0);
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

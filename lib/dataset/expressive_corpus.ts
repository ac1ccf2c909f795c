/**
 * Pieces as the `expressive` preset learns them: numbers for the network, and the memories.
 *
 * @module
 */
import { Codebook, roleOf } from "../symbols/codebook.ts";
import type { EventSequence, MusicEvent } from "../symbols/types.ts";
import { EventMemory, type Expectation } from "./event_memory.ts";
import { END_TOKEN, referenceAfter, TokenTable } from "./tokens.ts";
import { featuresOf, Tracker } from "./tracker.ts";

/** A piece of n events as n + 1 positions; the last one predicts the end. */
export interface PreparedPiece {
  /** Name of the file. */
  readonly source: string;
  /** n + 1. */
  readonly positions: number;
  /** `[positions, features]`. */
  readonly features: Int32Array;
  /** Symbol id at each position; V for the end, −1 if it is not in the codebook. */
  readonly symbols: Int32Array;
  /** Duration ids, 0 if not in the codebook. */
  readonly durations: Int32Array;
  /** Step ids, 0 if not in the codebook. */
  readonly steps: Int32Array;
  /** Velocity classes. */
  readonly velocities: Int32Array;
  /** Intervals from what the role played last. */
  readonly intervals: Int32Array;
  /** Classes of the time to the next end of a note. */
  readonly nextEnds: Int32Array;
  /** `[positions, 4]`: probability of the symbol in the two memories, then of the duration given the symbol; negative: nothing known. */
  readonly memory: Float32Array;
  /** Lowest and highest pitch that is not a drum. */
  readonly range: readonly [number, number];
}

/** Tokens of a piece, the end included. */
export function tokensOf({ events }: EventSequence, table: TokenTable): number[] {
  let reference: number | undefined;
  const tokens = events.map((event) => {
    const token = table.tokenOf(event, reference);
    reference = referenceAfter(event, reference);
    return token;
  });
  return [...tokens, END_TOKEN];
}

/** What is known of a corpus. */
export interface KnownCorpus {
  /** Ids of everything in it. */
  readonly codebook: Codebook;
  /** Its events without their key. */
  readonly tokens: TokenTable;
  /** What followed what. */
  readonly memory: EventMemory;
}

/** Reads the pieces that are learned from. */
export function knowCorpus(sequences: readonly EventSequence[]): KnownCorpus {
  const [tokens, memory] = [new TokenTable(), new EventMemory()];
  for (const sequence of sequences) memory.learn(tokensOf(sequence, tokens));
  return { codebook: Codebook.of(sequences), tokens, memory };
}

/**
 * The numbers of a piece.
 *
 * @param known whether `corpus` has learned this piece; then what it knows of it is left out
 */
export function preparePiece(
  sequence: EventSequence,
  codebook: Codebook,
  tokens: TokenTable,
  corpus: EventMemory,
  known: boolean,
): PreparedPiece {
  const { events } = sequence;
  const own = new EventMemory();
  if (known) own.learn(tokensOf(sequence, tokens));
  const tracker = new Tracker(codebook, tokens, corpus, sequence, known ? own : undefined);
  const positions = events.length + 1;
  const width = featuresOf(codebook).length;
  const column = () => new Int32Array(positions);
  const features = new Int32Array(positions * width);
  const [symbols, durations, steps] = [0, 0, 0].map(column);
  const [velocities, intervals, nextEnds] = [0, 0, 0].map(column);
  const memory = new Float32Array(positions * 4);
  for (let i = 0; i < positions; i++) {
    const event: MusicEvent | undefined = events[i];
    const expected = tracker.expectations();
    features.set(tracker.features(expected), i * width);
    const token = event ? tracker.tokenOf(event) : END_TOKEN;
    [expected.corpus, expected.piece].forEach((expectation, e) => {
      const [symbol, duration] = likelihoods(expectation, token, tokens);
      memory[i * 4 + e] = symbol;
      memory[i * 4 + 2 + e] = duration;
    });
    if (!event) {
      symbols[i] = codebook.symbols.size;
      break;
    }
    const ids = codebook.encode(event);
    [symbols[i], durations[i], steps[i]] = [ids.symbol, ids.duration, ids.step];
    velocities[i] = ids.velocity;
    intervals[i] = tracker.chosenInterval(roleOf(event.part), event.symbol);
    nextEnds[i] = tracker.nextEnd(event.duration);
    tracker.push(event);
  }
  const pitches = events.filter(({ part }) => !sequence.parts[part].drums)
    .flatMap(({ notes }) => notes.map(({ pitch }) => pitch));
  const range = pitches.reduce(
    ([low, high], pitch) => [Math.min(low, pitch), Math.max(high, pitch)],
    [127, 0],
  ) as [number, number];
  const columns = { features, symbols, durations, steps, velocities, intervals, nextEnds, memory };
  return { source: sequence.source, positions, ...columns, range };
}

/** Probability of a token's symbol, and of its duration given the symbol; −1 where nothing is known. */
function likelihoods(
  { probabilities, contextLength }: Expectation,
  token: number,
  tokens: TokenTable,
): [symbol: number, duration: number] {
  if (contextLength === 0) return [-1, -1];
  if (token === END_TOKEN) return [probabilities.get(END_TOKEN) ?? 0, -1];
  const wanted = tokens.eventOf(token);
  let [symbol, both] = [0, 0];
  for (const [other, probability] of probabilities) {
    if (other === END_TOKEN) continue;
    const event = tokens.eventOf(other);
    if (event.role !== wanted.role || event.shape !== wanted.shape) continue;
    symbol += probability;
    if (event.duration === wanted.duration) both += probability;
  }
  return symbol > 0 ? [symbol, both / symbol] : [0, -1];
}

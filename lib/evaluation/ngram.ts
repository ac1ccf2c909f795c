/**
 * An n-gram model of token sequences: what any learned model has to beat.
 *
 * @module
 */
import { NO_FEATURE, trainKneserNey } from "./kneser_ney.ts";

/** What an n-gram is and what it counts. */
export interface NgramOptions {
  /** Tokens in the longest n-gram, at least 1; the model looks at `order` − 1 tokens. */
  readonly order: number;
  /** Tokens are integers in [0, `vocabularySize`), whether seen in training or not. */
  readonly vocabularySize: number;
}

/** A trained n-gram. */
export interface Ngram extends NgramOptions {
  /**
   * p(`token` | the first `length` tokens of `sequence`), where `token` = `vocabularySize` is the
   * end of the sequence. The probabilities of all tokens and the end sum to 1.
   */
  probability(sequence: ArrayLike<number>, length: number, token: number): number;
}

/**
 * Trains an interpolated modified Kneser–Ney n-gram (Chen and Goodman 1999) on sequences that are
 * kept apart: the start is a token of its own in the contexts, the end is learned as an outcome.
 *
 * @throws {RangeError} if `order` is less than 1 or a token is out of range
 */
export function trainNgram(
  sequences: readonly ArrayLike<number>[],
  { order, vocabularySize }: NgramOptions,
): Ngram {
  if (!Number.isInteger(order) || order < 1) {
    throw new RangeError(`Cannot train an n-gram: wanted an order of at least 1, found ${order}`);
  }
  const depth = order - 1;
  const rows = sequences.reduce((sum, sequence) => sum + sequence.length + 1, 0);
  const targets = new Int32Array(rows);
  const contexts = new Int32Array(rows * depth);
  let row = 0;
  for (const sequence of sequences) {
    for (let i = 0; i <= sequence.length; i++, row++) {
      targets[row] = i < sequence.length ? checked(sequence[i], vocabularySize) : vocabularySize;
      writeContext(sequence, i, contexts.subarray(row * depth, (row + 1) * depth), vocabularySize);
    }
  }
  const model = trainKneserNey({ targets, contexts, depth, outcomes: vocabularySize + 1 });
  const context = new Int32Array(depth);
  const probability = (sequence: ArrayLike<number>, length: number, token: number) => {
    writeContext(sequence, length, context, vocabularySize);
    return model.probability(context, 0, token);
  };
  return { order, vocabularySize, probability };
}

/**
 * Negative log-likelihood of the tokens of `sequences`, in nats per token.
 *
 * The ends of the sequences are not counted, but that the model reserves probability for an end
 * after every token is part of the price of the tokens.
 */
export function nllPerToken(ngram: Ngram, sequences: readonly ArrayLike<number>[]): number {
  let tokens = 0;
  let nll = 0;
  for (const sequence of sequences) {
    for (let i = 0; i < sequence.length; i++) {
      nll -= Math.log(ngram.probability(sequence, i, sequence[i]));
    }
    tokens += sequence.length;
  }
  return nll / tokens;
}

/** Fills `context` with the tokens before place `i`, the nearest first, and the start. */
function writeContext(
  sequence: ArrayLike<number>,
  i: number,
  context: Int32Array,
  start: number,
): void {
  for (let back = 1; back <= context.length; back++) {
    if (back <= i) context[back - 1] = sequence[i - back];
    else context[back - 1] = back === i + 1 ? start : NO_FEATURE;
  }
}

/** The token, if it is one. */
function checked(token: number, vocabularySize: number): number {
  if (Number.isInteger(token) && token >= 0 && token < vocabularySize) return token;
  throw new RangeError(
    `Cannot train an n-gram: wanted tokens from 0 to ${vocabularySize - 1}, found ${token}`,
  );
}

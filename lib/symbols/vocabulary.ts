/**
 * The vocabulary: which number the network uses for which symbol.
 *
 * @module
 */
import { CorpusError } from "../errors.ts";
import type { MusicSymbol } from "./types.ts";

/**
 * All symbols of a corpus with their ids in both directions.
 *
 * Ids are the places of the symbols in code point order (they are ASCII, so the default sort of
 * strings), so the same symbols always get the same ids, in whatever order they were met.
 *
 * @example
 * ```ts
 * const vocabulary = Vocabulary.of(["C4", "0.4.7", "C4"]);
 * vocabulary.symbols; // ["0.4.7", "C4"]
 * vocabulary.encode(["C4", "0.4.7"]); // Int32Array [1, 0]
 * ```
 */
export class Vocabulary {
  /** All symbols; the index is the id. */
  readonly symbols: readonly MusicSymbol[];
  readonly #ids: ReadonlyMap<MusicSymbol, number>;

  /** Takes symbols that are already unique and in order. */
  private constructor(symbols: readonly MusicSymbol[]) {
    this.symbols = Object.freeze(symbols);
    this.#ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  }

  /** The vocabulary of the given symbols, in any order, repeats allowed. */
  static of(symbols: Iterable<MusicSymbol>): Vocabulary {
    return new Vocabulary([...new Set(symbols)].sort());
  }

  /**
   * The vocabulary that `toJSON` gave.
   *
   * @throws {CorpusError} if `json` is not an array of different strings in code point order
   */
  static fromJSON(json: unknown): Vocabulary {
    if (!Array.isArray(json) || !json.every((symbol) => typeof symbol === "string")) {
      throw damaged(
        "an array of strings",
        Array.isArray(json) ? "other elements in it" : typeof json,
      );
    }
    for (let id = 1; id < json.length; id++) {
      if (json[id - 1] >= json[id]) {
        throw damaged("different symbols in order", `"${json[id]}" after "${json[id - 1]}"`);
      }
    }
    return new Vocabulary([...json]);
  }

  /** The symbols in the order of their ids; `Vocabulary.fromJSON` reads them back. */
  toJSON(): MusicSymbol[] {
    return [...this.symbols];
  }

  /** Number of symbols, V. */
  get size(): number {
    return this.symbols.length;
  }

  /** Whether the symbol has an id. */
  has(symbol: MusicSymbol): boolean {
    return this.#ids.has(symbol);
  }

  /**
   * The id of a symbol, in [0, V).
   *
   * @throws {CorpusError} if the symbol is not in the vocabulary
   */
  idOf(symbol: MusicSymbol): number {
    const id = this.#ids.get(symbol);
    if (id === undefined) {
      throw new CorpusError(
        `Cannot encode symbol: wanted one of the ${this.size} symbols of the vocabulary, ` +
          `found "${symbol}"`,
        { hint: "Use music that the model was trained on, or train again with this music in it." },
      );
    }
    return id;
  }

  /**
   * The symbol with the given id.
   *
   * @throws {CorpusError} if `id` is not an integer in [0, V)
   */
  symbolOf(id: number): MusicSymbol {
    const symbol = this.symbols[id];
    if (symbol === undefined) {
      throw new CorpusError(
        `Cannot decode id: wanted an integer from 0 to ${this.size - 1}, found ${id}`,
        { hint: "Check that the ids come from a model with this vocabulary." },
      );
    }
    return symbol;
  }

  /**
   * The ids of symbols, `[N]`.
   *
   * @throws {CorpusError} if a symbol is not in the vocabulary
   */
  encode(symbols: readonly MusicSymbol[]): Int32Array {
    return Int32Array.from(symbols, (symbol) => this.idOf(symbol));
  }

  /**
   * The symbols of ids, the inverse of `encode`.
   *
   * @throws {CorpusError} if an id is not an integer in [0, V)
   */
  decode(ids: ArrayLike<number>): MusicSymbol[] {
    return Array.from(ids, (id) => this.symbolOf(id));
  }
}

/** The error for a saved vocabulary that cannot be used. */
function damaged(wanted: string, found: string): CorpusError {
  return new CorpusError(`Cannot read vocabulary: wanted ${wanted}, found ${found}`, {
    hint: "Train the model again, or restore its folder from a copy.",
  });
}

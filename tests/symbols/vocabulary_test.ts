import assert from "node:assert/strict";
import fc from "fast-check";
import { CorpusError } from "../../lib/errors.ts";
import { Vocabulary } from "../../lib/symbols/vocabulary.ts";

const vocabulary = Vocabulary.of(["E-4", "C4", "10", "0.4.7", "C#4", "C4", "2", "B-3", "10.2"]);

Deno.test("Vocabulary sorts symbols by code point, once each", () => {
  // R11.1 of the extraction rules: # < - < . < digits < letters
  assert.deepEqual(vocabulary.symbols, [
    "0.4.7",
    "10",
    "10.2",
    "2",
    "B-3",
    "C#4",
    "C4",
    "E-4",
  ]);
  assert.equal(vocabulary.size, 8);
});

Deno.test("Vocabulary gives ids to symbols and symbols to ids", () => {
  assert.equal(vocabulary.idOf("10.2"), 2);
  assert.equal(vocabulary.symbolOf(7), "E-4");
  assert.deepEqual(vocabulary.encode(["C4", "0.4.7", "C4"]), Int32Array.of(6, 0, 6));
  assert.deepEqual(vocabulary.decode([4, 1]), ["B-3", "10"]);
  assert.equal(vocabulary.has("C4"), true);
  assert.equal(vocabulary.has("C5"), false);
});

Deno.test("Vocabulary law: encode(decode(ids)) is ids", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 50 }).chain((symbols) =>
        fc.tuple(
          fc.constant(Vocabulary.of(symbols)),
          fc.array(fc.nat(symbols.length - 1)).map((ids) => Int32Array.from(ids)),
        )
      ),
      ([random, ids]) => assert.deepEqual(random.encode(random.decode(ids)), ids),
    ),
  );
});

Deno.test("Vocabulary does not depend on the order of the symbols and survives JSON", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (symbols) => {
      const random = Vocabulary.of(symbols);
      assert.deepEqual(Vocabulary.of(symbols.toReversed()).symbols, random.symbols);
      const copy = Vocabulary.fromJSON(JSON.parse(JSON.stringify(random)));
      assert.deepEqual(copy.symbols, random.symbols);
    }),
  );
});

Deno.test("Vocabulary says which symbol or id is unknown and what to do", () => {
  assert.throws(
    () => vocabulary.encode(["C4", "H4"]),
    (error) => error instanceof CorpusError && /"H4"/.test(error.message) && !!error.details.hint,
  );
  for (const id of [-1, 8, 1.5, NaN]) {
    assert.throws(
      () => vocabulary.decode([id]),
      (error) => error instanceof CorpusError && error.message.includes(`found ${id}`),
    );
  }
});

Deno.test("Vocabulary.fromJSON() refuses a damaged list", () => {
  for (const json of [null, "C4", {}, ["C4", 5], ["C4", "C4"], ["C4", "A4"]]) {
    assert.throws(() => Vocabulary.fromJSON(json), CorpusError);
  }
});

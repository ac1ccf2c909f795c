import assert from "node:assert/strict";
import { windowed } from "../../lib/dataset/windows.ts";
import { CorpusError } from "../../lib/errors.ts";

Deno.test("windows: n − T of them, and the stream itself is not copied", () => {
  const ids = Int32Array.of(5, 6, 7, 8, 9);
  assert.deepEqual(windowed(ids, 3), { ids, sequenceLength: 3, windows: 2 });
  assert.equal(windowed(ids, 4).windows, 1);
  assert.equal(windowed(ids, 3).ids, ids);
});

Deno.test("windows: a stream that is too short is refused with numbers", () => {
  for (const length of [0, 1, 50]) {
    assert.throws(() => windowed(new Int32Array(length), 50), (error) => {
      assert.ok(error instanceof CorpusError);
      assert.match(error.message, new RegExp(`wanted at least 51 symbols, found ${length}$`));
      assert.match(error.details.hint!, /--sequence-length/);
      return true;
    });
  }
});

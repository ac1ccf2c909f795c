import assert from "node:assert/strict";
import { LoopGuard } from "../../lib/generation/loop_guard.ts";
import { createPrng } from "../../lib/random.ts";
import type { MusicEvent } from "../../lib/symbols/types.ts";
import { melody } from "../evaluation/music.ts";

const { events: [EVENT] } = melody([[60, 1]]);

function after(symbols: readonly string[], length = 200): LoopGuard {
  const guard = new LoopGuard(length);
  for (const symbol of symbols) guard.push({ ...EVENT, symbol } as MusicEvent);
  return guard;
}

const times = (count: number, figure: string) =>
  Array<string>(count).fill(figure).join("").split("");

/** The most repetitions of any figure of at most four symbols, whole ones only. */
function longestLoop(symbols: readonly string[]): number {
  let most = 1;
  for (let figure = 1; figure <= 4; figure++) {
    for (let run = 0, i = figure; i < symbols.length; i++) {
      run = symbols[i] === symbols[i - figure] ? run + 1 : 0;
      most = Math.max(most, 1 + Math.floor(run / figure));
    }
  }
  return most;
}

Deno.test("loop guard: ordinary repetition is not touched", () => {
  assert.equal(after([]).factor("A"), 1);
  assert.equal(after(times(3, "A")).factor("A"), 1);
  assert.equal(after(times(3, "AB")).factor("A"), 1);
  assert.equal(after(times(3, "ABCD")).factor("A"), 1);
  // A theme of five or more symbols may come back as often as it likes.
  assert.equal(after(times(12, "ABCDEF")).factor("A"), 1);
});

Deno.test("loop guard: from the fifth time on a figure tires, after the seventh it ends", () => {
  for (const figure of ["A", "AB", "ABC", "ABCD"]) {
    const n = figure.length;
    const next = (count: number) => after(times(count, figure)).factor(figure[0]);
    const whole = (count: number) => after(times(count, figure).slice(0, -1)).factor(figure[n - 1]);
    assert.equal(whole(4), 1);
    assert.ok(Math.abs(whole(5) - 0.3) < 1e-12, `${figure}: ${whole(5)}`);
    assert.ok(Math.abs(whole(6) - 0.09) < 1e-12);
    assert.ok(Math.abs(whole(7) - 0.027) < 1e-12);
    assert.equal(next(7), 0);
    // Something else is welcome at any time.
    assert.equal(after(times(7, figure)).factor("Z"), 1);
  }
});

Deno.test("loop guard: a symbol that has more than a fifth is discouraged, above 28 % forbidden", () => {
  const mixed = (count: number) =>
    Array.from({ length: 100 }, (_, i) => i % Math.round(100 / count) === 0 ? "A" : `x${i}`);
  assert.equal(after(mixed(10)).factor("A"), 1);
  assert.equal(after(mixed(20)).factor("A"), 0.5);
  assert.equal(after(mixed(33)).factor("A"), 0);
  assert.equal(after(mixed(33)).factor("B"), 1);
});

Deno.test("loop guard: who always wants the same cannot loop, nor have it too often", () => {
  const alphabets = ["ABCDE", "ABCDEFGH"];
  for (const alphabet of alphabets) {
    for (let seed = 0; seed < 20; seed++) {
      const prng = createPrng(seed);
      const guard = new LoopGuard(200);
      const symbols: string[] = [];
      // A composer stuck on a figure, who only leaves it where it must.
      const wish = Array.from(
        { length: 1 + prng.below(4) },
        () => alphabet[prng.below(alphabet.length)],
      );
      for (let i = 0; i < 200; i++) {
        const order = [wish[i % wish.length], ...prng.shuffled([...alphabet])];
        const symbol = order.find((each) => guard.factor(each) > 0);
        assert.ok(symbol !== undefined, `nothing is left after ${i}`);
        symbols.push(symbol);
        guard.push({ ...EVENT, symbol });
      }
      assert.ok(longestLoop(symbols) <= 8, symbols.join(""));
      for (const each of alphabet) {
        const share = symbols.filter((symbol) => symbol === each).length / symbols.length;
        assert.ok(share <= 0.3, `${each}: ${share}`);
      }
    }
  }
});

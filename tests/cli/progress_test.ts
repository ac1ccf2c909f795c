import assert from "node:assert/strict";
import { formatCount, formatDuration, Progress, trainingLine } from "../../lib/cli/progress.ts";

/** A screen that keeps what is written, with a clock to set. */
function fakeScreen(isTerminal: boolean, columns = 80) {
  const clock = { time: 5000 };
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  return { clock, written, screen: { isTerminal, columns, write, now: () => clock.time } };
}

Deno.test("on a terminal one line renews itself, at most ten times a second", () => {
  const { clock, written, screen } = fakeScreen(true);
  const progress = new Progress(screen);
  progress.show("a");
  clock.time += 99;
  progress.show("b");
  clock.time += 1;
  progress.show("c");
  progress.finish();
  assert.deepEqual(written, ["\r\x1b[Ka", "\r\x1b[Kc", "\n"]);
});

Deno.test("the line fits the terminal", () => {
  const { written, screen } = fakeScreen(true, 6);
  new Progress(screen).show("0123456789");
  assert.deepEqual(written, ["\r\x1b[K01234"]);
});

Deno.test("piped: plain lines, at most one a second, the last one always", () => {
  const { clock, written, screen } = fakeScreen(false);
  const progress = new Progress(screen);
  for (const text of ["a", "b", "c", "d"]) {
    progress.show(text);
    clock.time += 400;
  }
  progress.show("e");
  progress.finish();
  assert.deepEqual(written, ["a\n", "d\n", "e\n"]);
});

Deno.test("nothing is shown twice, and nothing when there was nothing", () => {
  const { written, screen } = fakeScreen(false);
  const progress = new Progress(screen);
  progress.finish();
  progress.show("a");
  progress.finish();
  progress.finish();
  assert.deepEqual(written, ["a\n"]);
});

Deno.test("after finish the next part starts at once", () => {
  const { written, screen } = fakeScreen(true);
  const progress = new Progress(screen);
  progress.show("a");
  progress.finish();
  progress.show("b");
  assert.deepEqual(written, ["\r\x1b[Ka", "\n", "\r\x1b[Kb"]);
});

Deno.test("training: epoch, loss, speed, time left", () => {
  const state = { epoch: 3, epochs: 60, done: 0.25, loss: 2.8714, speed: 12345.4 };
  assert.equal(
    trainingLine(state, 15000),
    "epoch 3/60  loss 2.871  12,345 symbols/s  45 s left",
  );
  assert.equal(
    trainingLine({ ...state, heldOut: 3.02, done: 0 }, 15000),
    "epoch 3/60  loss 2.871  held-out 3.020  12,345 symbols/s",
  );
});

Deno.test("training: the time left comes from the screen's clock", () => {
  const { clock, written, screen } = fakeScreen(false);
  const progress = new Progress(screen);
  clock.time += 60_000;
  progress.showTraining({ epoch: 1, epochs: 2, done: 0.5, loss: 1, speed: 10 });
  assert.deepEqual(written, ["epoch 1/2  loss 1.000  10 symbols/s  1 min left\n"]);
});

Deno.test("durations", () => {
  const cases: [number, string][] = [
    [-5, "0.0 s"],
    [0, "0.0 s"],
    [449, "0.4 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [80_000, "1 min 20 s"],
    [3_599_499, "59 min 59 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [360_000_000, "100 h"],
  ];
  for (const [milliseconds, text] of cases) assert.equal(formatDuration(milliseconds), text);
});

Deno.test("counts", () => {
  const cases: [number, string][] = [[0, "0"], [999, "999"], [1000, "1,000"], [
    1234567,
    "1,234,567",
  ]];
  for (const [count, text] of cases) assert.equal(formatCount(count), text);
});

import assert from "node:assert/strict";
import { diagnosis, newsOfLearning } from "../../lib/cli/learn.ts";
import type { EpochRecord } from "../../lib/model/description.ts";
import { epochsSinceBest } from "../../lib/training/train.ts";

const history = (...losses: (number | undefined)[]): EpochRecord[] =>
  losses.map((heldOutLoss, i) => ({ epoch: i + 1, trainingLoss: 2, heldOutLoss, learningRate: 1 }));

Deno.test("passes since unseen music was likeliest", () => {
  assert.equal(epochsSinceBest([]), 0);
  assert.equal(epochsSinceBest(history(undefined, undefined, undefined)), 0);
  assert.equal(epochsSinceBest(history(3, 2, 1)), 0);
  assert.equal(epochsSinceBest(history(3, 1, 2, 1, 4)), 3);
});

Deno.test("news while learning: by heart, too little music, learning again", () => {
  assert.match(newsOfLearning(12, 4), /^Pass 12: for 4 passes .* by heart/);
  assert.match(
    newsOfLearning(6, 4),
    /^Pass 6: .* likeliest after pass 2: there is too little music/,
  );
  assert.match(newsOfLearning(13, 0), /still learning/);
});

Deno.test("in the end: what happened, and what would help", () => {
  const lines = (
    losses: (number | undefined)[],
    reason: "finished" | "stopped" | "noImprovement",
  ) => diagnosis({ history: history(...losses), reason }, 20).join(" ");
  assert.match(lines([], "stopped"), /before the first pass was over/);
  assert.match(lines([undefined], "finished"), /^Loss 2\.000 after pass 1; nothing was held out/);
  assert.match(lines([3, 2, 1], "finished"), /in pass 3 of 3\. .*raise --epochs above 20/);
  assert.match(lines([3, 2], "stopped"), /--resume goes on from here/);
  assert.match(lines([1, 2, 3], "noImprovement"), /in pass 1 of 3\. It stopped by itself/);
  assert.match(lines([3, 1, 2], "finished"), /weights of that pass are the ones that are kept/);
});

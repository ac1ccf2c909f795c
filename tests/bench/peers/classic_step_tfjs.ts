/**
 * One training step of the classic network with stock tfjs-layers on the wasm backend: about a minute.
 *
 * The options are Keras' defaults where tfjs-layers has others, but for the recurrent initialiser, whose
 * orthogonal default is very slow at this size.
 */
import * as tf from "@tensorflow/tfjs";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { parseArgs } from "node:util";

const sequenceLength = 50;
const vocabularySize = 114;

function createNetwork(): tf.Sequential {
  const lstm = (units: number) => ({
    units,
    recurrentActivation: "sigmoid" as const,
    recurrentInitializer: "glorotUniform" as const,
    unitForgetBias: true,
  });
  const network = tf.sequential({
    layers: [
      tf.layers.lstm({ ...lstm(512), inputShape: [sequenceLength, 1], returnSequences: true }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.lstm(lstm(256)),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.dense({ units: 256 }),
      tf.layers.dense({ units: vocabularySize, activation: "softmax" }),
    ],
  });
  network.compile({ optimizer: tf.train.adam(), loss: "categoricalCrossentropy" });
  return network;
}

async function secondsPerStep(network: tf.Sequential, batchSize: number): Promise<number> {
  const inputs = tf.randomUniform([batchSize, sequenceLength, 1], 0, 1, "float32", 1);
  const ids = tf.range(0, batchSize, 1, "int32").mod(tf.scalar(vocabularySize, "int32"));
  const targets = tf.oneHot(ids, vocabularySize);
  const start = performance.now();
  await network.trainOnBatch(inputs, targets);
  return (performance.now() - start) / 1000;
}

const { values } = parseArgs({
  options: { batch: { type: "string", default: "128" }, repeats: { type: "string", default: "1" } },
});
if (!await tf.setBackend("wasm")) throw new Error("Cannot start tfjs' wasm backend");
const network = createNetwork();
// The optimizer's variables and V8's optimised code are made on a small batch.
await secondsPerStep(network, 1);
const seconds: number[] = [];
for (let i = 0; i < Number(values.repeats); i++) {
  seconds.push(await secondsPerStep(network, Number(values.batch)));
}
seconds.sort((a, b) => a - b);
const best = {
  label: "wasm, SIMD",
  threads: 1,
  repeats: seconds.length,
  secondsMinimum: seconds[0],
  secondsMedian: seconds[seconds.length >> 1],
};
const versions = { deno: Deno.version.deno, tfjs: tf.version.tfjs, wasm: version_wasm };
console.log(JSON.stringify({
  name: "classic_step_tfjs",
  unit: "step",
  versions,
  best,
  tried: [best],
}));

/** A training step on the engine; run without any permission by engine_test.ts. */
import { startEngine } from "../../lib/engine/backend.ts";
import { dense, softmaxCrossEntropy } from "../../lib/engine/ops.ts";
import { tf } from "../../lib/engine/tf.ts";

const engine = await startEngine();
const kernel = tf.variable(tf.zeros([2, 3]) as tf.Tensor2D);
const loss = () =>
  softmaxCrossEntropy(
    dense(tf.ones([4, 2]), kernel as unknown as tf.Tensor2D, tf.zeros([3])),
    tf.tensor1d([2, 2, 2, 2], "int32"),
  ).loss;
const { value, grads } = tf.variableGrads(loss);
const parameters = new Float32Array(6);
const gradient = new Float32Array(6);
engine.readParameters(kernel, parameters);
engine.readParameters(grads[kernel.name], gradient);
const [firstMoment, secondMoment] = [new Float32Array(6), new Float32Array(6)];
engine.adam({ parameters, firstMoment, secondMoment, gradient }, { step: 1, learningRate: 0.1 });
engine.writeParameters(kernel, parameters);
console.log(`loss ${value.dataSync()[0].toFixed(3)} → ${loss().dataSync()[0].toFixed(3)}`);

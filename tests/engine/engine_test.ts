/** Starting the engine, its own functions, and what the operations refuse. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { BackendMemory } from "../../lib/engine/memory.ts";
import {
  dense,
  dropout,
  embedding,
  lstm,
  type LstmInputs,
  softmaxCrossEntropy,
} from "../../lib/engine/ops.ts";
import { tf } from "../../lib/engine/tf.ts";
import { createPrng } from "../../lib/random.ts";
import { random } from "./reference.ts";

Deno.test("before the engine is started, an operation says what is missing", async () => {
  await tf.setBackend("cpu");
  const x = tf.tensor1d([1]);
  assert.throws(() => dropout(x, 0.5, 1, 0), /call startEngine\(\) first/);
  x.dispose();
});

Deno.test("the engine starts without any permission, and a training step runs", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--quiet",
      new URL("./no_permission.ts", import.meta.url).pathname,
    ],
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await command.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.match(new TextDecoder().decode(stdout), /^loss \d+\.\d+ → \d+\.\d+\n$/);
});

Deno.test("sumOfSquares and adam work through arrays longer than their chunk", async () => {
  const engine = await startEngine();
  const length = 20_001;
  const prng = createPrng(1);
  const arrays = {
    parameters: random(prng, [length]).data as Float32Array,
    firstMoment: new Float32Array(length),
    secondMoment: new Float32Array(length),
    gradient: Float32Array.from({ length }, () => 1 + prng.uniform()),
  };
  arrays.gradient.forEach((value, i) => arrays.gradient[i] = i % 3 ? value : -value);
  const before = arrays.parameters.slice();
  const squares = arrays.gradient.reduce((sum, g) => sum + g * g, 0);
  assert.ok(Math.abs(engine.sumOfSquares(arrays.gradient) / squares - 1) < 1e-6);
  engine.adam(arrays, { step: 1 });
  // By hand: in the first step m̂ / √v̂ is the sign of the gradient, so every parameter moves by 0.001.
  before.forEach((value, i) => {
    const wanted = value - 0.001 * Math.sign(arrays.gradient[i]);
    assert.ok(Math.abs(arrays.parameters[i] - wanted) < 2e-6, `parameter ${i}`);
  });
  assert.throws(() => engine.adam({ ...arrays, gradient: new Float32Array(3) }, { step: 1 }), {
    message: "Cannot run a step of Adam: wanted 20001 values, found 3",
  });
});

Deno.test("parameters are read from and written to a tensor in place", async () => {
  const engine = await startEngine();
  const tensor = tf.tensor2d([[1, 2], [3, 4]]);
  const values = new Float32Array(4);
  engine.readParameters(tensor, values);
  assert.deepEqual([...values], [1, 2, 3, 4]);
  engine.writeParameters(tensor, Float32Array.of(5, 6, 7, 8));
  assert.deepEqual([...tensor.dataSync()], [5, 6, 7, 8]);
  assert.throws(() => engine.readParameters(tensor, new Float32Array(3)), RangeError);
  assert.throws(() => engine.writeParameters(tensor, new Float32Array(5)), RangeError);
  tensor.dispose();
});

Deno.test("allocated memory begins at a cache line, is zero, and can be had again", async () => {
  const engine = await startEngine();
  for (let round = 0; round < 3; round++) {
    const { address, free } = engine.allocate(1000);
    assert.equal(address % 64, 0);
    const bytes = new Uint8Array(engine.memory.buffer, address, 1000);
    assert.ok(bytes.every((byte) => byte === 0));
    bytes.fill(255);
    free();
  }
  assert.throws(() => engine.allocate(2 ** 32), RangeError);
});

Deno.test("scratch areas do not overlap and grow when needed", async () => {
  await startEngine();
  const memory = new BackendMemory(tf.backend() as ConstructorParameters<typeof BackendMemory>[0]);
  const [a, b, c] = memory.scratch(1, 100, 64);
  assert.ok(a % 64 === 0 && b === a + 64 && c === b + 128);
  const [d, e] = memory.scratch(1e6, 1e6);
  assert.ok(e - d >= 1e6);
});

Deno.test("operations outside a tidy leave nothing but their results", async () => {
  await startEngine();
  const [T, B, D, H] = [2, 3, 4, 5];
  const inputs: LstmInputs = {
    x: tf.ones([T, B, D]),
    kernel: tf.ones([D, 4 * H]),
    recurrentKernel: tf.ones([H, 4 * H]),
    bias: tf.zeros([4 * H]),
    h0: tf.zeros([B, H]),
    c0: tf.zeros([B, H]),
  };
  const before = tf.memory().numTensors;
  const bytes = tf.memory().numBytes;
  tf.dispose(lstm(inputs) as unknown as Record<string, tf.Tensor>);
  const labels = tf.tensor1d([0, 1], "int32");
  tf.dispose([labels, ...Object.values(softmaxCrossEntropy(tf.ones([2, 3]), labels))]);
  // The ones are ours.
  assert.equal(tf.memory().numTensors, before + 1);
  const variable = tf.variable(tf.ones([D, 4 * H]));
  for (let step = 0; step < 3; step++) {
    const { value, grads } = tf.variableGrads(() =>
      tf.sum(lstm({ ...inputs, kernel: variable as unknown as tf.Tensor2D }).outputs)
    );
    tf.dispose([value, ...Object.values(grads)]);
  }
  variable.dispose();
  assert.equal(tf.memory().numTensors, before + 2);
  assert.ok(tf.memory().numBytes <= bytes + 4 * (6 + D * 4 * H));
});

Deno.test("gradients are the slopes of the loss, through every operation at once", async () => {
  await startEngine();
  const prng = createPrng(8);
  const [T, B, V, E, H] = [3, 2, 5, 4, 6];
  const shapes: Record<string, number[]> = {
    table: [V, E],
    kernel: [E, 4 * H],
    recurrentKernel: [H, 4 * H],
    bias: [4 * H],
    denseKernel: [H, V],
    denseBias: [V],
    h0: [B, H],
    c0: [B, H],
  };
  const values = Object.entries(shapes).map(([, shape]) => random(prng, shape, 0.5).data);
  const names = Object.keys(shapes);
  const ids = tf.tensor1d([0, 3, 1, 4, 4, 2], "int32");
  const labels = tf.tensor1d([1, 0, 2, 2, 4, 3], "int32");
  const loss = (...tensors: tf.Tensor[]) => {
    const t = Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as
      & Record<"table" | "kernel" | "recurrentKernel" | "denseKernel" | "h0" | "c0", tf.Tensor2D>
      & Record<"bias" | "denseBias", tf.Tensor1D>;
    const x = embedding(t.table, ids).reshape([T, B, E]) as tf.Tensor3D;
    const { outputs, h, c } = lstm({ ...t, x });
    const rows = dropout(outputs.reshape([T * B, H]) as tf.Tensor2D, 0.25, 5, 0);
    const logits = dense(rows, t.denseKernel, t.denseBias, "tanh");
    const state = tf.add(tf.sum(tf.mul(h, c)), tf.sum(c));
    return tf.add(softmaxCrossEntropy(logits, labels).loss, state) as tf.Scalar;
  };
  const make = (changed = -1, element = 0, by = 0) =>
    names.map((name, i) => {
      const data = values[i].slice();
      if (i === changed) data[element] += by;
      return tf.tensor(data, shapes[name]);
    });
  tf.tidy(() => {
    const gradients = tf.grads(loss)(make()).map((gradient) => gradient.dataSync());
    names.forEach((name, i) => {
      for (let element = 0; element < values[i].length; element += 5) {
        const step = 0.01;
        const at = (by: number) => tf.tidy(() => loss(...make(i, element, by)).dataSync()[0]);
        const slope = (at(step) - at(-step)) / (2 * step);
        const found = gradients[i][element];
        const message = `${name}[${element}]: gradient ${found}, slope ${slope}`;
        assert.ok(Math.abs(found - slope) < 2e-3 + 2e-3 * Math.abs(slope), message);
      }
    });
  });
  tf.dispose([ids, labels]);
});

Deno.test("NaN in the input of an LSTM reaches its outputs and all gradients", async () => {
  await startEngine();
  tf.tidy(() => {
    const [T, B, D, H] = [2, 1, 2, 5];
    const weights = {
      kernel: tf.ones([D, 4 * H]) as tf.Tensor2D,
      recurrentKernel: tf.ones([H, 4 * H]) as tf.Tensor2D,
      bias: tf.zeros([4 * H]) as tf.Tensor1D,
      h0: tf.zeros([B, H]) as tf.Tensor2D,
      c0: tf.zeros([B, H]) as tf.Tensor2D,
    };
    const run = (x: tf.Tensor) => tf.sum(lstm({ ...weights, x: x as tf.Tensor3D }).outputs);
    const x = tf.tensor3d([NaN, 1, 1, 1], [T, B, D]);
    assert.ok(run(x).dataSync().every(Number.isNaN));
    assert.ok(Number.isNaN(tf.grad(run)(x).dataSync()[0]));
  });
});

Deno.test("wrong shapes and types are refused in words", async () => {
  await startEngine();
  const ids = tf.tensor1d([0], "int32");
  const matrix = tf.ones([2, 3]) as tf.Tensor2D;
  const vector = tf.ones([3]) as tf.Tensor1D;
  const state = tf.ones([1, 2]) as tf.Tensor2D;
  const lstmOf = (change: Partial<LstmInputs>) => () =>
    lstm({
      x: tf.ones([1, 1, 3]),
      kernel: tf.ones([3, 8]),
      recurrentKernel: tf.ones([2, 8]),
      bias: tf.ones([8]),
      h0: state,
      c0: state,
      ...change,
    });
  const cases: [() => unknown, string][] = [
    [lstmOf({ kernel: matrix }), "Cannot run lstm: wanted kernel of shape [3, 8], found [2, 3]"],
    [lstmOf({ bias: vector }), "Cannot run lstm: wanted bias of shape [8], found [3]"],
    [lstmOf({ h0: matrix }), "Cannot run lstm: wanted h0 of shape [1, 2], found [2, 3]"],
    [
      lstmOf({ x: matrix as tf.Tensor as tf.Tensor3D }),
      "Cannot run lstm: wanted x of shape [any, any, any], found [2, 3]",
    ],
    [
      lstmOf({ c0: tf.zeros([1, 2], "int32") }),
      "Cannot run lstm: wanted c0 as float32, found int32",
    ],
    [
      () => dense(matrix, matrix, vector),
      "Cannot run dense: wanted kernel of shape [3, any], found [2, 3]",
    ],
    [
      () => embedding(matrix, vector),
      "Cannot run embedding: wanted ids as int32, found float32",
    ],
    [() => dropout(matrix, 1, 0, 0), "Cannot run dropout: wanted a rate in [0, 1), found 1"],
    [() => dropout(ids, 0.5, 0, 0), "Cannot run dropout: wanted x as float32, found int32"],
    [
      () => softmaxCrossEntropy(matrix, ids),
      "Cannot run softmaxCrossEntropy: wanted labels of shape [2], found [1]",
    ],
  ];
  tf.tidy(() => cases.forEach(([run, message]) => assert.throws(run, { message })));
  const table = tf.grad((t) => tf.sum(embedding(t as tf.Tensor2D, ids)));
  tf.tidy(() => assert.deepEqual([...table(matrix).dataSync()], [1, 1, 1, 0, 0, 0]));
  tf.dispose([ids, matrix, vector, state]);
});

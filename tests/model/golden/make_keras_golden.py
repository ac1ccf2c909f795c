"""Writes the golden vectors of the two networks, computed by Keras (see README.md).

Every number comes from Keras running in float64, rounded once to float32 when written, so a
reader's error is all its own. The same is done in float32, Keras' default, and must agree.
"""

import base64
import json
import os
import pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

HERE = pathlib.Path(__file__).parent

CASES = {
    # Sizes that are no multiple of 4 or 8; the optimizer's moments too.
    "classic_odd": dict(
        seed=1, input="scalar", vocabularySize=13, batchSize=5, sequenceLength=9,
        units=[10, 7], denseUnits=16, globalClipNorm=None, moments=True,
    ),
    # The classic window length: 50 steps of back-propagation for one loss.
    "classic_window": dict(
        seed=2, input="scalar", vocabularySize=13, batchSize=5, sequenceLength=50,
        units=[32, 16], denseUnits=16, globalClipNorm=None, moments=False,
    ),
    # A loss at every step, initial states given, the gradient clipped to a global norm.
    "embedding_odd": dict(
        seed=3, input="embedding", vocabularySize=11, batchSize=3, sequenceLength=8,
        embeddingSize=6, units=[10, 7], denseUnits=9, globalClipNorm=0.05, moments=True,
    ),
    # The same without the hidden dense layer: logits straight from the second LSTM.
    "embedding_direct": dict(
        seed=4, input="embedding", vocabularySize=7, batchSize=2, sequenceLength=5,
        embeddingSize=5, units=[6, 9], denseUnits=0, globalClipNorm=None, moments=False,
    ),
}


def build(case, dtype):
    """The network as an ordinary Keras model, and one that gives its logits and last states."""
    keras.config.set_floatx(dtype)
    first, second = case["units"]
    every = case["input"] == "embedding"
    steps = case["sequenceLength"]
    if every:
        ids = keras.Input((steps,), dtype="int32")
        x = layers.Embedding(case["vocabularySize"], case["embeddingSize"], name="embedding")(ids)
        states = [keras.Input((n,), dtype=dtype) for n in (first, first, second, second)]
        inputs = [ids, *states]
    else:
        x = inputs = keras.Input((steps, 1), dtype=dtype)
        states = [None] * 4
    one = layers.LSTM(first, return_sequences=True, return_state=True, name="lstm1")
    x, h1, c1 = one(x, initial_state=states[:2] if every else None)
    x = layers.Dropout(0.3)(x)
    two = layers.LSTM(second, return_sequences=every, return_state=True, name="lstm2")
    x, h2, c2 = two(x, initial_state=states[2:] if every else None)
    x = layers.Dropout(0.3)(x)
    if case["denseUnits"]:
        x = layers.Dense(case["denseUnits"], name="dense")(x)
    logits = layers.Dense(case["vocabularySize"], name="output")(x)
    probabilities = layers.Activation("softmax")(logits)
    return keras.Model(inputs, probabilities), keras.Model(inputs, [logits, h1, c1, h2, c2])


def draw(case, model):
    """Weights, ids, targets and initial states from one numpy seed, exact in float32."""
    rng = np.random.default_rng(case["seed"])
    weights = []
    for variable in model.weights:
        shape = variable.shape
        scale = 0.3 if len(shape) == 1 else 1 / np.sqrt(shape[0])
        if variable.path.startswith("embedding"):
            scale = 0.7
        weights.append((rng.standard_normal(shape) * scale).astype("float32"))
    v, b, t = case["vocabularySize"], case["batchSize"], case["sequenceLength"]
    ids = rng.integers(0, v, (b, t))
    every = case["input"] == "embedding"
    targets = rng.integers(0, v, (b, t) if every else (b,))
    states = []
    if every:
        for n in case["units"]:
            states += [(rng.standard_normal((b, n)) * 0.5).astype("float32") for _ in "hc"]
    return weights, ids, targets, states


def compute(case, dtype):
    """Everything that goes into the file, as numpy arrays of dtype."""
    network, full = build(case, dtype)
    weights, ids, targets, states = draw(case, network)
    network.set_weights(weights)
    every = case["input"] == "embedding"
    scalars = (ids / case["vocabularySize"]).astype(dtype)[:, :, None]
    states = [tf.constant(s, dtype=dtype) for s in states]
    inputs = [tf.constant(ids, "int32"), *states] if every else tf.constant(scalars)
    labels = np.eye(case["vocabularySize"], dtype=dtype)[targets]

    logits, *final_states = full(inputs, training=False)
    logits = logits.numpy()
    optimizer = keras.optimizers.Adam(global_clipnorm=case["globalClipNorm"])
    variables = network.trainable_weights
    losses, gradients, after = [], [], []
    for _ in range(3):
        with tf.GradientTape() as tape:
            tape.watch(states)
            probabilities = network(inputs, training=False)
            loss = keras.losses.CategoricalCrossentropy()(labels, probabilities)
        # Made dense: for an id that occurs twice Keras' Adam would square the two rows of a sparse
        # gradient before it sums them.
        slopes = tape.gradient(loss, [w.value for w in variables] + states)
        slopes = [tf.convert_to_tensor(g) for g in slopes]
        optimizer.apply(slopes[: len(variables)], variables)
        losses.append(float(loss))
        gradients.append([g.numpy() for g in slopes])
        after.append(network.get_weights())
    of_weights = gradients[0][: len(variables)]
    norm = float(np.sqrt(sum(np.square(g, dtype="float64").sum() for g in of_weights)))
    if case["globalClipNorm"]:
        assert norm > case["globalClipNorm"], "the clip would not be tried"

    names = [w.path.replace("lstm_cell/", "") for w in variables]
    slots = {v.path: v.numpy() for v in optimizer.variables}
    kinds = ("momentum", "velocity")
    moments = [[a for p, a in slots.items() if p.endswith(kind)] for kind in kinds]
    assert all(len(m) == len(names) for m in moments)

    named = lambda arrays: dict(zip(names, arrays, strict=True))
    state_names = ["h1", "c1", "h2", "c2"]
    result = dict(
        weights=named(weights),
        logits=logits,
        finalStates=dict(zip(state_names, [s.numpy() for s in final_states])),
        loss=losses[0],
        gradients=named(of_weights),
        gradientNorm=norm,
        losses=losses,
        afterOneStep=named(after[0]),
        afterThreeSteps=named(after[2]),
    )
    if every:
        result["initialStates"] = dict(zip(state_names, [s.numpy() for s in states]))
        result["initialStateGradients"] = dict(zip(state_names, gradients[0][len(names) :]))
    if case["moments"]:
        result["firstMoments"] = named(moments[0])
        result["secondMoments"] = named(moments[1])
    return dict(ids=ids.tolist(), targets=targets.tolist()) | result


def largest_difference(a, b):
    """Of two results of compute."""
    if isinstance(a, dict):
        return max(largest_difference(a[k], b[k]) for k in a)
    return float(np.max(np.abs(np.asarray(a, "float64") - np.asarray(b, "float64"))))


def to_json(value):
    """Arrays as {shape, float32}: row-major little-endian bytes in base64."""
    if isinstance(value, dict):
        return {k: to_json(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        data = base64.b64encode(value.astype("<f4").tobytes()).decode()
        return dict(shape=list(value.shape), float32=data)
    return value


def main():
    for name, case in CASES.items():
        result = compute(case, "float64")
        difference = largest_difference(result, compute(case, "float32"))
        assert difference < 2e-5, (name, difference)
        optimizer = keras.optimizers.Adam()
        config = {k: v for k, v in case.items() if k not in ("seed", "moments")} | dict(
            learningRate=float(optimizer.learning_rate.numpy()),
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            epsilon=optimizer.epsilon,
        )
        config["learningRate"] = round(config["learningRate"], 9)
        versions = dict(keras=keras.__version__, tensorflow=tf.__version__, numpy=np.__version__)
        lines = dict(madeWith=versions, config=config) | result
        body = ",\n".join(f"{json.dumps(k)}: {json.dumps(to_json(v))}" for k, v in lines.items())
        path = HERE / f"{name}.json"
        path.write_text("{\n" + body + "\n}\n")
        print(f"{path.name}: {path.stat().st_size} bytes, float32 within {difference:.1e}, "
              f"gradient norm {result['gradientNorm']:.4f}, losses {result['losses']}")


main()

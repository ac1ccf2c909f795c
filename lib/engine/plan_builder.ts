/**
 * Writes down a network as a {@linkcode Plan}: each operation adds its kernel calls to the forward
 * pass and remembers how to add those of its backward pass (reverse-mode differentiation on a list
 * of calls instead of on tensors).
 *
 * @module
 */
import { packedBytes, SCRATCH_BYTES } from "./kernels.ts";
import {
  type ArgumentKind,
  CHUNK,
  type KernelCall,
  type Plan,
  type Region,
  REGISTERS,
  type ShapedRegion,
} from "./plan.ts";

type Space =
  | "parameters"
  | "gradient"
  | "inputs"
  | "outputs"
  | "carried"
  | "work"
  | "scratch";

/** A place in the arena that gets its address when the plan is built. */
interface Place {
  readonly space: Space;
  /** In elements from the start of the space. */
  readonly element: number;
}

type Argument = number | Place | { readonly register: number };
type Call = readonly [kernel: string, ...args: Argument[]];

/** A matrix of float32 (or int32 ids) in the arena, row after row. */
export interface Matrix {
  /** Where its first element lies. */
  readonly at: Place;
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
}

/** A matrix that gradients flow through. */
export interface Value extends Matrix {
  /** The gradient of the loss with respect to it; absent where none is wanted. */
  readonly gradient?: Gradient;
}

/** A gradient that one or more operations add to. */
interface Gradient extends Matrix {
  /** Whether the backward pass has written to it yet; shared by all views of one gradient. */
  readonly state: { written: boolean };
}

/** Builds a {@linkcode Plan}. Declare parameters first, then inputs and operations, then `build()`. */
export class PlanBuilder {
  readonly #sizes: Record<Space, number> = {
    parameters: 0,
    gradient: 0,
    inputs: 0,
    outputs: 0,
    carried: 0,
    work: 0,
    scratch: 0,
  };
  readonly #tensors: Record<string, Record<string, { place: Place; shape: readonly number[] }>> = {
    parameters: {},
    inputs: {},
    outputs: {},
  };
  readonly #passes: Record<string, Call[]> = { prepare: [], forward: [], evaluate: [] };
  readonly #backward: (() => void)[] = [];
  readonly #packed = new Map<string, Place>();
  readonly #differentiated = new Set<string>();
  readonly #zeroed: Call[] = [];
  #segment?: string;
  #dropoutElements = 0;

  /** Declares a parameter and returns it as a matrix (a vector has one row). */
  parameter(name: string, shape: readonly number[]): Matrix {
    const declared = this.#declare("parameters", name, shape);
    this.#sizes.gradient = this.#sizes.parameters;
    return declared;
  }

  /** Declares an input `[rows, columns]`, float32 or int32. */
  input(name: string, rows: number, columns = 1): Matrix {
    return this.#declare("inputs", name, [rows, columns]);
  }

  /** Declares an output `[rows, columns]`. */
  output(name: string, rows: number, columns = 1): Matrix {
    return this.#declare("outputs", name, [rows, columns]);
  }

  /** From here on, `evaluate` is also available in parts: the calls up to the next name form a pass of this name. */
  segment(name: string): void {
    this.#segment = name;
    this.#passes[name] = [];
  }

  /** Rows `[from, from + count)` of `value`; the gradient of the other rows is 0 unless something else uses them. */
  rows(value: Value, from: number, count: number): Value {
    const part = <M extends Matrix>(m: M): M => ({
      ...m,
      at: { ...m.at, element: m.at.element + from * m.columns },
      rows: count,
    });
    if (!value.gradient) return part(value);
    if (!value.gradient.state.written) this.#zeroed.push(fill(value.gradient));
    value.gradient.state.written = true;
    return { ...part(value), gradient: part(value.gradient) };
  }

  /** The sum over the tables of row `ids[r]` for each row r: `[rows, E]`. Ids are int32. */
  embeddings(lookups: readonly { readonly table: string; readonly ids: Matrix }[]): Value {
    const { columns: width } = this.#parameter(lookups[0].table);
    const out = this.#value(lookups[0].ids.rows, width);
    lookups.forEach(({ table, ids }, i) => {
      const { at, rows: size } = this.#parameter(table);
      const row = i === 0 ? out : this.#work(out.rows, width);
      this.#emit("gatherRows", at, ids.at, row.at, out.rows, size, width);
      if (i > 0) this.#emit("addInto", out.at, row.at, length(out));
    });
    this.#backward.push(() => {
      for (const { table, ids } of lookups) {
        const target = this.#parameterGradient(table);
        const size = [out.rows, target.rows, width];
        this.#late("scatterRows", written(out).at, ids.at, target.at, ...size);
      }
    });
    return out;
  }

  /**
   * An LSTM layer over T steps of B rows, with the parameters `name/kernel` `[D, 4H]`,
   * `name/recurrent_kernel` `[H, 4H]` and `name/bias` `[4H]`. `x` is `[T·B, D]`, step by step; the
   * result `[T·B, H]`. Without `keep` the state starts from zero in every run. With `keep`
   * (`[B, 1]`) it is carried from run to run, multiplied by `keep` at the start of the run.
   * Equations: Gers, Schmidhuber & Cummins 2000 as in Keras (sigmoid gates, tanh cell).
   */
  lstm(x: Value, name: string, steps: number, keep?: Matrix): Value {
    const batch = x.rows / steps;
    const recurrent = this.#parameter(`${name}/recurrent_kernel`);
    const bias = this.#parameter(`${name}/bias`);
    const units = recurrent.rows;
    const gates = this.#work(x.rows, 4 * units);
    const cells = this.#work(x.rows, units);
    const out = this.#value(x.rows, units);
    const [h0, c0] = [this.#work(batch, units), this.#work(batch, units)];
    const carried = keep &&
      { h: this.#carried(batch, units), c: this.#carried(batch, units), keep };
    const size = [steps, batch, x.columns, units];
    if (carried) {
      this.#startState(carried.h, h0, carried.keep);
      this.#startState(carried.c, c0, carried.keep);
    }
    const [w, u] = [this.#pack(`${name}/kernel`), this.#pack(`${name}/recurrent_kernel`)];
    const results = [gates.at, cells.at, out.at];
    this.#emit("lstmForward", x.at, w, bias.at, u, h0.at, c0.at, ...results, ...size, GEMM_SCRATCH);
    if (carried) {
      this.#copy(lastRows(out, batch), carried.h);
      this.#copy(lastRows(cells, batch), carried.c);
    }
    this.#backward.push(() => {
      const [dh, dc] = [this.#work(batch, units), this.#work(batch, units)];
      this.#passes.backward.push(fill(dh), fill(dc));
      this.#late(
        "lstmBackward",
        written(out).at,
        gates.at,
        cells.at,
        c0.at,
        this.#pack(`${name}/recurrent_kernel`, true),
        dh.at,
        dc.at,
        gates.at,
        steps,
        batch,
        units,
        GEMM_SCRATCH,
      );
      this.#late(
        "lstmWeightGradients",
        gates.at,
        x.at,
        h0.at,
        out.at,
        this.#parameterGradient(`${name}/kernel`).at,
        this.#parameterGradient(`${name}/recurrent_kernel`).at,
        this.#parameterGradient(`${name}/bias`).at,
        ...size,
        this.#packingRoom(x.rows, Math.max(x.columns, 4 * units)),
        GEMM_SCRATCH,
      );
      this.#inputGradient(x, name, gates);
    });
    return out;
  }

  /** x·`name/kernel` + `name/bias`: `[rows, D]` to `[rows, U]`. */
  dense(x: Value, name: string): Value {
    const [kernel, bias] = [this.#parameter(`${name}/kernel`), this.#parameter(`${name}/bias`)];
    const out = this.#value(x.rows, kernel.columns);
    this.#emit("fillRows", out.at, bias.at, x.rows, kernel.columns);
    this.#gemm(x, this.#pack(`${name}/kernel`), out, 1);
    this.#backward.push(() => {
      const gradient = written(out);
      const target = this.#parameterGradient(`${name}/bias`);
      this.#late("columnSums", gradient.at, gradient.rows, gradient.columns, target.at);
      this.#weightGradient(x, gradient, this.#parameterGradient(`${name}/kernel`));
      this.#inputGradient(x, name, gradient);
    });
    return out;
  }

  /** max(x, 0), in place. */
  relu(x: Value): Value {
    this.#emit("activate", x.at, length(x), RELU);
    this.#backward.push(() => {
      const { at } = written(x);
      this.#late("activateBackward", at, x.at, at, length(x), RELU);
    });
    return x;
  }

  /** The sum of two values of the same shape. */
  add(a: Value, b: Value): Value {
    const out = this.#value(a.rows, a.columns);
    this.#copy(a, out);
    this.#emit("addInto", out.at, b.at, length(out));
    this.#backward.push(() => {
      for (const { gradient } of [a, b]) {
        if (!gradient) continue;
        const kernel = gradient.state.written ? "addInto" : "copy";
        this.#late(kernel, gradient.at, written(out).at, length(out));
        gradient.state.written = true;
      }
    });
    return out;
  }

  /**
   * Adds to each of the `logits` `[rows, V]` what `relative` `[rows, anchors · classes]` says of how
   * its symbol lies relative to each anchor pitch (`[rows, 1]` int32, above 127: none), in place.
   * `shapes` and `bases` `[V, 1]` int32 describe the symbols, see the kernel `addRelative`.
   */
  addRelative(
    logits: Value,
    relative: Value,
    anchors: readonly Matrix[],
    { shapes, bases }: { readonly shapes: Matrix; readonly bases: Matrix },
  ): Value {
    const classes = relative.columns / anchors.length;
    const describe = (m: Matrix, anchor: Matrix, i: number): Argument[] => [
      { ...m.at, element: m.at.element + i * classes },
      relative.columns,
      anchor.at,
      shapes.at,
      bases.at,
      logits.rows,
      logits.columns,
    ];
    anchors.forEach((anchor, i) =>
      this.#emit("addRelative", logits.at, ...describe(relative, anchor, i))
    );
    const gradient = first(relative.gradient!);
    this.#zeroed.push(fill(gradient));
    this.#backward.push(() => {
      const { at } = written(logits);
      anchors.forEach((anchor, i) =>
        this.#late("addRelativeBackward", at, ...describe(gradient, anchor, i))
      );
    });
    return logits;
  }

  /** Inverted dropout (Srivastava et al. 2014) in the forward pass, nothing in `evaluate`. */
  dropout(x: Value, rate: number): Value {
    if (rate === 0) return x;
    const out = this.#value(x.rows, x.columns);
    const numbers: Argument[] = [
      length(x),
      Math.round(rate * 2 ** 32),
      1 / (1 - rate),
      { register: REGISTERS.dropoutSeed },
      this.#dropoutElements,
    ];
    this.#dropoutElements += length(x);
    this.#passes.forward.push(["dropout", x.at, out.at, ...numbers]);
    this.#emitEvaluate("copy", out.at, x.at, length(x));
    this.#backward.push(() => {
      if (x.gradient) this.#late("dropout", written(out).at, first(x.gradient).at, ...numbers);
    });
    return out;
  }

  /**
   * Softmax cross-entropy: the negative log-likelihood of `labels` (int32) in nats, one a row, goes
   * to `losses`; the loss that is minimised is the sum over rows of `weights` × that.
   *
   * With `mixture`, the likelihood is that of the network mixed with two other predictors, whose
   * probabilities of the label are `memory` `[rows, 2]` (negative: absent); softmax of `gates`
   * `[rows, 3]` are the shares of the network and of the two. The network's own cross-entropy is added
   * to the loss with the weight `alone`.
   */
  crossEntropy(
    logits: Value,
    labels: Matrix,
    weights: Matrix,
    losses: Matrix,
    mixture?: { readonly gates: Value; readonly memory: Matrix; readonly alone?: number },
  ): void {
    const { rows, columns } = logits;
    const gradient = first(logits.gradient!).at;
    const from = [logits.at, labels.at, weights.at, gradient, losses.at];
    this.#emit("softmaxCrossEntropy", ...from, rows, columns);
    let factors = weights;
    if (mixture) {
      const { gates, memory, alone = 0 } = mixture;
      factors = this.#work(rows, 1);
      const to = [factors.at, first(gates.gradient!).at];
      this.#emit("mixLosses", losses.at, gates.at, memory.at, weights.at, ...to, rows, alone);
    }
    const to = [gradient, labels.at, factors.at, 0, gradient];
    this.#backward.push(() => this.#late("softmaxCrossEntropyBackward", ...to, rows, columns, 1));
  }

  /** Copies a value to an output of the same shape. */
  read(value: Matrix, output: Matrix): void {
    this.#copy(value, output);
  }

  /** Completes the plan. */
  build(): Plan {
    this.#passes.backward = [...this.#zeroed];
    for (const step of this.#backward.reverse()) step();
    for (const name of Object.keys(this.#tensors.parameters)) {
      if (!this.#differentiated.has(name)) throw new RangeError(`${name} is never used`);
    }
    this.#sizes.scratch = Math.max(this.#sizes.scratch, 4 * CHUNK);
    return layOut(this.#sizes, this.#tensors, this.#passes);
  }

  /** c = a·(packed), or added to c. */
  #gemm(a: Matrix, packed: Place, c: Matrix, accumulate: 0 | 1): void {
    this.#emit(...gemm(a, packed, c, accumulate));
  }

  /** Adds gradient·kernelᵀ to the gradient of x, if it wants one. */
  #inputGradient(x: Value, name: string, gradient: Matrix): void {
    if (!x.gradient) return;
    const packed = this.#pack(`${name}/kernel`, true);
    const call = gemm(gradient, packed, x.gradient, x.gradient.state.written ? 1 : 0);
    this.#passes.backward.push(call);
    x.gradient.state.written = true;
  }

  /** target = xᵀ·gradient. */
  #weightGradient(x: Matrix, gradient: Matrix, target: Matrix): void {
    const { at, rows, columns } = gradient;
    const places = [x.at, x.columns * 4, at, columns * 4, target.at, columns * 4];
    const packed = this.#packingRoom(rows, Math.max(x.columns, columns));
    this.#late("gemmTurned", ...places, x.columns, columns, rows, packed, GEMM_SCRATCH);
  }

  /** The packed form of a parameter (or of its transpose), made anew by the pass `prepare`. */
  #pack(parameter: string, transposed = false): Place {
    const key = `${parameter}${transposed ? " transposed" : ""}`;
    const known = this.#packed.get(key);
    if (known) return known;
    const { at, rows, columns } = this.#parameter(parameter);
    const [depth, width] = transposed ? [columns, rows] : [rows, columns];
    const place = this.#take("work", packedLength(depth, width));
    const kernel = transposed ? "packColumns" : "packRows";
    this.#passes.prepare.push([kernel, at, columns * 4, depth, width, place]);
    this.#packed.set(key, place);
    return place;
  }

  /** Room to pack a matrix of the backward pass; the same for all of them. */
  #packingRoom(depth: number, columns: number): Place {
    const needed = GEMM_SCRATCH_LENGTH + packedLength(depth, columns);
    this.#sizes.scratch = Math.max(this.#sizes.scratch, needed);
    return { space: "scratch", element: GEMM_SCRATCH_LENGTH };
  }

  #startState(carried: Matrix, start: Matrix, keep: Matrix): void {
    this.#copy(carried, start);
    this.#emit("scaleRows", start.at, keep.at, start.rows, start.columns);
  }

  #copy(from: Matrix, to: Matrix): void {
    this.#emit("copy", to.at, from.at, length(from));
  }

  #parameter(name: string): Matrix {
    const { place, shape } = this.#tensors.parameters[name];
    return matrix(place, shape);
  }

  /** The gradient of a parameter. Each is written by one operation only: weights are not shared. */
  #parameterGradient(name: string): Matrix {
    if (this.#differentiated.has(name)) throw new RangeError(`${name} is used twice`);
    this.#differentiated.add(name);
    const { at, rows, columns } = this.#parameter(name);
    return { at: { space: "gradient", element: at.element }, rows, columns };
  }

  #declare(
    space: "parameters" | "inputs" | "outputs",
    name: string,
    shape: readonly number[],
  ): Matrix {
    if (name in this.#tensors[space]) throw new RangeError(`${name} is declared twice`);
    const place = this.#take(space, product(shape));
    this.#tensors[space][name] = { place, shape };
    return matrix(place, shape);
  }

  #work(rows: number, columns: number): Matrix {
    return matrix(this.#take("work", rows * columns), [rows, columns]);
  }

  #carried(rows: number, columns: number): Matrix {
    return matrix(this.#take("carried", rows * columns), [rows, columns]);
  }

  /** Room for a result and its gradient. */
  #value(rows: number, columns: number): Value {
    const gradient = { ...this.#work(rows, columns), state: { written: false } };
    return { ...this.#work(rows, columns), gradient };
  }

  #take(space: Space, elements: number): Place {
    const element = this.#sizes[space];
    this.#sizes[space] = element + Math.ceil(elements / 16) * 16;
    return { space, element };
  }

  #emit(...call: Call): void {
    this.#passes.forward.push(call);
    this.#emitEvaluate(...call);
  }

  #emitEvaluate(...call: Call): void {
    this.#passes.evaluate.push(call);
    if (this.#segment) this.#passes[this.#segment].push(call);
  }

  #late(...call: Call): void {
    this.#passes.backward.push(call);
  }
}

/** Elements at the start of the scratch space that belong to `gemm`. */
const GEMM_SCRATCH_LENGTH = SCRATCH_BYTES / 4;
const GEMM_SCRATCH: Place = { space: "scratch", element: 0 };
/** Number of the activation in `activate`. */
const RELU = 1;

/** Elements that hold a packed matrix. */
function packedLength(depth: number, columns: number): number {
  return packedBytes(depth, columns) / 4;
}

function matrix(at: Place, shape: readonly number[]): Matrix {
  const columns = shape.at(-1)!;
  return { at, rows: product(shape) / columns, columns };
}

function length({ rows, columns }: Matrix): number {
  return rows * columns;
}

function lastRows(m: Matrix, count: number): Matrix {
  const element = m.at.element + (m.rows - count) * m.columns;
  return { ...m, at: { ...m.at, element }, rows: count };
}

function gemm(a: Matrix, packed: Place, c: Matrix, accumulate: 0 | 1): Call {
  const places = [a.at, a.columns * 4, packed, c.at, c.columns * 4];
  return ["gemm", ...places, a.rows, c.columns, a.columns, accumulate, GEMM_SCRATCH];
}

function fill(target: Matrix): Call {
  return ["fill", target.at, length(target), 0];
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A gradient that only one operation may write, marked as written. */
function first(gradient: Gradient): Matrix {
  if (gradient.state.written) throw new RangeError("This value has a gradient from elsewhere");
  gradient.state.written = true;
  return gradient;
}

/** The gradient of a value that must have one by now. */
function written(value: Value): Matrix {
  if (!value.gradient?.state.written) throw new RangeError("A value is computed but never used");
  return value.gradient;
}

/** Gives every space its place in the arena. */
function layOut(
  sizes: Record<Space, number>,
  tensors: Record<string, Record<string, { place: Place; shape: readonly number[] }>>,
  passes: Record<string, Call[]>,
): Plan {
  let bytes = 0;
  const regions = {} as Record<Space, Region>;
  for (const [space, length] of Object.entries(sizes)) {
    regions[space as Space] = { offset: bytes, length };
    bytes += length * 4;
  }
  const address = (place: Place) => regions[place.space].offset + place.element * 4;
  const shaped = (named: (typeof tensors)[string]) =>
    Object.fromEntries(
      Object.entries(named).map(([name, { place, shape }]): [string, ShapedRegion] => [
        name,
        { offset: address(place), length: product(shape), shape },
      ]),
    );
  const finished = ([kernel, ...args]: Call): KernelCall => ({
    kernel,
    args: args.map((a) => typeof a === "number" ? a : "register" in a ? a.register : address(a)),
    kinds: args.map((a): ArgumentKind =>
      typeof a === "number" ? "number" : "register" in a ? "register" : "address"
    ),
  });
  return {
    bytes,
    parameters: regions.parameters,
    gradient: regions.gradient,
    inputs: regions.inputs,
    outputs: regions.outputs,
    carried: regions.carried,
    scratch: regions.scratch,
    parameterTensors: shaped(tensors.parameters),
    inputTensors: shaped(tensors.inputs),
    outputTensors: shaped(tensors.outputs),
    passes: Object.fromEntries(
      Object.entries(passes).map(([name, calls]) => [name, calls.map(finished)]),
    ),
  };
}

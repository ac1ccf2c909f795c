/**
 * Initial weights as Keras draws them.
 *
 * @module
 */
import type { Plan, ShapedRegion } from "../engine/plan.ts";
import type { Prng } from "../random.ts";

/**
 * Initial values of all parameters, in the plan's layout. By the last part of the name: `kernel`
 * is uniform (Glorot & Bengio 2010), `recurrent_kernel` orthogonal (Saxe et al. 2014), `bias` zero
 * but one for the forget gates (Jozefowicz et al. 2015), `embedding` normal, small enough that the sum
 * of all features has a variance near 1, and zero where it only weighs what is trusted.
 */
export function initialParameters(plan: Plan, prng: Prng): Float32Array<ArrayBuffer> {
  const parameters = new Float32Array(plan.parameters.length);
  for (const [name, tensor] of Object.entries(plan.parameterTensors)) {
    const from = (tensor.offset - plan.parameters.offset) / 4;
    parameters.set(initialValues(name, tensor, plan, prng), from);
  }
  return parameters;
}

function initialValues(name: string, tensor: ShapedRegion, plan: Plan, prng: Prng): Float32Array {
  const [rows, columns] = tensor.shape;
  const kind = name.slice(name.lastIndexOf("/") + 1);
  if (kind === "kernel") return uniform(tensor.length, Math.sqrt(6 / (rows + columns)), prng);
  if (kind === "recurrent_kernel") return orthogonalRows(rows, columns, prng);
  if (kind === "embedding") return normal(tensor.length, embeddingScale(name), prng);
  const bias = new Float32Array(tensor.length);
  const units = plan.parameterTensors[name.replace(/bias$/, "recurrent_kernel")]?.shape[0];
  return units === undefined ? bias : bias.fill(1, units, 2 * units);
}

/** Standard deviation of an embedding: of an input feature, of what a head is told, of a gate. */
function embeddingScale(name: string): number {
  if (name.includes("/trust ")) return 0;
  return name.includes("/after ") ? 0.1 : 0.15;
}

function normal(length: number, deviation: number, prng: Prng): Float32Array {
  return Float32Array.from({ length }, () => deviation * prng.normal());
}

function uniform(length: number, limit: number, prng: Prng): Float32Array {
  return Float32Array.from({ length }, () => limit * (2 * prng.uniform() - 1));
}

/**
 * A random matrix `[rows, columns]`, rows ≤ columns, whose rows are orthonormal: normal numbers,
 * made orthonormal one after the other (Gram–Schmidt, modified, four rows at a time) in float64.
 */
export function orthogonalRows(rows: number, columns: number, prng: Prng): Float32Array {
  const q = Array.from(
    { length: rows },
    () => new Float64Array(columns).map(() => prng.normal()),
  );
  const zero = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j += 4) {
      const [r, s, t, u] = [0, 1, 2, 3].map((n) => j + n < i ? q[j + n] : zero);
      subtractProjections(q[i], r, s, t, u);
    }
    normalize(q[i]);
  }
  const all = new Float32Array(rows * columns);
  q.forEach((row, i) => all.set(row, i * columns));
  return all;
}

/** Takes from `a` its parts along four orthonormal rows (or zeros). */
function subtractProjections(
  a: Float64Array,
  r: Float64Array,
  s: Float64Array,
  t: Float64Array,
  u: Float64Array,
): void {
  let [alongR, alongS, alongT, alongU] = [0, 0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    alongR += a[k] * r[k];
    alongS += a[k] * s[k];
    alongT += a[k] * t[k];
    alongU += a[k] * u[k];
  }
  for (let k = 0; k < a.length; k++) {
    a[k] -= alongR * r[k] + alongS * s[k] + alongT * t[k] + alongU * u[k];
  }
}

function normalize(a: Float64Array): void {
  const length = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  for (let k = 0; k < a.length; k++) a[k] /= length;
}

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
 * made orthonormal one after the other (modified Gram–Schmidt) in float64.
 */
export function orthogonalRows(rows: number, columns: number, prng: Prng): Float32Array {
  const q = Array.from(
    { length: rows },
    () => Float64Array.from({ length: columns }, () => prng.normal()),
  );
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) subtractProjection(q[i], q[j]);
    const length = Math.sqrt(dot(q[i], q[i]));
    for (let k = 0; k < columns; k++) q[i][k] /= length;
  }
  return Float32Array.from(q.flatMap((row) => [...row]));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function subtractProjection(a: Float64Array, unit: Float64Array): void {
  const share = dot(a, unit);
  for (let k = 0; k < a.length; k++) a[k] -= share * unit[k];
}

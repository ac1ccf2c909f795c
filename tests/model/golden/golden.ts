/** Reads the golden vectors that Keras made (see README.md). */

/** An array as Keras gave it: row-major values with their shape. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Arrays by the name of the weight or state they belong to. */
export type GoldenArrays = Readonly<Record<string, GoldenArray>>;

/** The network and the optimizer that a file describes. */
export interface GoldenConfig {
  readonly input: "scalar" | "embedding";
  readonly vocabularySize: number;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly embeddingSize?: number;
  readonly units: readonly [number, number];
  /** 0 when the second LSTM feeds the output layer directly. */
  readonly denseUnits: number;
  /** null when the gradient is not clipped. */
  readonly globalClipNorm: number | null;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** One file of golden vectors; README.md says what each field holds. */
export interface Golden {
  readonly config: GoldenConfig;
  readonly ids: readonly (readonly number[])[];
  /** [B] for the classic kind, [B, T] where there is a loss at every step. */
  readonly targets: readonly number[] | readonly (readonly number[])[];
  readonly weights: GoldenArrays;
  readonly logits: GoldenArray;
  readonly finalStates: GoldenArrays;
  readonly loss: number;
  readonly gradients: GoldenArrays;
  readonly gradientNorm: number;
  readonly losses: readonly [number, number, number];
  readonly afterOneStep: GoldenArrays;
  readonly afterThreeSteps: GoldenArrays;
  readonly initialStates?: GoldenArrays;
  readonly initialStateGradients?: GoldenArrays;
  readonly firstMoments?: GoldenArrays;
  readonly secondMoments?: GoldenArrays;
}

/** The files there are. */
export const goldenNames = [
  "classic_odd",
  "classic_window",
  "embedding_odd",
  "embedding_direct",
] as const;

/** Gives the golden vectors of that name. */
export function readGolden(name: typeof goldenNames[number]): Golden {
  const text = Deno.readTextFileSync(new URL(`${name}.json`, import.meta.url));
  return JSON.parse(text, (_key, value) => {
    if (typeof value?.float32 !== "string") return value;
    const { buffer } = Uint8Array.fromBase64(value.float32);
    return { shape: value.shape, values: new Float32Array(buffer) };
  });
}

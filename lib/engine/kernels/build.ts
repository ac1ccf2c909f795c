/**
 * Builds the kernels from the AssemblyScript sources in `assembly/`: same sources, same bytes.
 *
 * @module
 */
import asc from "assemblyscript/asc";
import { activations } from "./activations.ts";
import { narrowTiles, probeTiles, wideTiles } from "./tiles.ts";

/**
 * What is built: `relaxed` uses fused multiply-add (relaxed SIMD), `simd` is its plain twin, and
 * `wide` is `relaxed` with a product and activations that V8 can turn into 256-bit code. `probe` is
 * a module of its own that tells whether V8 does.
 */
export const VARIANTS = ["relaxed", "simd", "wide", "probe"] as const;
/** One of {@linkcode VARIANTS}. */
export type Variant = typeof VARIANTS[number];

/** Where the build of a variant is kept. */
export function wasmFile(variant: Variant): URL {
  return new URL(`./kernels_${variant}.wasm`, import.meta.url);
}

/**
 * Compiles one variant and returns its bytes.
 *
 * @throws {Error} with the compiler's messages when a source cannot be compiled
 */
export async function buildKernels(variant: Variant): Promise<Uint8Array> {
  const binary: Uint8Array[] = [];
  const messages: string[] = [];
  const result = await asc.main(options(variant), {
    stdout: { write: () => {} },
    stderr: { write: (text: string) => messages.push(text) },
    listFiles: () => [],
    readFile: (name: string) => readSource(name, variant),
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (contents instanceof Uint8Array) binary.push(contents);
    },
  });
  if (result.error || binary.length === 0) {
    throw new Error(`Cannot build the kernels: ${messages.join("")}`, { cause: result.error });
  }
  return binary[0];
}

/**
 * No optimisation: V8 does its own, and Binaryen's would reorder the multiply-adds of a tile so
 * that they no longer fit the registers. One page of memory is promised, so that V8 need not check
 * small offsets on their own.
 */
function options(variant: Variant): string[] {
  return [
    variant === "probe" ? "probe.ts" : "index.ts",
    ...["--outFile", "out.wasm", "--runtime", "stub", "--noAssert"],
    ...["--optimizeLevel", "0", "--shrinkLevel", "0", "--uncheckedBehavior", "always"],
    ...["--importMemory", "--noExportMemory", "--initialMemory", "1"],
    ...["--enable", "simd"],
    ...(variant === "simd" ? [] : ["--enable", "relaxed-simd"]),
  ];
}

async function readSource(name: string, variant: Variant): Promise<string | null> {
  if (name === "tiles.ts") {
    if (variant === "probe") return probeTiles();
    return variant === "wide" ? wideTiles() : narrowTiles(variant === "relaxed");
  }
  if (name === "activations.ts") return activations(variant !== "simd", variant === "wide");
  const file = name !== "blocks.ts" ? name : variant === "wide" ? "wide.ts" : "narrow.ts";
  try {
    return await Deno.readTextFile(new URL(`./assembly/${file}`, import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

if (import.meta.main) {
  for (const variant of VARIANTS) {
    await Deno.writeFile(wasmFile(variant), await buildKernels(variant));
  }
}

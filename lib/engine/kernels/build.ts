/**
 * Builds the kernels: `kernels_relaxed.wasm` with relaxed SIMD (fused multiply-add) and its plain SIMD
 * twin `kernels_simd.wasm`, from the AssemblyScript sources in `assembly/`. Same sources, same bytes.
 *
 * @module
 */
import asc from "assemblyscript/asc";
import { tilesSource } from "./tiles.ts";

/** The two builds. */
export const VARIANTS = ["relaxed", "simd"] as const;
/** One of {@linkcode VARIANTS}. */
export type Variant = typeof VARIANTS[number];

/** File name of the build of a variant. */
export function wasmFile(variant: Variant): URL {
  return new URL(`./kernels_${variant}.wasm`, import.meta.url);
}

/**
 * Compiles one variant and returns its bytes.
 *
 * @throws Error with the compiler's messages when a source cannot be compiled
 */
export async function buildKernels(variant: Variant): Promise<Uint8Array> {
  const binary: Uint8Array[] = [];
  const messages: string[] = [];
  const result = await asc.main(
    [
      "index.ts",
      "--outFile",
      "out.wasm",
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      "--importMemory",
      "--noExportMemory",
      "--uncheckedBehavior",
      "always",
      "--enable",
      "simd",
      ...(variant === "relaxed" ? ["--enable", "relaxed-simd"] : []),
    ],
    {
      stdout: { write: () => {} },
      stderr: { write: (text: string) => messages.push(text) },
      listFiles: () => [],
      readFile: (name: string) => readSource(name),
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (contents instanceof Uint8Array) binary.push(contents);
      },
    },
  );
  if (result.error || binary.length === 0) {
    throw new Error(`Cannot build the kernels: ${messages.join("")}`, { cause: result.error });
  }
  return binary[0];
}

async function readSource(name: string): Promise<string | null> {
  if (name === "tiles.ts") return tilesSource({ rows: 6, columns: 8, unroll: 4 });
  try {
    return await Deno.readTextFile(new URL(`./assembly/${name}`, import.meta.url));
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

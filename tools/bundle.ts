/**
 * Builds the program as one JavaScript file that needs nothing else: `deno task bundle`.
 *
 * `deno bundle` cannot read source-phase imports, which `lib/engine/wasm_modules.js` uses; an import
 * map sets `wasm_modules_bundled.js` in its place. And it leaves the name `__dirname` in CommonJS
 * modules undefined, which TensorFlow.js's loader reads but does not need, so the file defines it.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

const FOLDER = "dist";
const OUTPUT = `${FOLDER}/generate.js`;
const IMPORT_MAP = `${FOLDER}/import_map.json`;

/** Writes {@linkcode OUTPUT}; the current folder is that of the project. */
async function bundle(): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const imports = {
    ...config.imports,
    "../lib/engine/wasm_modules.js": "../lib/engine/wasm_modules_bundled.js",
  };
  await Deno.writeTextFile(IMPORT_MAP, JSON.stringify({ imports }));
  const options = ["--quiet", "--unstable-raw-imports", "--import-map", IMPORT_MAP];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, "main.ts"],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const program = new TextDecoder().decode(stdout);
  await Deno.writeTextFile(OUTPUT, `var __dirname = "";\n${program}`);
  console.log(`Wrote ${OUTPUT}`);
}

if (import.meta.main) await bundle();

/** The built modules: what is in them, and that they come from the sources. */
import assert from "node:assert/strict";
import { buildKernels, VARIANTS, wasmFile } from "../../lib/engine/kernels/build.ts";

for (const build of VARIANTS) {
  Deno.test(`${build}: the module brings no data and imports its memory only`, async () => {
    const module = await WebAssembly.compile(await Deno.readFile(wasmFile(build)));
    assert.deepEqual(WebAssembly.Module.imports(module), [
      { module: "env", name: "memory", kind: "memory" },
    ]);
    const names = WebAssembly.Module.exports(module).map(({ kind }) => kind);
    assert.deepEqual([...new Set(names)], ["function"]);
    const sections = sectionIds(await Deno.readFile(wasmFile(build)));
    // Types, imports, functions, exports and code (globals are constants); no start, no data.
    assert.deepEqual(sections.filter((id) => [8, 11, 12].includes(id)), []);
    assert.ok(sections.includes(10));
  });

  Deno.test(`${build}: the module can be built again, byte for byte`, async () => {
    assert.deepEqual(await buildKernels(build), await Deno.readFile(wasmFile(build)));
  });
}

/** Ids of the sections of a WebAssembly module. */
function sectionIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length;) {
    ids.push(bytes[at++]);
    let [size, shift] = [0, 0];
    do {
      size |= (bytes[at] & 127) << shift;
      shift += 7;
    } while (bytes[at++] & 128);
    at += size;
  }
  return ids;
}

/** The rules of the house: who may import whom, and what only the command line may do. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The rooms from the bottom to the top. An import goes to the same room or one further down. */
const ROOMS = [
  ["lib/std"],
  ["lib/errors.ts", "lib/random.ts"],
  ["lib/midi"],
  ["lib/score"],
  ["lib/symbols"],
  ["lib/dataset"],
  ["lib/engine"],
  ["lib/model"],
  ["lib/training"],
  ["lib/generation"],
  ["lib/evaluation"],
  ["lib/cli"],
  ["lib/mod.ts", "main.ts"],
];

/** Packages with the rooms that may import them. */
const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@std\/cli(\/|$)/, ["lib/cli"]],
  [/^@std\/fs(\/|$)/, ["lib/dataset"]],
  [/^@tensorflow\//, ["lib/engine"]],
  [/^midi-file$/, ["lib/midi"]],
  [/^node:timers\/promises$/, ["lib/engine"]],
  [/^node:(path|url|util)$/, ["lib/cli", "lib/dataset", "lib/model", "lib/std", "main.ts"]],
];

/** What only `lib/cli` and `main.ts` may do. */
const FORBIDDEN = [
  /\bconsole\s*\.\s*\w+/,
  /\bDeno\s*\.\s*(exit|args|stdout|stderr|stdin|env)\b/,
  /\bDate\s*\.\s*now\b/,
  /\bnew\s+Date\b/,
  /\bperformance\s*\.\s*\w+/,
  /\bMath\s*\.\s*random\b/,
  /\b(alert|confirm|prompt)\s*\(/,
  /\bcrypto\s*\.\s*(getRandomValues|randomUUID)\b/,
];

/** Programs of their own in `lib`: they are run by tasks, not imported. */
const TOOLS = ["lib/engine/kernels/build.ts"];

/** A file of the product. */
interface Source {
  /** Path from the root of the project. */
  readonly path: string;
  /** Its text without comments. */
  readonly code: string;
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (path === "lib/engine/kernels/assembly") continue; // AssemblyScript, compiled by build.ts
    if (isDirectory) yield* filesIn(path);
    else if (/\.(ts|js)$/.test(name) && !TOOLS.includes(path)) yield path;
  }
}

async function sources(): Promise<Source[]> {
  const found: Source[] = [];
  for (const path of ["main.ts", ...await Array.fromAsync(filesIn("lib"))]) {
    found.push({ path, code: withoutComments(await Deno.readTextFile(join(root, path))) });
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{}(),])\/\/.*$/gm, "$1");
}

/** What `code` imports, in all forms. */
function importsIn(code: string): string[] {
  const forms = [
    /\b(?:import|export)\b[^"';()]*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\bimport(?:\.source)?\s*\(\s*["']([^"']+)["']/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]));
}

/** Number of the room a path is in, or −1. */
function levelOf(path: string): number {
  return ROOMS.findIndex((room) => room.some((each) => isIn(path, each)));
}

function isIn(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

/** What is wrong with an import, if anything. */
function importProblem(path: string, target: string): string | undefined {
  if (!target.startsWith(".")) {
    const rule = PACKAGES.find(([name]) => name.test(target));
    if (rule?.[1].some((room) => isIn(path, room))) return undefined;
    return `${path} imports ${target}: ${rule ? `only ${rule[1].join(", ")} may` : "no room may"}`;
  }
  const file = relative(root, join(root, dirname(path), target)).replaceAll("\\", "/");
  if (path === "main.ts" && file === "deno.json") return undefined;
  const [from, to] = [levelOf(path), levelOf(file)];
  if (to < 0) return `${path} imports ${file}, which is in no room`;
  if (isIn(file, "lib/std") && from !== to) return `${path} imports ${file} without @std/`;
  return to > from ? `${path} imports ${file}, which is further up` : undefined;
}

Deno.test("house: the rules catch what breaks them", () => {
  assert.deepEqual(
    importsIn(
      'import a, { b } from "./a.ts";\nexport * from "./b.ts";\nimport "./c.ts";\n' +
        'const d = import("./d.ts"); import.source("./e.wasm");\n' +
        'import {\n  f,\n  g,\n} from "./f.ts";\nimport type { H } from "./h.ts";',
    ).sort(),
    ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.wasm", "./f.ts", "./h.ts"],
  );
  const allowed = (path: string, target: string) => importProblem(path, target) === undefined;
  assert.ok(allowed("lib/score/to_piece.ts", "../midi/types.ts"));
  assert.ok(allowed("lib/cli/options.ts", "@std/cli/parse-args"));
  assert.ok(!allowed("lib/midi/read.ts", "../score/types.ts"));
  assert.ok(!allowed("lib/dataset/split.ts", "../training/train.ts"));
  assert.ok(!allowed("lib/cli/options.ts", "../std/cli/parse_args.ts"));
  assert.ok(!allowed("lib/model/classic.ts", "@tensorflow/tfjs"));
  assert.ok(!allowed("lib/midi/read.ts", "left-pad"));
  const bad = [
    "console.log(1)",
    "Deno.exit(1)",
    "Date.now()",
    "performance.now()",
    "Math.random()",
  ];
  for (const code of bad) assert.ok(FORBIDDEN.some((rule) => rule.test(code)), code);
  assert.equal(withoutComments("a /* console */ b // Math.random\nc"), "a  b \nc");
});

Deno.test("house: imports go down, packages stay in their room", async () => {
  const files = await sources();
  assert.ok(files.length > 80, `${files.length} files`);
  const problems = files.flatMap(({ path, code }) =>
    importsIn(code).map((target) => importProblem(path, target)).filter((problem) => problem)
  );
  assert.deepEqual(problems, []);
});

Deno.test("house: every file belongs to a room", async () => {
  const strangers = (await sources()).filter(({ path }) => levelOf(path) < 0);
  assert.deepEqual(strangers.map(({ path }) => path), []);
});

Deno.test("house: the library does not print, exit, read the clock or draw by itself", async () => {
  const library = (await sources()).filter(({ path }) =>
    path.startsWith("lib/") && !isIn(path, "lib/cli")
  );
  const problems = library.flatMap(({ path, code }) =>
    FORBIDDEN.flatMap((rule) => rule.exec(code)?.[0] ?? []).map((found) => `${path}: ${found}`)
  );
  assert.deepEqual(problems, []);
});

/** The documented behaviour of `@std/cli/parse-args` 1.0; expected values are literals. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgs, type ParseOptions } from "@std/cli/parse-args";

function check(name: string, args: string[], options: ParseOptions, expected: unknown) {
  Deno.test(`parseArgs: ${name}`, () => assert.deepEqual(parseArgs(args, options), expected));
}

// The examples of the documentation.
check("options and others", ["--foo", "--bar=baz", "./quux.txt"], {}, {
  foo: true,
  bar: "baz",
  _: ["./quux.txt"],
});
check("boolean and string", ["--foo", "--bar", "baz"], { boolean: ["foo"], string: ["bar"] }, {
  foo: true,
  bar: "baz",
  _: [],
});
check("collect", ["--foo", "bar", "--foo", "baz"], { collect: ["foo"] }, {
  foo: ["bar", "baz"],
  _: [],
});
check("the last value counts", ["--foo", "bar", "--foo", "baz"], {}, { foo: "baz", _: [] });
check("negatable", ["--no-foo"], { boolean: ["foo"], negatable: ["foo"] }, { foo: false, _: [] });
check("double dash false", ["--", "a", "arg1"], { "--": false }, { _: ["a", "arg1"] });
check("double dash true", ["--", "a", "arg1"], { "--": true }, { _: [], "--": ["a", "arg1"] });

// Numbers.
check(
  "numeric-looking values become numbers",
  ["-x", "1234", "-z", "1e7", "-w", "10f", "--hex", "0xff", "--neg=-2", "789"],
  {},
  { x: 1234, z: 10000000, w: "10f", hex: 255, neg: -2, _: [789] },
);
check("but not those of string options", ["--s", "007", "5"], { string: ["s", "_"] }, {
  s: "007",
  _: ["5"],
});
check("a blank is no number", ["--s", " ", ""], {}, { s: " ", _: [""] });

// Booleans.
check("booleans are false by default", [], { boolean: ["a", "b"] }, { a: false, b: false, _: [] });
check("a boolean takes no value", ["--a", "x", "-b", "y"], { boolean: ["a", "b"] }, {
  a: true,
  b: true,
  _: ["x", "y"],
});
check("unless it is true or false", ["--a", "false", "-b", "true", "--c=false"], {
  boolean: ["a", "b", "c"],
}, { a: false, b: true, c: false, _: [] });
check("boolean: true", ["moo", "--honk", "cow", "-p", "55", "--tacos=good"], { boolean: true }, {
  honk: true,
  tacos: "good",
  p: 55,
  _: ["moo", "cow"],
});
check("without negatable, no- is part of the name", ["--no-moo"], {}, { "no-moo": true, _: [] });
check("the last of --foo and --no-foo counts", ["--no-foo", "--foo"], {
  boolean: ["foo"],
  negatable: ["foo"],
}, { foo: true, _: [] });

// Strings.
check("a string without a value is empty", ["--str", "-s"], { string: ["str", "s"] }, {
  str: "",
  s: "",
  _: [],
});
check("an option is no value", ["--str", "--other"], { string: ["str"] }, {
  str: "",
  other: true,
  _: [],
});
check("only the first equal sign separates", ["--f=a=b", "--g==="], {}, {
  f: "a=b",
  g: "==",
  _: [],
});
check("a value may hold a line break", ["--s=X\nY"], {}, { s: "X\nY", _: [] });

// Short options.
check("group, the last one with a value", ["-cats", "woo"], {}, {
  c: true,
  a: true,
  t: true,
  s: "woo",
  _: [],
});
check("attached values", ["-n5", "-b=12", "-I/some/dir", "-f-"], {}, {
  n: 5,
  b: 12,
  I: "/some/dir",
  f: "-",
  _: [],
});
check("a single hyphen is an argument", ["-n", "-", "-"], {}, { n: "-", _: ["-"] });

// Aliases, defaults, collecting.
check("an alias sets all names", ["-h", "--zoom", "55"], {
  boolean: ["help"],
  alias: { h: "help", z: ["zm", "zoom"] },
}, { h: true, help: true, z: 55, zm: 55, zoom: 55, _: [] });
check("an alias is of the same kind", ["-s", "01"], { string: "str", alias: { str: "s" } }, {
  str: "01",
  s: "01",
  _: [],
});
check("defaults, also under the aliases", [], { default: { a: 1 }, alias: { a: "b" } }, {
  a: 1,
  b: 1,
  _: [],
});
check("a default gives way", ["--a=2"], { default: { a: 1 } }, { a: 2, _: [] });
check("a default stands before a boolean's false", [], { boolean: ["a"], default: { a: true } }, {
  a: true,
  _: [],
});
check("collectable options are [] by default", ["--n", "1"], {
  string: ["s", "n"],
  boolean: ["b"],
  collect: ["s", "b", "n"],
}, { s: [], b: [], n: ["1"], _: [] });
check("a negation undoes what was collected", ["--n=1", "--no-n", "--n=2"], {
  collect: ["n"],
  negatable: ["n"],
}, { n: [2], _: [] });

// Where parsing stops.
check("nothing after -- is parsed", ["--a", "--", "--b", "1"], {}, { a: true, _: ["--b", "1"] });
check("stopEarly", ["--aaa", "bbb", "ccc", "--ddd"], { stopEarly: true }, {
  aaa: "bbb",
  _: ["ccc", "--ddd"],
});

Deno.test("parseArgs: unknown is called with what is not named and can drop it", () => {
  const calls: unknown[][] = [];
  const result = parseArgs(["--known", "1", "--other=2", "-x", "left", "-a"], {
    string: ["known"],
    boolean: ["alias"],
    alias: { a: "alias" },
    unknown: (...call) => {
      calls.push(call);
      return false;
    },
  });
  assert.deepEqual(calls, [["--other=2", "other", "2"], ["-x", "x", "left"]]);
  assert.deepEqual(result, { known: "1", a: true, alias: true, _: [] });
});

Deno.test("parseArgs: unknown keeps what it does not answer with false", () => {
  assert.deepEqual(parseArgs(["--a=b", "c"], { unknown: () => undefined }), { a: "b", _: ["c"] });
});

Deno.test("parseArgs: names of Object.prototype are ordinary names", () => {
  const result = parseArgs(["--toString", "--__proto__=1", "--constructor"]);
  assert.deepEqual(Object.entries(result), [
    ["_", []],
    ["toString", true],
    ["__proto__", 1],
    ["constructor", true],
  ]);
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
});

Deno.test("parseArgs: the name of the other arguments is no option", () => {
  const unknown: unknown[] = [];
  const result = parseArgs(["a", "--_=1", "-_", "2", "b"], {
    string: "_",
    unknown: (arg, key) => key && unknown.push(arg),
  });
  assert.deepEqual(result, { _: ["a", "b"] });
  assert.deepEqual(unknown, ["--_=1", "-_"]);
});

Deno.test("parseArgs: the result is typed by the options", () => {
  const result = parseArgs(["--on", "--name", "x", "--many", "1"], {
    boolean: ["on"],
    string: ["name", "many", "other"],
    collect: ["many"],
    default: { other: 5 },
  });
  const on: boolean = result.on;
  const name: string | undefined = result.name;
  const many: string[] = result.many;
  const other: string | number = result.other;
  assert.deepEqual([on, name, many, other], [true, "x", ["1"], 5]);
});

Deno.test("parseArgs: every argument list is accepted and what follows -- comes back", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("--a", "-b", "--no-c", "true", "-", "--d=e"));
  fc.assert(
    fc.property(fc.array(text), fc.array(text), (before, after) => {
      const parsed = before.filter((argument) => argument !== "--");
      const result = parseArgs([...parsed, "--", ...after], { boolean: ["a"], "--": true });
      assert.deepEqual(result["--"], after);
    }),
  );
});

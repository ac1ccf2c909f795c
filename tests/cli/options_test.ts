import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/errors.ts";
import { allOptions, COMMAND_NAMES, flagOf, optionsOf } from "../../lib/cli/option_table.ts";
import { commandIn, optionsFor, parseCommandLine } from "../../lib/cli/options.ts";
import { prepareClassic } from "../../lib/training/preparation.ts";

/** Message and hint of the usage error that `args` cause. */
function refusal(...args: string[]): [string, string | undefined] {
  try {
    parseCommandLine(args);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return [error.message, error.details.hint];
  }
  throw new Error(`${args.join(" ")} was accepted`);
}

Deno.test("no words at all: the main job with the documented defaults", () => {
  const { command, options, given } = parseCommandLine([]);
  assert.equal(command, "compose");
  assert.equal(given.size, 0);
  assert.equal(options.input, "input");
  assert.equal(options.output, "generated_midi.mid");
  assert.equal(options.preset, "expressive");
  assert.equal(options.seed, undefined);
  assert.equal(options.quiet, false);
});

Deno.test("classic has the sizes of the original", () => {
  const { options } = parseCommandLine(["train", "--preset", "classic"]);
  assert.deepEqual(
    [options.units, options.dropout, options.sequenceLength, options.batchSize],
    [[512, 256], 0.3, 50, 128],
  );
  assert.deepEqual([options.learningRate, options.length, options.temperature], [0.001, 150, 0]);
  const items = [{ source: "tune", value: ["C4", "D4", "E4"] }];
  const { options: training } = prepareClassic(items, {
    seed: 1,
    batchSize: 1,
    sequenceLength: 2,
    learningRate: 0.001,
    units: [1, 1],
    dropout: 0,
  });
  assert.equal(training.epochs, 200);
});

Deno.test("a default can be asked for again once a loaded model tells its preset", () => {
  const { options, given } = parseCommandLine(["generate", "--temperature=0.5"]);
  assert.equal(options.length, 200);
  assert.equal(optionsFor(given, "classic").length, 150);
  assert.equal(optionsFor(given, "classic").temperature, 0.5);
});

Deno.test("values of every kind", () => {
  const { command, options } = parseCommandLine(
    "generate --model=m --length 12 --temperature 1e-1 --top-p .5 --primer a.mid --keep-primer"
      .split(" ").concat("--key", "F#m", "--range", "C3-Bb5", "--seed", "4294967295", "--quiet"),
  );
  assert.equal(command, "generate");
  assert.deepEqual(
    [options.model, options.length, options.temperature, options.topP, options.primer],
    ["m", 12, 0.1, 0.5, "a.mid"],
  );
  assert.deepEqual(
    [options.keepPrimer, options.key, options.range, options.seed, options.quiet],
    [true, "F#m", { low: 48, high: 82 }, 4294967295, true],
  );
  assert.deepEqual(parseCommandLine(["--units", "64,32"]).options.units, [64, 32]);
  assert.deepEqual(parseCommandLine(["--range=48-84"]).options.range, { low: 48, high: 84 });
  assert.deepEqual(parseCommandLine(["--seed", "0"]).options.seed, 0);
  assert.deepEqual(parseCommandLine(["--input", "007"]).options.input, "007");
});

Deno.test("of a repeated option the last value counts", () => {
  assert.equal(parseCommandLine(["--epochs=1", "--epochs=2"]).options.epochs, 2);
});

Deno.test("a bad value: what was wanted and what was found", () => {
  const cases: [string[], string][] = [
    [
      ["--epochs", "banana"],
      "Cannot use --epochs banana: wanted a whole number from 1 to 100000, found banana",
    ],
    [["--epochs", "0"], "Cannot use --epochs 0: wanted a whole number from 1 to 100000, found 0"],
    [
      ["--epochs", "1.5"],
      "Cannot use --epochs 1.5: wanted a whole number from 1 to 100000, found 1.5",
    ],
    [["--dropout=-1"], "Cannot use --dropout -1: wanted a number from 0 to 0.95, found -1"],
    [["--dropout", "NaN"], "Cannot use --dropout NaN: wanted a number from 0 to 0.95, found NaN"],
    [["--epochs"], "Cannot use --epochs: wanted a whole number from 1 to 100000, found nothing"],
    [["--epochs="], "Cannot use --epochs: wanted a value, found nothing"],
    [["--input", ""], "Cannot use --input: wanted a path, found nothing"],
    [
      ["--seed", "4294967296"],
      "Cannot use --seed 4294967296: wanted a whole number from 0 to 4294967295, found 4294967296",
    ],
    [
      ["--units", "5"],
      "Cannot use --units 5: wanted 2 whole numbers from 1 to 4096 with a comma between, found 5",
    ],
    [["--key", "H"], "Cannot use --key H: wanted a key such as D, F#m or Bb, found H"],
    [
      ["--range", "C6-C3"],
      "Cannot use --range C6-C3: wanted two pitches from 0 to 127, the lower one first, such as " +
      "C3-C6 or 48-84, found C6-C3",
    ],
    [
      ["--range", "0-128"],
      "Cannot use --range 0-128: wanted two pitches from 0 to 127, the lower one first, such as " +
      "C3-C6 or 48-84, found 0-128",
    ],
  ];
  for (const [args, message] of cases) assert.equal(refusal(...args)[0], message);
});

Deno.test("a mistyped option or command: did you mean", () => {
  const cases: [string[], string][] = [
    [["--bacth-size", "5"], "Did you mean --batch-size?"],
    [["--epoch=5"], "Did you mean --epochs?"],
    [["--temprature", "1"], "Did you mean --temperature?"],
    [["--learning", "1"], "Did you mean --learning-rate?"],
    [["--sed=1"], "Did you mean --seed?"],
    [["inspect", "--jsn"], "Did you mean --json?"],
    [["--preset", "clasic"], "Did you mean --preset classic?"],
    [["trian"], "Did you mean train?"],
    [["evalute"], "Did you mean evaluate?"],
  ];
  for (const [args, hint] of cases) assert.equal(refusal(...args)[1], hint);
  assert.deepEqual(refusal("--xyzzy"), [
    "Cannot use --xyzzy: there is no such option",
    "--help lists the options.",
  ]);
});

Deno.test("an argument that is no option", () => {
  assert.deepEqual(refusal("songs"), [
    "Cannot run songs: wanted train, generate, inspect or evaluate, or no command at all",
    "To read a folder or file, write --input songs. --help lists the commands.",
  ]);
  assert.equal(
    refusal("train", "songs")[0],
    "Cannot use songs: wanted options only after train",
  );
});

Deno.test("an option of another command", () => {
  assert.equal(
    refusal("inspect", "--epochs", "3")[0],
    "Cannot use --epochs with inspect: it belongs to the main job and train",
  );
});

Deno.test("options that exclude or need each other", () => {
  assert.equal(
    refusal("--quiet", "--verbose")[0],
    "Cannot use --quiet and --verbose together: wanted one of them",
  );
  assert.equal(
    refusal("--length=5", "--bars=2")[0],
    "Cannot use --length and --bars together: wanted one of them",
  );
  assert.equal(
    refusal("--keep-primer")[0],
    "Cannot use --keep-primer: wanted --primer too, found none",
  );
});

Deno.test("the command can be told from a wrong command line", () => {
  assert.equal(commandIn(["train", "--nonsense"]), "train");
  assert.equal(commandIn(["--nonsense"]), "compose");
  assert.equal(commandIn(["nonsense"]), "compose");
});

Deno.test("whatever is typed is either understood or refused with a UsageError", () => {
  const flags = allOptions().map(([name]) => flagOf(name));
  const word = fc.oneof(
    fc.constantFrom(...flags, ...COMMAND_NAMES, "--", "-x", "5", "0.5", "banana", "-1"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (args) => {
      try {
        parseCommandLine(args);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, /^Cannot (use|run) /);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("the table: every default is a value the option takes, every text is there", () => {
  for (const [name, spec] of allOptions()) {
    assert.ok(spec.commands.length > 0 && spec.help && spec.reason, name);
    assert.doesNotMatch(spec.help + spec.reason, /\.$/, name);
    for (const command of spec.commands) {
      for (const preset of ["classic", "expressive"] as const) {
        const value = optionsFor(new Map(), preset)[name];
        if (value === undefined || typeof value === "boolean") continue;
        const args = [command, `${flagOf(name)}=${value}`].filter((it) => it !== "compose");
        assert.deepEqual(parseCommandLine(args).options[name], value);
      }
    }
  }
});

Deno.test("the main job takes all the options it is known by", () => {
  const wanted = "--input --output --model --preset --epochs --batch-size --sequence-length " +
    "--units --dropout --learning-rate --length --temperature --seed --quiet --verbose --json " +
    "--version";
  const there = optionsOf("compose").map(([name]) => flagOf(name));
  for (const flag of wanted.split(" ")) assert.ok(there.includes(flag), flag);
});

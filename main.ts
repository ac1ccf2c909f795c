/**
 * The program: reads the command line, loads the module of one command, and turns an error into a
 * message and an exit code.
 *
 * @module
 */
import type { Command } from "./lib/cli/command.ts";
import { helpText } from "./lib/cli/help.ts";
import { terminalIo, writeText } from "./lib/cli/io.ts";
import { errorLines, EXIT_CODES, type ExitCode, explain } from "./lib/cli/messages.ts";
import type { CommandName } from "./lib/cli/option_table.ts";
import { commandIn, type CommandLine, parseCommandLine } from "./lib/cli/options.ts";
import { neededPaths, permittedCommand } from "./lib/cli/permissions.ts";
import config from "./deno.json" with { type: "json" };

/** Each command's module is loaded when it is needed, so that the others cost no time. */
const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  compose: () => import("./lib/cli/commands/compose.ts"),
  train: () => import("./lib/cli/commands/train.ts"),
  generate: () => import("./lib/cli/commands/generate.ts"),
  evaluate: () => import("./lib/cli/commands/evaluate.ts"),
  inspect: () => import("./lib/cli/commands/inspect.ts"),
};

/** Does what `args` ask for and tells how it ended. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const wants = (...flags: string[]) => args.some((arg) => flags.includes(arg));
  let commandLine: CommandLine | undefined;
  try {
    if (wants("--help", "-h")) writeText(Deno.stdout, `${helpText(commandIn(args))}\n`);
    else if (wants("--version")) writeText(Deno.stdout, `${config.version}\n`);
    else {
      commandLine = parseCommandLine(args);
      await run(commandLine);
    }
    return EXIT_CODES.done;
  } catch (error) {
    // Who reads the output, for example `head`, may have seen enough.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT_CODES.done;
    return report(error, args, commandLine);
  }
}

async function run({ command, options, given }: CommandLine) {
  const module = await COMMANDS[command]();
  await module.run(options, terminalIo(options), given);
}

/** Prints what went wrong to standard error. */
function report(error: unknown, args: readonly string[], commandLine?: CommandLine): ExitCode {
  const explanation = explain(error, {
    standalone: Deno.build.standalone,
    permittedCommand: commandLine && ((permission, path) => {
      const paths = neededPaths(commandLine.command, commandLine.options);
      return permittedCommand(args, paths, permission, path);
    }),
  });
  const lines = errorLines(explanation, {
    stackOf: args.includes("--verbose") ? error : undefined,
    color: Deno.stderr.isTerminal() && !Deno.noColor,
  });
  writeText(Deno.stderr, `${lines.join("\n")}\n`);
  return explanation.exitCode;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

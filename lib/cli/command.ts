/**
 * The form of a command module in `lib/cli/commands/`.
 *
 * @module
 */
import type { Io } from "./io.ts";
import type { Options } from "./option_table.ts";
import type { GivenOptions } from "./options.ts";

/** What a command module exports. */
export interface Command {
  /**
   * Does the job.
   *
   * @param options the values of all options
   * @param io the way out for everything it says
   * @param given the values that stand on the command line; `optionsFor(given, preset)` gives the
   * options again once a trained model has told its preset
   */
  run(options: Options, io: Io, given: GivenOptions): Promise<void>;
}

/**
 * The codebook of the `expressive` preset: which numbers the network uses for the parts of an event.
 *
 * @module
 */
import type { Grid } from "../score/types.ts";
import { pitchClassesOf, pitchOf, transposeSymbol } from "./transpose.ts";
import type { EventSequence, MusicSymbol, PartInfo } from "./types.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Parts of a piece beyond this number share a role. */
const MAX_ROLES = 4;
/** Keys that a piece is moved to in training, in semitones. */
export const SHIFTS: readonly number[] = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5];
/** Velocities in a class. */
const VELOCITY_STEP = 8;

/** The JSON form of a codebook. */
export interface CodebookData {
  /** Symbols with their roles, in code point order. */
  readonly symbols: readonly string[];
  /** Durations in grid units, ascending; id 0 stands for any other. */
  readonly durations: readonly number[];
  /** Steps in grid units, ascending; id 0 stands for any other. */
  readonly steps: readonly number[];
  /** What each role is played on. */
  readonly roles: readonly PartInfo[];
}

/** An event as numbers. Ids of 0 in `duration` and `step` and −1 in `symbol` mean: not in the codebook. */
export interface CodedEvent {
  /** Id of role and symbol, or −1. */
  readonly symbol: number;
  /** Id of the duration. */
  readonly duration: number;
  /** Id of the step. */
  readonly step: number;
  /** Id of the velocity class, 0–15. */
  readonly velocity: number;
}

/** Number of velocity classes. */
export const VELOCITIES = 128 / VELOCITY_STEP;

/** Ids of symbols (with the role of their part), durations, steps and velocities, in both directions. */
export class Codebook {
  /** `role|symbol`; the role is a digit. */
  readonly symbols: Vocabulary;
  /** Durations in grid units; index + 1 is the id. */
  readonly durations: readonly number[];
  /** Steps in grid units; index + 1 is the id. */
  readonly steps: readonly number[];
  /** What each role is played on. */
  readonly roles: readonly PartInfo[];
  readonly #durationIds: ReadonlyMap<number, number>;
  readonly #stepIds: ReadonlyMap<number, number>;
  readonly #shifted = new Map<number, Int32Array>();

  /** The codebook that `toJSON` gave. */
  constructor(data: CodebookData) {
    this.symbols = Vocabulary.fromJSON(data.symbols);
    this.durations = data.durations;
    this.steps = data.steps;
    this.roles = data.roles;
    this.#durationIds = new Map(data.durations.map((value, i) => [value, i + 1]));
    this.#stepIds = new Map(data.steps.map((value, i) => [value, i + 1]));
  }

  /** The codebook of a corpus: all its symbols in all keys of {@linkcode SHIFTS}. */
  static of(sequences: readonly EventSequence[]): Codebook {
    const symbols = new Set<string>();
    const [durations, steps] = [new Set<number>(), new Set<number>()];
    const roles = new Map<number, Map<string, [PartInfo, number]>>();
    for (const sequence of sequences) {
      for (const { symbol, part, duration, step } of sequence.events) {
        symbols.add(tagged(roleOf(part), symbol));
        durations.add(duration);
        steps.add(step);
      }
      sequence.parts.forEach((info, part) => countPart(roles, roleOf(part), info));
    }
    const all = new Set<string>();
    for (const entry of symbols) {
      for (const shift of SHIFTS) {
        const moved = transposeSymbol(untagged(entry), shift);
        if (moved !== undefined) all.add(tagged(roleIn(entry), moved));
      }
    }
    return new Codebook({
      symbols: Vocabulary.of(all).toJSON(),
      durations: [...durations].sort((a, b) => a - b),
      steps: [...steps].sort((a, b) => a - b),
      roles: Array.from(
        { length: Math.max(...roles.keys()) + 1 },
        (_, role) => mostFrequent(roles.get(role)),
      ),
    });
  }

  /** Plain JSON that the constructor reads back. */
  toJSON(): CodebookData {
    const { durations, steps, roles } = this;
    return { symbols: this.symbols.toJSON(), durations, steps, roles };
  }

  /** The ids of an event. */
  encode(event: EventSequence["events"][number]): CodedEvent {
    return {
      symbol: this.idOf(roleOf(event.part), event.symbol),
      duration: this.durationId(event.duration),
      step: this.#stepIds.get(event.step) ?? 0,
      velocity: Math.floor(event.velocity / VELOCITY_STEP),
    };
  }

  /** Id of a symbol in a role, or −1. */
  idOf(role: number, symbol: MusicSymbol): number {
    const entry = tagged(role, symbol);
    return this.symbols.has(entry) ? this.symbols.idOf(entry) : -1;
  }

  /** The role of a symbol id. */
  roleOfId(id: number): number {
    return roleIn(this.symbols.symbolOf(id));
  }

  /** The symbol of an id, without its role. */
  symbolOfId(id: number): MusicSymbol {
    return untagged(this.symbols.symbolOf(id));
  }

  /** The id of a duration in grid units, or 0. */
  durationId(duration: number): number {
    return this.#durationIds.get(duration) ?? 0;
  }

  /** The duration of an id from 1 on, in grid units. */
  durationOf(id: number): Grid {
    return this.durations[id - 1] as Grid;
  }

  /** The step of an id from 1 on, in grid units. */
  stepOf(id: number): Grid {
    return this.steps[id - 1] as Grid;
  }

  /** The velocity in the middle of a class, 1–127. */
  velocityOf(id: number): number {
    return Math.max(1, id * VELOCITY_STEP + VELOCITY_STEP / 2);
  }

  /** How each symbol lies, for the kernel `addRelative`; the end of the piece, the last id, lies nowhere. */
  shapes(classesOfRole: number): { readonly shapes: Int32Array; readonly bases: Int32Array } {
    const ids = [...this.symbols.symbols.keys()];
    const shapes = ids.map((id) => {
      const symbol = this.symbolOfId(id);
      const classes = pitchClassesOf(symbol);
      return pitchOf(symbol) ?? (classes ? 128 + classes[0] : -1);
    });
    const bases = ids.map((id) => this.roleOfId(id) * classesOfRole);
    return { shapes: Int32Array.from([...shapes, -1]), bases: Int32Array.from([...bases, 0]) };
  }

  /** For each symbol id its id `shift` semitones up, or −1. */
  shifted(shift: number): Int32Array {
    let ids = this.#shifted.get(shift);
    if (!ids) {
      ids = Int32Array.from(this.symbols.symbols, (entry) => {
        const moved = transposeSymbol(untagged(entry), shift);
        return moved === undefined ? -1 : this.idOf(roleIn(entry), moved);
      });
      this.#shifted.set(shift, ids);
    }
    return ids;
  }
}

/** The role of a part: its number, or the last role for the many parts of a large piece. */
export function roleOf(part: number): number {
  return Math.min(part, MAX_ROLES - 1);
}

function tagged(role: number, symbol: MusicSymbol): string {
  return `${role}|${symbol}`;
}

function untagged(entry: string): MusicSymbol {
  return entry.slice(2);
}

function roleIn(entry: string): number {
  return Number(entry[0]);
}

function countPart(
  roles: Map<number, Map<string, [PartInfo, number]>>,
  role: number,
  info: PartInfo,
): void {
  const counts = roles.get(role) ?? new Map<string, [PartInfo, number]>();
  const key = JSON.stringify(info);
  counts.set(key, [info, (counts.get(key)?.[1] ?? 0) + 1]);
  roles.set(role, counts);
}

function mostFrequent(counts?: Map<string, [PartInfo, number]>): PartInfo {
  const [best] = [...(counts?.values() ?? [])].sort((a, b) => b[1] - a[1]);
  return best?.[0] ?? { name: "", program: 0, drums: false };
}

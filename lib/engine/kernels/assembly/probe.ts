// Two loops of multiply-adds on constant addresses that tell whether V8 joins neighbouring 128-bit
// operations to 256-bit ones: 24 sums then take 1.5 times as long as 12; otherwise 4 times, as they do
// not even fit the registers. The first 384 bytes of the memory are theirs.
import { few, many } from "./tiles";

/** Adds 1 to 12 vectors, `turns` times. */
export function addFew(turns: i32): void {
  few(turns);
}

/** Adds 1 to 24 vectors, `turns` times. */
export function addMany(turns: i32): void {
  many(turns);
}

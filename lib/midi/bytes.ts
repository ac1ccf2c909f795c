/**
 * Small helpers for bytes: text signatures, big-endian numbers, a writer of fixed capacity.
 *
 * @module
 */

/** The largest number that a variable-length quantity of four bytes can hold. */
export const MAX_VARIABLE_LENGTH = 0x0fffffff;

/** Whether the ASCII characters of `text` stand at `offset`. */
export function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  if (offset + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Where `text` (ASCII) next stands at or after `from`, or −1. */
export function findText(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  let at = bytes.indexOf(first, from);
  while (at >= 0 && !hasText(bytes, at, text)) at = bytes.indexOf(first, at + 1);
  return at;
}

/** The unsigned big-endian 16-bit number at `offset`. */
export function uint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset] << 8 | bytes[offset + 1];
}

/** The unsigned big-endian 32-bit number at `offset`. */
export function uint32(bytes: Uint8Array, offset: number): number {
  return (uint16(bytes, offset) << 16 | uint16(bytes, offset + 2)) >>> 0;
}

/** Writes bytes one after another into a buffer of fixed capacity. */
export class ByteWriter {
  readonly #buffer: Uint8Array;
  #length = 0;

  /** A writer with room for `capacity` bytes. */
  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.#buffer[this.#length++] = value;
  }

  /** Writes all of `values`. */
  bytes(values: ArrayLike<number>): void {
    this.#buffer.set(values, this.#length);
    this.#length += values.length;
  }

  /** Writes ASCII text. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** Writes a big-endian 16-bit number. */
  uint16(value: number): void {
    this.byte(value >>> 8);
    this.byte(value);
  }

  /** Writes a big-endian 32-bit number. */
  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  /** Writes a variable-length quantity of at most {@linkcode MAX_VARIABLE_LENGTH}. */
  variableLength(value: number): void {
    for (let shift = 21; shift > 0; shift -= 7) {
      if (value >>> shift > 0) this.byte(0x80 | value >>> shift & 0x7f);
    }
    this.byte(value & 0x7f);
  }

  /** The bytes written so far (a view, not a copy). */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

/**
 * Numbers for pairs of integers: contexts of n-grams, figures of music.
 *
 * @module
 */

/** Numbers pairs of integers in order of arrival (open addressing, linear probing). */
export class PairTable {
  /** How many different pairs there are. */
  size = 0;
  #first = new Int32Array(1 << 10);
  #second = new Int32Array(1 << 10);
  #slots = new Int32Array(1 << 11).fill(-1);

  /** The number of the pair, a new one if it has none yet. */
  insert(first: number, second: number): number {
    if (this.size === this.#first.length) this.#grow();
    const slot = this.#slot(first, second);
    if (this.#slots[slot] >= 0) return this.#slots[slot];
    this.#first[this.size] = first;
    this.#second[this.size] = second;
    this.#slots[slot] = this.size;
    return this.size++;
  }

  /** The number of the pair, or −1. */
  find(first: number, second: number): number {
    return this.#slots[this.#slot(first, second)];
  }

  /** The first half of the pair with this number. */
  first(index: number): number {
    return this.#first[index];
  }

  /** The slot that holds the pair, or the free one where it belongs. */
  #slot(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;; slot = (slot + 1) & mask) {
      const index = this.#slots[slot];
      if (index < 0 || (this.#first[index] === first && this.#second[index] === second)) {
        return slot;
      }
    }
  }

  #grow(): void {
    this.#first = doubled(this.#first);
    this.#second = doubled(this.#second);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let index = 0; index < this.size; index++) {
      this.#slots[this.#slot(this.#first[index], this.#second[index])] = index;
    }
  }
}

/** A copy with room for twice as many values. */
export function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(values.length * 2);
  copy.set(values);
  return copy;
}

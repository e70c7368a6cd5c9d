/**
 * Where every random decision of the fuzz comes from: a seed, or a list of decisions taken before.
 *
 * What is drawn depends on the decisions alone. So a case can be built again with fresh objects (once for each
 * logger), and a failing case can be made smaller by making its list of decisions smaller: a decision of 0 always
 * means the simplest thing, and when a list ends the rest are 0.
 */
export class Choices {
  readonly taken: number[] = [];
  readonly #given: readonly number[] | undefined;
  #state: number;

  private constructor(given: readonly number[] | undefined, seed: number) {
    this.#given = given;
    this.#state = seed === 0 ? 0x6d2b79f5 : seed | 0;
  }

  static fromSeed(seed: number): Choices {
    return new Choices(undefined, seed);
  }

  static replay(given: readonly number[]): Choices {
    return new Choices(given, 1);
  }

  /** A whole number from 0 to `n - 1`. */
  below(n: number): number {
    const choice =
      this.#given === undefined ? this.#random() % n : Math.min(this.#given[this.taken.length] ?? 0, n - 1);
    this.taken.push(choice);
    return choice;
  }

  /** True in about `percent` of a hundred draws. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  /** One of the list; the first is the simplest. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** A number of things to make, mostly small, at most `most`. */
  count(most: number): number {
    const wide = this.below(8);
    return wide < 6 ? this.below(Math.min(4, most) + 1) : this.below(most + 1);
  }

  // xorshift32 and a multiplication: short, fast, and the same on every machine.
  #random(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return Math.imul(this.#state, 0x9e3779b1) >>> 1;
  }
}

/** A seed of its own for each part of a campaign, so that a part can be run again alone. */
export function mixSeed(seed: number, ...parts: readonly number[]): number {
  let mixed = seed | 0;
  for (const part of parts) {
    mixed = Math.imul(mixed ^ (part + 0x7f4a7c15), 0x85ebca6b);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 13;
  }
  return mixed;
}

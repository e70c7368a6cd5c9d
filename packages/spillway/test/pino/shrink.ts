/** Makes a script that fails smaller while it goes on failing in the same way: fewer steps first, then simpler ones. */
import { compare, type Difference } from "./compare.ts";
import type { Script } from "./script.ts";
import type { Side } from "./sides.ts";

export interface Shrunk {
  readonly script: Script;
  readonly difference: Difference;
  readonly tries: number;
}

export interface ShrinkLimits {
  readonly tries: number;
  readonly ms: number;
  /** Whether a smaller failure is still the one looked for; without it, one of the same kind is. */
  readonly isSame?: ((found: Difference) => boolean) | undefined;
}

export async function shrink(
  script: Script,
  difference: Difference,
  side: Side,
  limits: ShrinkLimits,
): Promise<Shrunk> {
  const search = new Search(script, difference, side, limits);
  await search.dropStepsAfter();
  await search.dropSteps();
  // Simpler decisions may make more steps needless, and the other way round.
  for (let before = -1; before !== search.accepted && search.hasTime(); ) {
    before = search.accepted;
    await search.simplifyLists();
    await search.dropSteps();
  }
  return { script: search.best, difference: search.difference, tries: search.tries };
}

class Search {
  best: Script;
  difference: Difference;
  tries = 0;
  accepted = 0;
  readonly #side: Side;
  readonly #limits: ShrinkLimits;
  readonly #startedAt = performance.now();

  constructor(script: Script, difference: Difference, side: Side, limits: ShrinkLimits) {
    this.best = script;
    this.difference = difference;
    this.#side = side;
    this.#limits = limits;
  }

  hasTime(): boolean {
    return this.tries < this.#limits.tries && performance.now() - this.#startedAt < this.#limits.ms;
  }

  async dropStepsAfter(): Promise<void> {
    await this.#try({ ...this.best, steps: this.best.steps.slice(0, this.difference.step + 1) });
  }

  /** The last step alone, then without ever smaller stretches of the others. */
  async dropSteps(): Promise<void> {
    if (this.best.steps.length > 1 && (await this.#try({ ...this.best, steps: this.best.steps.slice(-1) }))) return;
    for (let size = Math.floor(this.best.steps.length / 2); size >= 1 && this.hasTime(); size = Math.floor(size / 2)) {
      for (let from = this.best.steps.length - size; from >= 0 && this.hasTime(); from -= size) {
        await this.#try({ ...this.best, steps: this.best.steps.toSpliced(from, size) });
      }
    }
  }

  async simplifyLists(): Promise<void> {
    await this.#simplify(
      () => this.best.setup,
      (setup) => ({ ...this.best, setup }),
    );
    for (let at = this.best.steps.length - 1; at >= 0 && this.hasTime(); at--) {
      await this.#simplify(
        () => this.best.steps[at] ?? [],
        (list) => ({ ...this.best, steps: this.best.steps.with(at, list) }),
      );
    }
  }

  async #simplify(list: () => readonly number[], withList: (list: readonly number[]) => Script): Promise<void> {
    // A list that ends means 0 from there on.
    for (let keep = 0; keep < list().length && this.hasTime(); keep = keep * 2 + 1) {
      if (await this.#try(withList(list().slice(0, keep)))) break;
    }
    for (
      let size = Math.max(1, Math.floor(list().length / 2));
      size >= 1 && this.hasTime();
      size = Math.floor(size / 2)
    ) {
      for (let from = list().length - size; from >= 0 && this.hasTime(); from -= size) {
        await this.#try(withList(list().toSpliced(from, size)));
      }
    }
    for (let at = 0; at < list().length && this.hasTime(); at++) await this.#lower(at, list, withList);
  }

  async #lower(
    at: number,
    list: () => readonly number[],
    withList: (list: readonly number[]) => Script,
  ): Promise<void> {
    const value = list()[at] ?? 0;
    for (const smaller of new Set([0, Math.floor(value / 2), value - 1])) {
      if (smaller < 0 || smaller >= (list()[at] ?? 0)) continue;
      if (await this.#try(withList(list().with(at, smaller)))) return;
    }
  }

  async #try(candidate: Script): Promise<boolean> {
    if (!this.hasTime()) return false;
    this.tries++;
    const { isSame = (difference) => difference.what === this.difference.what } = this.#limits;
    const found = (await compare(candidate, this.#side))?.differences[0];
    if (found === undefined || !isSame(found)) return false;
    this.accepted++;
    this.best = candidate;
    this.difference = found;
    return true;
  }
}

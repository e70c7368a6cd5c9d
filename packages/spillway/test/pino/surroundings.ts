import type { Choices } from "./choices.ts";

/** What has been made for this value so far, so that it can come again: a cycle, or two ways to one object. */
export class Surroundings {
  readonly #drawAny: (choices: Choices, around: Surroundings) => unknown;
  readonly ancestors: object[] = [];
  readonly made: object[] = [];
  /** Each time an object comes again its text may double; without a bound one line could fill the memory. */
  #timesAgain = 0;

  /** `drawAny` draws a value of any kind: those of one kind have others inside. */
  constructor(drawAny: (choices: Choices, around: Surroundings) => unknown) {
    this.#drawAny = drawAny;
  }

  value(choices: Choices): unknown {
    return this.#drawAny(choices, this);
  }

  get depth(): number {
    return this.ancestors.length;
  }

  /**
   * Of the script that is being drawn: its calls put their fields into one object, so what one of them draws stands
   * beside the cycles of all others.
   */
  static isShared = false;
  /** Whether anything leads back to itself. */
  hasCycle: boolean = Surroundings.isShared;

  cycle(choices: Choices): object | null {
    if (this.ancestors.length === 0) return null;
    this.hasCycle = true;
    return choices.pick(this.ancestors);
  }

  again(choices: Choices): object {
    if (this.made.length === 0 || ++this.#timesAgain > 4) return {};
    return choices.pick(this.made);
  }

  /** Makes the insides of `object` while it counts as an ancestor. */
  inside<T extends object>(object: T, fill: () => void): T {
    this.ancestors.push(object);
    fill();
    this.ancestors.pop();
    this.made.push(object);
    return object;
  }
}

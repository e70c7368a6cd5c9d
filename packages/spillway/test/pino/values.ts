/** Values of every kind that a program may hand to a logger. */
import { drawError, drawErrorLike } from "./errors.ts";
import { drawRequest, drawResponse } from "./http-values.ts";
import { drawOddObject } from "./odd-objects.ts";
import { drawKey, drawText } from "./texts.ts";
import type { Choices } from "./choices.ts";

/** What has been made for this value so far, so that it can come again: a cycle, or two ways to one object. */
export class Surroundings {
  readonly ancestors: object[] = [];
  readonly made: object[] = [];
  /** Each time an object comes again its text may double; without a bound one line could fill the memory. */
  #timesAgain = 0;

  get depth(): number {
    return this.ancestors.length;
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

/** Deeper than pino's depthLimit of 5, so that the limit is met. */
const DEEPEST = 8;

const NUMBERS = [
  0, 1, -1, 42, -0, 0.1, -0.5, 1e21, 1e-7, 123456789012, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53, -(2 ** 53) - 2, 5e-324, 1.7976931348623157e308,
  Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.005, 1e300, 0.1 + 0.2, 255, 256, 65_536,
] as const;

export function drawNumber(choices: Choices): number {
  switch (choices.below(4)) {
    case 0:
      return choices.below(1000);
    case 1:
      return choices.pick(NUMBERS);
    case 2:
      return (choices.below(2 ** 30) - 2 ** 29) / 2 ** choices.below(40);
    default:
      return choices.below(2 ** 31) * 2 ** choices.below(30) * (choices.chance(50) ? -1 : 1);
  }
}

export function drawValue(choices: Choices, around: Surroundings = new Surroundings()): unknown {
  if (around.depth >= DEEPEST) return drawLeaf(choices);
  // The deeper, the more leaves: values stay of a size that a person can read.
  const kind = choices.below(100);
  if (kind < 52 + 6 * around.depth && kind < 88) return drawLeaf(choices);
  if (kind < 68) return drawObject(choices, around);
  if (kind < 76) return drawArray(choices, around);
  if (kind < 81) return drawError(choices, around);
  if (kind < 83) return drawErrorLike(choices, around);
  if (kind < 85) return choices.chance(50) ? drawRequest(choices, around) : drawResponse(choices, around);
  if (kind < 88) return around.ancestors.length === 0 ? null : choices.pick(around.ancestors);
  if (kind < 91) return around.again(choices);
  return drawOddObject(choices, around);
}

function drawLeaf(choices: Choices): unknown {
  switch (choices.below(14)) {
    case 0:
    case 1:
    case 2:
      return drawNumber(choices);
    case 3:
    case 4:
    case 5:
    case 6:
      return drawText(choices);
    case 7:
      return true;
    case 8:
      return false;
    case 9:
      return null;
    case 10:
      return undefined;
    case 11:
      return choices.pick([0n, 12n, -(2n ** 64n)]);
    case 12:
      return choices.pick([Symbol("s"), Symbol.iterator, Symbol.for("spillway fuzz")]);
    default:
      return choices.pick([function named(): number { return 1; }, () => 2, class Empty {}, Math.max]);
  }
}

export function drawObject(choices: Choices, around: Surroundings = new Surroundings()): object {
  const object = choices.chance(4) ? (Object.create(null) as object) : {};
  const keys = choices.chance(3) ? 60 : choices.count(8);
  return around.inside(object, () => {
    for (let i = 0; i < keys; i++) {
      const key = keys === 60 && !choices.chance(5) ? `key${i}` : drawKey(choices);
      put(object, key, keys === 60 ? choices.below(5) : drawValue(choices, around));
    }
  });
}

/** An own property, also for `__proto__`, where an assignment would set the prototype. */
export function put(object: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

export function drawArray(choices: Choices, around: Surroundings): unknown[] {
  const array: unknown[] = [];
  // Longer than pino's edgeLimit of 100 now and then.
  const length = choices.chance(2) ? 90 + choices.below(30) : choices.count(6);
  return around.inside(array, () => {
    for (let i = 0; i < length; i++) {
      if (choices.chance(5)) array.length++;
      else array.push(length > 50 ? i : drawValue(choices, around));
    }
  });
}

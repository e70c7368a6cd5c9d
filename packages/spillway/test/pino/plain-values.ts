/** Numbers, objects and arrays: what values are built of. */
import type { Choices } from "./choices.ts";
import type { Surroundings } from "./surroundings.ts";
import { drawKey } from "./texts.ts";

const NUMBERS = [
  0,
  1,
  -1,
  42,
  -0,
  0.1,
  -0.5,
  1e21,
  1e-7,
  123456789012,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53) - 2,
  5e-324,
  1.7976931348623157e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1.005,
  1e300,
  0.1 + 0.2,
  255,
  256,
  65_536,
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

export function drawObject(choices: Choices, around: Surroundings): object {
  const object = choices.chance(4) ? (Object.create(null) as object) : {};
  const keys = choices.chance(3) ? 60 : choices.count(8);
  return around.inside(object, () => {
    for (let i = 0; i < keys; i++) {
      const key = keys === 60 && !choices.chance(5) ? `key${i}` : drawKey(choices);
      put(object, key, keys === 60 ? choices.below(5) : around.value(choices));
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
      else array.push(length > 50 ? i : around.value(choices));
    }
  });
}

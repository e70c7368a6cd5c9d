/** Objects that are not just keys and values: with behaviour, without a prototype, wrapped, sparse, hostile. */

import type { Choices } from "./choices.ts";
import { drawArray, drawNumber, drawObject, put } from "./plain-values.ts";
import type { Surroundings } from "./surroundings.ts";
import { drawKey, drawText } from "./texts.ts";

class Account {
  owner = "ada";
  #secret = 5;
  get balance(): number {
    return this.#secret;
  }
}

class Money {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
  toJSON(key: string): string {
    return `${this.amount} EUR (${key})`;
  }
}

type Maker = (choices: Choices, around: Surroundings) => object;

const MAKERS: readonly Maker[] = [
  (choices) => new Date(choices.pick([0, 1_700_000_000_000, Number.NaN, -1, 8.64e15])),
  () =>
    new Map<unknown, unknown>([
      ["a", 1],
      [{}, 2],
    ]),
  () => new Set([1, "two"]),
  () => /a+"b/gi,
  () => new Account(),
  (choices) => new Money(drawNumber(choices)),
  (choices) => new String(drawText(choices)),
  (choices) => new Number(drawNumber(choices)),
  (choices) => new Boolean(choices.chance(50)),
  () => Object(Symbol("boxed")) as object,
  () => Object(7n) as object,
  (choices) => new Uint8Array(choices.count(5)).fill(choices.below(256)),
  () => new Float64Array([0.5, Number.NaN, -0]),
  (choices) => Buffer.from(drawText(choices).slice(0, 40)),
  () => new ArrayBuffer(4),
  () => new URL("https://user:pass@example.org/a?b=c#d"),
  () => new Error("plain"),
  () => Promise.resolve(1),
  () => new WeakMap(),
  () => Object.assign(() => 1, { property: "of a function" }),
  withToJson,
  withGetters,
  withHidden,
  inheriting,
  sparse,
  arrayWithKeys,
  proxied,
  manyPaths,
  deep,
  (choices, around) => Object.freeze(drawObject(choices, around)),
];

export function drawOddObject(choices: Choices, around: Surroundings): object {
  const object = choices.pick(MAKERS)(choices, around);
  around.made.push(object);
  return object;
}

function withToJson(choices: Choices, around: Surroundings): object {
  const object = drawObject(choices, around);
  const result = around.value(choices);
  const forms: readonly unknown[] = [
    () => result,
    (key: string) => `asked for as ${JSON.stringify(key)}`,
    function (this: object) {
      return Object.keys(this).length;
    },
    () => {
      throw new TypeError("toJSON fails");
    },
    "no function",
  ];
  put(object, "toJSON", choices.pick(forms));
  return object;
}

/** Answers another number each time it is read: a logger that reads twice gives itself away. See getters-in-cycles. */
function withGetters(choices: Choices, around: Surroundings): object {
  let reads = 0;
  const fails = choices.chance(20);
  const object = { before: 1 };
  const key = drawKey(choices);
  Object.defineProperty(object, key, {
    enumerable: true,
    configurable: true,
    get() {
      if (fails) throw new RangeError("getter fails");
      return around.hasCycle || key === "toJSON" ? 1 : ++reads;
    },
  });
  put(object, "after", 2);
  return object;
}

function withHidden(choices: Choices, around: Surroundings): object {
  const object = drawObject(choices, around);
  Object.defineProperty(object, "hidden", { value: "not to be seen", enumerable: false });
  put(object, Symbol("key"), "of a symbol");
  return object;
}

function inheriting(choices: Choices, around: Surroundings): object {
  const object = Object.create({ inherited: 1, a: "from above" }) as object;
  put(object, drawKey(choices), around.value(choices));
  return object;
}

function sparse(choices: Choices): object {
  const array: unknown[] = [];
  array[choices.below(6)] = "there";
  array.length += choices.below(3);
  return array;
}

function arrayWithKeys(choices: Choices, around: Surroundings): object {
  const array = drawArray(choices, around);
  put(array, "extra", "not an element");
  return array;
}

function proxied(choices: Choices, around: Surroundings): object {
  const target = choices.chance(70) ? drawObject(choices, around) : drawArray(choices, around);
  switch (choices.below(4)) {
    case 0:
      return new Proxy(target, {});
    case 1:
      return new Proxy(target, {
        get: (inner, key) => (typeof key === "string" && key.length < 4 ? "from the trap" : Reflect.get(inner, key)),
      });
    case 2:
      return new Proxy({ a: 1, b: 2, c: 3 }, { ownKeys: () => ["c", "a"] });
    default: {
      const { proxy, revoke } = Proxy.revocable(target, {});
      if (choices.chance(50)) revoke();
      return proxy;
    }
  }
}

/** One object reached in several ways, which is no cycle. */
function manyPaths(choices: Choices, around: Surroundings): object {
  const shared = drawObject(choices, around);
  return { left: shared, right: [shared, { again: shared }] };
}

function deep(choices: Choices, around: Surroundings): object {
  let object: object = drawObject(choices, around);
  for (let levels = choices.below(12); levels > 0; levels--) object = choices.chance(30) ? [object] : { down: object };
  return object;
}

import type { Serializers } from "@spillway/core";
import { type FieldRules, NO_TEXT, type Stringify } from "@spillway/wire";
import type { Redaction } from "./redaction.ts";
import { unserializable } from "./stringify.ts";

type Serialize = (value: unknown) => unknown;

/** Serializers and redaction of a logger, in the form the encoder asks for them. Nothing here throws. */
export class LoggerFieldRules implements FieldRules {
  readonly onlyKey: string | undefined;
  readonly keys: ReadonlySet<string> | undefined;
  readonly all: boolean;
  readonly serializers: Serializers;
  readonly #byKey = new Map<string, Serialize>();
  readonly #redaction: Redaction | undefined;

  constructor(serializers: Serializers, errorKey: string, redaction: Redaction | undefined) {
    this.serializers = serializers;
    this.#redaction = redaction;
    for (const key of Object.keys(serializers)) this.#byKey.set(key, serializers[key] as Serialize);
    // The serializer of `err` serves the error key too, whatever it is called.
    const forErrors = serializers["err"] as Serialize | undefined;
    if (forErrors !== undefined && !this.#byKey.has(errorKey)) this.#byKey.set(errorKey, forErrors);
    const names = new Set([...this.#byKey.keys(), ...(redaction?.byKey.keys() ?? [])]);
    this.all = redaction?.anyKey !== undefined;
    const isSimple = redaction === undefined && names.size <= 1;
    this.onlyKey = isSimple ? [...names][0] : undefined;
    this.keys = isSimple ? undefined : names;
  }

  has(key: string): boolean {
    return this.#byKey.has(key) || this.#redaction?.byKey.has(key) === true || this.all;
  }

  serialize(key: string, value: unknown): unknown {
    return apply(this.#byKey.get(key), value);
  }

  /** For bindings and messages: there the serializer of `err` serves no other key. */
  serializeNamed(key: string, value: unknown): unknown {
    return apply(Object.hasOwn(this.serializers, key) ? (this.serializers[key] as Serialize) : undefined, value);
  }

  /** `isBinding`: a number that JSON does not have is redacted as it is, as pino does there. */
  stringify(key: string, value: unknown, isBinding = false): string | undefined | typeof NO_TEXT {
    if (this.#redaction === undefined) return NO_TEXT;
    const redactor = this.#redaction.byKey.get(key) ?? this.#redaction.anyKey;
    if (redactor === undefined) return NO_TEXT;
    try {
      const plain = typeof value === "number" && !isBinding && !Number.isFinite(value) ? null : value;
      const text = redactor(plain);
      return text === undefined ? undefined : `${text}`;
    } catch (error) {
      return JSON.stringify(unserializable(error));
    }
  }

  /** JSON text of an object that printf puts into a message; undefined where JSON has none. */
  inMessage(value: unknown, stringify: Stringify): string | undefined {
    try {
      return this.#redaction === undefined ? stringify(value, false, true) : this.#redaction.whole(value);
    } catch (error) {
      return JSON.stringify(unserializable(error));
    }
  }

  get redacts(): boolean {
    return this.#redaction !== undefined;
  }
}

function apply(serializer: Serialize | undefined, value: unknown): unknown {
  if (serializer === undefined) return value;
  try {
    return serializer(value);
  } catch (error) {
    return unserializable(error);
  }
}

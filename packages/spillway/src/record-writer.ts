import { ConfigError } from "@spillway/core";
import { CONVERT_NONE, type Encoder, NO_TEXT, parseTemplate } from "@spillway/wire";
import stdSerializers from "pino-std-serializers";
import { type LaneWriter, MAX_NESTING } from "./lane-writer.ts";
import type { Level } from "./level-table.ts";
import type { LoggerConfig } from "./logger-config.ts";
import { formatHere } from "./message.ts";
import { unserializable } from "./stringify.ts";

type Fields = Record<string, unknown>;

/** How often a logger's bindings travel inline before they are worth an entry in the dictionary. */
const INTERN_BINDINGS_AFTER = 8;
const NO_ARGS: readonly unknown[] = [];
const getPrototypeOf = Object.getPrototypeOf;
const objectPrototype = Object.prototype;

/**
 * Turns the arguments of a log call into a record in the lane. One per logger: it knows the ids of the logger's
 * configuration and bindings. Hot path; nothing thrown by user code leaves it.
 */
export class RecordWriter {
  readonly config: LoggerConfig;
  readonly lane: LaneWriter;
  readonly hasHook: boolean;
  readonly #configId: number;
  #bindings: string;
  #bindingsId = 0;
  #uses: number;

  /** `isRoot`: the bindings are there to stay and go into the dictionary at once. */
  constructor(lane: LaneWriter, config: LoggerConfig, bindings: string, isRoot: boolean) {
    this.lane = lane;
    this.config = config;
    this.hasHook = config.logMethod !== undefined;
    this.#configId = lane.configId(config.entry);
    if (this.#configId === 0) {
      throw new ConfigError([
        "customLevels, formatters.level: more different sets of levels than the dictionary holds",
      ]);
    }
    this.#bindings = bindings;
    this.#uses = isRoot ? INTERN_BINDINGS_AFTER : 0;
  }

  get bindings(): string {
    return this.#bindings;
  }

  set bindings(text: string) {
    this.#bindings = text;
    this.#bindingsId = 0;
    this.#uses = 0;
  }

  /** A call with at most three arguments; `count`: how many were given. */
  write(level: Level, first: unknown, second: unknown, third: unknown, count: number): void {
    if (this.config.isPlain && this.#writePlainly(level, first, second, third, count)) return;
    const args = [first, second, third];
    args.length = count;
    this.writeAny(level, args);
  }

  /** The forms nearly all calls have. False, having written nothing: it is another one. */
  #writePlainly(level: Level, first: unknown, second: unknown, third: unknown, count: number): boolean {
    if (typeof first === "string") {
      if (count === 1) {
        this.#writeText(level, first);
        return true;
      }
      if (count === 2 && isPlainObject(second) && !first.includes("%")) return this.#writeFields(level, second, first);
      return this.#writeTemplate(level, first, second, third, count - 1);
    }
    return count === 2 && typeof second === "string" && isPlainObject(first) && this.#writeFields(level, first, second);
  }

  #writeTemplate(level: Level, template: string, first: unknown, second: unknown, count: number): boolean {
    if (this.config.rules.redacts) return false;
    const encoder = this.#openPlain(level);
    if (encoder === undefined) return true;
    const known = encoder.template(template);
    if (known === undefined || !encoder.formattedShort(known, first, second, count)) {
      this.lane.abandon();
      return false;
    }
    this.lane.commit(encoder, level);
    return true;
  }

  /** Any call. */
  writeAny(level: Level, args: readonly unknown[]): void {
    try {
      this.#sort(level, args);
    } catch (error) {
      // User code threw outside of a value: a mixin, a formatter, a symbol in a template.
      this.#emit(level, { unserializable: unserializable(error) }, "spillway: a log call could not be read", NO_ARGS);
    }
  }

  #writeText(level: Level, message: string): void {
    const encoder = this.#openPlain(level);
    if (encoder === undefined) return;
    encoder.text(message);
    this.lane.commit(encoder, level);
  }

  /** False, having written nothing: the object is an HTTP request or response. */
  #writeFields(level: Level, fields: Fields, message: string): boolean {
    const encoder = this.#openPlain(level);
    if (encoder === undefined) return true;
    if (this.#fields(encoder, fields, true)) {
      this.lane.abandon();
      return false;
    }
    encoder.text(message);
    this.lane.commit(encoder, level);
    return true;
  }

  /** pino's order of arguments, and `(message, fields)`. */
  #sort(level: Level, args: readonly unknown[]): void {
    const first = args[0];
    let fields: unknown = null;
    let message: unknown;
    let rest: readonly unknown[];
    if (typeof first === "object") {
      fields = first === null ? null : asHttp(first as Fields);
      message = first === null && args.length === 1 ? null : args[1];
      rest = args.slice(2);
    } else {
      const skipped = first === undefined ? 1 : 0;
      message = args[skipped];
      rest = args.slice(skipped + 1);
      if (typeof first === "string" && isMessageWithFields(first, rest)) {
        fields = asHttp(rest[0] as Fields);
        rest = NO_ARGS;
      }
    }
    const prefix = this.config.messagePrefix;
    if (prefix !== undefined && message !== undefined && message !== null) message = prefix + (message as string);
    this.#merge(level, fields, message, rest);
  }

  #merge(level: Level, given: unknown, message: unknown, args: readonly unknown[]): void {
    const { config } = this;
    let fields: Fields;
    let text = message;
    // A message that is taken from an error is no template.
    const rest = message === undefined ? NO_ARGS : args;
    if (given === null || given === undefined) {
      fields = {};
    } else if (given instanceof Error) {
      fields = { [config.errorKey]: given };
      if (text === undefined) text = given.message;
    } else {
      fields = given as Fields;
      if (text === undefined && fields[config.messageKey] === undefined && fields[config.errorKey]) {
        text = (fields[config.errorKey] as Error).message;
      }
    }
    if (config.mixin !== undefined) fields = config.merge(fields, config.mixin(fields, level.value, this)) as Fields;
    if (config.formatters.log !== undefined) fields = config.formatters.log(fields);
    this.#emit(level, fields, text, rest);
  }

  #emit(level: Level, fields: Fields, message: unknown, args: readonly unknown[]): void {
    const timeText = this.#timeText();
    const encoder =
      timeText === undefined
        ? this.#openPlain(level)
        : this.lane.openInline(level, this.#configId, timeText + this.#bindings);
    if (encoder === undefined) return;
    try {
      if (this.lane.depth <= MAX_NESTING) this.#fields(encoder, fields, false);
      this.#message(encoder, message, args);
    } catch (error) {
      this.lane.abandon();
      throw error;
    }
    this.lane.commit(encoder, level);
  }

  /** The time as a function of the user's has it; without a time if it throws. */
  #timeText(): string | undefined {
    if (this.config.timeText === undefined) return undefined;
    try {
      return this.config.timeText();
    } catch {
      return "";
    }
  }

  #message(encoder: Encoder, message: unknown, args: readonly unknown[]): void {
    const { config } = this;
    if (args.length > 0 && typeof message === "string" && message.includes("%")) {
      const known = config.rules.has(config.messageKey) || config.rules.redacts ? undefined : encoder.template(message);
      if (known !== undefined && encoder.formatted(known, args)) return;
    }
    let value = args.length === 0 && typeof message !== "object" ? message : formatHere(config, message, args);
    const { rules, messageKey } = config;
    if (value !== undefined && rules.has(messageKey)) {
      value = rules.serializeNamed(messageKey, value);
      const text = typeof value === "function" ? NO_TEXT : rules.stringify(messageKey, value);
      if (typeof text === "string") {
        encoder.json(text);
        return;
      }
      // The message is redacted by being left out.
      if (text === undefined) value = undefined;
    }
    if (typeof value === "string") encoder.text(value);
    else if (!encoder.value(value)) encoder.noMessage();
  }

  /** A getter or proxy that throws on the first level spoils its own field, not the record. */
  #fields(encoder: Encoder, fields: Fields, mayBeHttp: boolean): boolean {
    const mark = encoder.target.mark();
    try {
      return encoder.fields(fields, this.config.rules, mayBeHttp);
    } catch {
      encoder.target.rewind(mark);
      return encoder.fields(readSafely(fields), this.config.rules, mayBeHttp);
    }
  }

  /** Opens a record of a logger whose time is no function's. */
  #openPlain(level: Level): Encoder | undefined {
    return this.#bindingsId !== 0 ? this.lane.open(level, this.#configId, this.#bindingsId) : this.#openUnbound(level);
  }

  /** The bindings have no id yet: they travel inline, until they have been used often enough to be worth one. */
  #openUnbound(level: Level): Encoder | undefined {
    const bindings = this.#bindings;
    if (bindings === "") return this.lane.open(level, this.#configId, 0);
    if (++this.#uses > INTERN_BINDINGS_AFTER && bindings.isWellFormed()) {
      this.#bindingsId = this.lane.texts.intern(bindings);
      if (this.#bindingsId !== 0) return this.lane.open(level, this.#configId, this.#bindingsId);
      // No room: not asked again soon.
      this.#uses = -1_000_000;
    }
    return this.lane.openInline(level, this.#configId, bindings);
  }
}

function isPlainObject(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  try {
    return getPrototypeOf(value) === objectPrototype;
  } catch {
    // A proxy that does not even tell its prototype.
    return false;
  }
}

function asHttp(fields: Fields): Fields {
  if (fields["method"] && fields["headers"] && fields["socket"])
    return stdSerializers.mapHttpRequest(fields as never) as unknown as Fields;
  if (typeof fields["setHeader"] === "function")
    return stdSerializers.mapHttpResponse(fields as never) as unknown as Fields;
  return fields;
}

/** `(message, fields)`: a message without conversions, followed by exactly one object. */
function isMessageWithFields(message: string, rest: readonly unknown[]): boolean {
  const [only] = rest;
  return rest.length === 1 && !hasConversions(message) && isFields(only);
}

function isFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    return isPlainObject(value) || getPrototypeOf(value) === null || value instanceof Error;
  } catch {
    // A proxy that does not even tell its prototype.
    return false;
  }
}

function hasConversions(message: string): boolean {
  return message.includes("%") && parseTemplate(message).some((conversion) => conversion !== CONVERT_NONE);
}

function readSafely(fields: Fields): Fields {
  const read: Fields = Object.create(null) as Fields;
  try {
    for (const key of Object.keys(fields)) {
      try {
        read[key] = fields[key];
      } catch (error) {
        read[key] = unserializable(error);
      }
    }
  } catch (error) {
    read["unserializable"] = unserializable(error);
  }
  return read;
}

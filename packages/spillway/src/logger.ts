import type { Accounts, ChildOptions, Durability, Formatters, LoggerOptions } from "@spillway/core";
import { ConfigError } from "@spillway/core";
import type { MetricsSnapshot } from "@spillway/metrics";
import { bindingsText } from "./bindings.ts";
import { LevelCell } from "./level-cell.ts";
import type { Level } from "./level-table.ts";
import { childConfig, type LoggerConfig } from "./logger-config.ts";
import { RecordWriter } from "./record-writer.ts";

/** pino's call forms, and a message followed by fields. Never throws, answers nothing. */
export interface LogMethod {
  (fields: object | null | undefined, message?: unknown, ...args: unknown[]): void;
  (message: string, fields: object): void;
  (message?: unknown, ...args: unknown[]): void;
}

/** What a logger and its children have in common. */
export interface LoggerShared {
  readonly options: LoggerOptions;
  readonly flushTimeoutMs: number;
  readonly durable: () => Promise<void>;
  readonly flush: () => Promise<void>;
  readonly shutdown: () => Promise<void>;
}

/** @internal */
export interface LoggerState {
  readonly shared: LoggerShared;
  readonly writer: RecordWriter;
  readonly cell: LevelCell;
  readonly isCellOurs: boolean;
  readonly formatBindings: Formatters["bindings"];
}

/**
 * What an application logs with. A call at an enabled level copies its values into the ring and returns; nothing it is
 * given can make it throw. After `shutdown()` a call writes nothing and counts as dropped `closed`.
 */
export class Logger {
  readonly #shared: LoggerShared;
  readonly #writer: RecordWriter;
  /** The parent's, as long as this logger has neither children nor a level of its own. */
  #cell: LevelCell;
  #isCellOurs: boolean;
  readonly #formatBindings: Formatters["bindings"];

  declare readonly trace: LogMethod;
  declare readonly debug: LogMethod;
  declare readonly info: LogMethod;
  declare readonly warn: LogMethod;
  declare readonly error: LogMethod;
  declare readonly fatal: LogMethod;
  /** The same as `warn`. */
  declare readonly warning: LogMethod;
  /** The same as `fatal`. */
  declare readonly critical: LogMethod;
  /** The same as `error`. */
  declare readonly exception: LogMethod;

  constructor(state: LoggerState) {
    this.#shared = state.shared;
    this.#writer = state.writer;
    this.#cell = state.cell;
    this.#isCellOurs = state.isCellOurs;
    this.#formatBindings = state.formatBindings;
  }

  /** Writes nothing. */
  silent(): void {}

  /** The name of the threshold. Setting it gives this logger, and children made from it later, one of their own. */
  get level(): string {
    return this.#config.levels.labelOf(this.#cell.threshold);
  }

  set level(name: string) {
    const threshold = thresholdOf(this.#config, name);
    this.#ownCell().set(this.#writer.lane.engine.share.memory, threshold);
  }

  get levelVal(): number {
    return this.#cell.threshold;
  }

  get levels(): { readonly values: Record<string, number>; readonly labels: Record<number, string> } {
    const all = this.#config.levels.all;
    return {
      values: Object.fromEntries(all.map(({ label, value }) => [label, value])),
      labels: Object.fromEntries(all.map(({ label, value }) => [value, label])),
    };
  }

  get msgPrefix(): string | undefined {
    return this.#config.messagePrefix;
  }

  isLevelEnabled(name: string): boolean {
    const threshold = this.#config.levels.threshold(name);
    return threshold !== undefined && threshold >= this.#cell.threshold;
  }

  /**
   * A logger whose records carry `bindings` too. It follows this one's level until it is given its own, here or later.
   */
  child(bindings: object, options: ChildOptions = {}): this {
    if (typeof bindings !== "object" || bindings === null) {
      throw new ConfigError(["child: bindings must be an object, for example log.child({ requestId })"]);
    }
    const config = hasConfig(options) ? childConfig(this.#config, options, this.#shared.options) : this.#config;
    const formatted = options.formatters?.bindings?.(bindings as Record<string, unknown>) ?? bindings;
    const text = this.#writer.bindings + bindingsText(formatted, config.rules, config.stringify);
    const writer = new RecordWriter(this.#writer.lane, config, text, false);
    const threshold = options.level === undefined ? undefined : thresholdOf(config, options.level);
    const cell =
      threshold === undefined ? this.#ownCell() : LevelCell.own(this.#writer.lane.engine.share.memory, threshold);
    const child = makeLogger({
      shared: this.#shared,
      writer,
      cell,
      isCellOurs: threshold !== undefined,
      formatBindings: options.formatters?.bindings,
    }) as this;
    this.#config.onChild?.(child);
    return child;
  }

  /** The bindings of this logger and its parents, without pid and hostname. */
  bindings(): Record<string, unknown> {
    const {
      pid: _pid,
      hostname: _hostname,
      ...rest
    } = JSON.parse(`{${this.#writer.bindings.slice(1)}}`) as Record<string, unknown>;
    return rest;
  }

  /** Adds bindings to this logger; children that exist already keep theirs. */
  setBindings(bindings: object): void {
    const formatted = this.#formatBindings?.(bindings as Record<string, unknown>) ?? bindings;
    this.#writer.bindings += bindingsText(formatted, this.#config.rules, this.#config.stringify);
  }

  /**
   * Resolves when everything logged before the call has been acked by every sink. Rejects with
   * `ERR_SPILLWAY_FLUSH_TIMEOUT` after `flushTimeoutMs`.
   */
  async flush(): Promise<void> {
    await this.#shared.flush();
  }

  /**
   * Resolves when all critical records that this thread has logged are on the disk, in the write-ahead log; at once
   * without the option `critical`. Rejects with `ERR_SPILLWAY_UNDURABLE` when some of those since the last call cannot be
   * put there: they are counted in `accounts().undurable`, and go to the sinks all the same.
   */
  async durable(): Promise<void> {
    await this.#shared.durable();
  }

  /** Flushes, closes the sinks and ends the drain threads. Idempotent. */
  async shutdown(): Promise<void> {
    await this.#shared.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Where every record went, over all threads that log through the same engine. */
  accounts(): Accounts {
    return this.#writer.lane.engine.accounts();
  }

  metrics(): MetricsSnapshot {
    return this.#writer.lane.engine.metrics();
  }

  /** How a record whose call has returned survives a kill of the process. */
  get durability(): Durability {
    return this.#writer.lane.engine.durability;
  }

  #ownCell(): LevelCell {
    if (!this.#isCellOurs) {
      this.#cell = this.#cell.follower();
      this.#isCellOurs = true;
    }
    return this.#cell;
  }

  get #config(): LoggerConfig {
    return this.#writer.config;
  }

  /** @internal The method of a custom level. */
  static method(level: Level): LogMethod {
    const long = longMethod(level);
    return function log(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
      const cell = this.#cell;
      if (level.value < cell.words[cell.index]!) return;
      if (arguments.length > 3 || this.#writer.hasHook) long.apply(this, arguments as unknown as unknown[]);
      else this.#writer.write(level, first, second, third, arguments.length);
    };
  }

  /**
   * @internal The methods of the default levels, each a function of its own though they read the same: V8 keeps what it
   * learns per function. So a level that is off has a body V8 has never seen run, and at such a call it does not even
   * make the arguments. `arguments` is only counted or handed on whole: nothing is allocated for it, where a rest
   * parameter costs an array per call.
   */
  static defaultMethods(levels: readonly Level[]): LogMethod[] {
    const [TRACE, DEBUG, INFO, WARN, ERROR, FATAL] = levels as [Level, Level, Level, Level, Level, Level];
    const [longTrace, longDebug, longInfo, longWarn, longError, longFatal] = levels.map(longMethod) as LongMethods;
    return [
      function trace(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (TRACE.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longTrace.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(TRACE, first, second, third, arguments.length);
      },
      function debug(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (DEBUG.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longDebug.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(DEBUG, first, second, third, arguments.length);
      },
      function info(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (INFO.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longInfo.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(INFO, first, second, third, arguments.length);
      },
      function warn(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (WARN.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longWarn.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(WARN, first, second, third, arguments.length);
      },
      function error(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (ERROR.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longError.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(ERROR, first, second, third, arguments.length);
      },
      function fatal(this: Logger, first?: unknown, second?: unknown, third?: unknown): void {
        const cell = this.#cell;
        if (FATAL.value < cell.words[cell.index]!) return;
        if (arguments.length > 3 || this.#writer.hasHook) longFatal.apply(this, arguments as unknown as unknown[]);
        else this.#writer.write(FATAL, first, second, third, arguments.length);
      },
    ];
  }

  /** @internal */
  static writerOf(logger: Logger): RecordWriter {
    return logger.#writer;
  }
}

type LongMethod = (this: Logger, ...args: unknown[]) => void;
type LongMethods = [LongMethod, LongMethod, LongMethod, LongMethod, LongMethod, LongMethod];

/** The rare forms: three arguments and more, or a hook of the user's in between. */
function longMethod(level: Level): LongMethod {
  return function (this: Logger, ...args: unknown[]): void {
    const writer = Logger.writerOf(this);
    const hook = writer.config.logMethod;
    if (hook === undefined) {
      writer.writeAny(level, args);
      return;
    }
    let hasWritten = false;
    const method = (...given: unknown[]): void => {
      hasWritten = true;
      writer.writeAny(level, given);
    };
    try {
      hook.call(this, args, method, level.value);
    } catch {
      // The hook is the user's; a record it did not write goes out as it was given.
      if (!hasWritten) writer.writeAny(level, args);
    }
  };
}

/** A logger with the methods of its levels. Those everybody has stand on the prototype. */
export function makeLogger(state: LoggerState): Logger {
  const logger = new Logger(state);
  const levels = state.writer.config.levels;
  if (isDefaultTable(levels.all)) return logger;
  for (const level of levels.all) define(logger, level.label, Logger.method(level));
  return logger;
}

const defaultLabels = ["trace", "debug", "info", "warn", "error", "fatal"];

function isDefaultTable(levels: readonly Level[]): boolean {
  return levels.length === defaultLabels.length && levels.every(({ label, index }) => label === defaultLabels[index]);
}

function define(target: object, name: string, value: LogMethod): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Puts the methods of the default levels on the prototype, and their other names. */
export function defineDefaultMethods(levels: readonly Level[], aliases: Readonly<Record<string, string>>): void {
  const methods = Logger.defaultMethods(levels);
  for (const [index, level] of levels.entries()) {
    define(Logger.prototype, level.label, methods[index]!);
    for (const [alias, label] of Object.entries(aliases)) {
      if (label === level.label) define(Logger.prototype, alias, methods[index]!);
    }
  }
}

function hasConfig(options: ChildOptions): boolean {
  return (
    options.serializers !== undefined ||
    options.formatters !== undefined ||
    options.redact !== undefined ||
    options.customLevels !== undefined ||
    options.msgPrefix !== undefined
  );
}

function thresholdOf(config: LoggerConfig, name: string): number {
  const threshold = config.levels.threshold(name);
  if (threshold === undefined)
    throw new ConfigError([`level: unknown level ${JSON.stringify(name)}; expected one of ${config.levels.names}`]);
  return threshold;
}

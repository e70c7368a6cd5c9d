import { hostname } from "node:os";
import type { ChildOptions, Formatters, LoggerConfigEntry, LoggerOptions, Serializers } from "@spillway/core";
import type { Stringify } from "@spillway/wire";
import standard from "pino-std-serializers";
import { LoggerFieldRules } from "./field-rules.ts";
import { LevelTable } from "./level-table.ts";
import { makeRedaction } from "./redaction.ts";
import { makeStringify } from "./stringify.ts";
import { ownTimeText, timeKind } from "./times.ts";

type Mixin = NonNullable<LoggerOptions["mixin"]>;
type Merge = NonNullable<LoggerOptions["mixinMergeStrategy"]>;
type LogMethod = NonNullable<LoggerOptions["hooks"]>["logMethod"];

/** What loggers of one configuration share: everything that is decided when they are made, not at a call. */
export interface LoggerConfig {
  readonly levels: LevelTable;
  readonly rules: LoggerFieldRules;
  readonly stringify: Stringify;
  readonly formatters: Formatters;
  /** As it was given, for children to inherit. */
  readonly redact: LoggerOptions["redact"];
  readonly messageKey: string;
  readonly errorKey: string;
  /** Put in front of every message; the empty text makes texts of them all. */
  readonly messagePrefix: string | undefined;
  readonly mixin: Mixin | undefined;
  readonly merge: Merge;
  readonly logMethod: LogMethod;
  readonly onChild: ((child: unknown) => void) | undefined;
  /** The text of the time, where a function of the user's makes it. */
  readonly timeText: (() => string) | undefined;
  /** Whether a call needs user code before its fields can be written: mixin, formatters.log, a message with a rule. */
  readonly isPlain: boolean;
  /** What the worker must know, as it stands in the dictionary. */
  readonly entry: string;
}

const DEFAULT_SERIALIZERS: Serializers = { err: standard.err as (value: never) => unknown };

interface Parts {
  readonly levels: LevelTable;
  readonly serializers: Serializers;
  readonly formatters: Formatters;
  readonly redact: LoggerOptions["redact"];
  readonly messagePrefix: string | undefined;
}

export function makeLoggerConfig(options: LoggerOptions): LoggerConfig {
  const parts: Parts = {
    levels: new LevelTable(options.customLevels, options.useOnlyCustomLevels === true),
    serializers: { ...DEFAULT_SERIALIZERS, ...options.serializers },
    formatters: options.formatters ?? {},
    redact: options.redact,
    messagePrefix: options.msgPrefix,
  };
  return assemble(options, parts, makeStringify(options.depthLimit ?? 5, options.edgeLimit ?? 100));
}

/** The configuration of a child that has options of its own. */
export function childConfig(parent: LoggerConfig, options: ChildOptions, root: LoggerOptions): LoggerConfig {
  const { formatters = {} } = options;
  return assemble(
    root,
    {
      levels:
        options.customLevels === undefined
          ? parent.levels
          : new LevelTable(options.customLevels, root.useOnlyCustomLevels === true),
      serializers: { ...parent.rules.serializers, ...options.serializers },
      formatters: {
        ...(parent.formatters.level && { level: parent.formatters.level }),
        ...(parent.formatters.log && { log: parent.formatters.log }),
        ...formatters,
      },
      redact: options.redact ?? parent.redact,
      messagePrefix:
        options.msgPrefix === undefined ? parent.messagePrefix : (parent.messagePrefix ?? "") + options.msgPrefix,
    },
    parent.stringify,
  );
}

/** The bindings every line of a root logger has: base and name. */
export function rootBindings(options: LoggerOptions): object | null {
  if (options.base === null) return null;
  const base =
    options.base === undefined && !("base" in options)
      ? { pid: process.pid, hostname: hostname() }
      : (options.base ?? {});
  return options.name === undefined ? base : { ...base, name: options.name };
}

function assemble(options: LoggerOptions, parts: Parts, stringify: Stringify): LoggerConfig {
  const { formatters, levels, messagePrefix } = parts;
  const errorKey = options.errorKey ?? "err";
  const messageKey = options.messageKey ?? "msg";
  const redaction = parts.redact === undefined ? undefined : makeRedaction(parts.redact, stringify);
  const rules = new LoggerFieldRules(parts.serializers, errorKey, redaction);
  return {
    levels,
    rules,
    stringify,
    formatters,
    redact: parts.redact,
    messageKey,
    errorKey,
    messagePrefix,
    mixin: options.mixin,
    merge: options.mixinMergeStrategy ?? ((fields, mixed) => Object.assign(mixed, fields)),
    logMethod: options.hooks?.logMethod,
    onChild: options.onChild,
    timeText: ownTimeText(options.timestamp),
    isPlain:
      options.mixin === undefined &&
      formatters.log === undefined &&
      messagePrefix === undefined &&
      !rules.has(messageKey) &&
      ownTimeText(options.timestamp) === undefined,
    entry: JSON.stringify(dictionaryEntry(options, levels, formatters, messageKey)),
  };
}

function dictionaryEntry(
  options: LoggerOptions,
  levels: LevelTable,
  formatters: Formatters,
  messageKey: string,
): LoggerConfigEntry {
  const time = timeKind(options.timestamp);
  return {
    levels: levels.all.map(({ label, value }) => ({
      value,
      label,
      open: JSON.stringify(formatters.level?.(label, value) ?? { level: value }).slice(0, -1),
    })),
    timeOpen: time === "none" ? "" : ',"time":',
    time,
    messageKey,
    nestedOpen: options.nestedKey ? `,${JSON.stringify(options.nestedKey)}:{` : "",
    end: options.crlf === true ? "}\r\n" : "}\n",
    // The name stands in the bindings. Here it would make an entry of every logger.
    name: "",
  };
}

import { resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { DEFAULTS, LEVEL_ALIASES, type LoggerOptions, type NamedSinkSpec, SILENT } from "@spillway/core";
import {
  type CriticalPlan,
  type Engine,
  engineFor,
  engineWithoutLane,
  forgetEngine,
  onExit,
  planCrashSafety,
  planCritical,
} from "@spillway/host";
import { tellStderr } from "@spillway/metrics";
import { bindingsText } from "./bindings.ts";
import { checkOptions } from "./check-options.ts";
import { drainCode } from "./drain-code.ts";
import { sweepLater } from "./far-file.ts";
import { LaneWriter } from "./lane-writer.ts";
import { LevelCell } from "./level-cell.ts";
import { LevelTable } from "./level-table.ts";
import { defineDefaultMethods, type Logger, type LogMethod, makeLogger } from "./logger.ts";
import { makeLoggerConfig, rootBindings } from "./logger-config.ts";
import { RecordWriter } from "./record-writer.ts";
import { makeStringify } from "./stringify.ts";

defineDefaultMethods(new LevelTable(undefined, false).all, LEVEL_ALIASES);

/** A logger with the methods of custom levels. */
export type CustomLogger<Custom extends string> = Logger & { readonly [Name in Custom]: LogMethod };

const WARN = 40;

const writers = new WeakMap<Engine, LaneWriter>();

/**
 * Makes a logger, synchronously. Its records go to `options.sinks`, or as JSON lines to stdout. Loggers with the same
 * sinks share an engine: its memory and its drain threads. Throws `ERR_SPILLWAY_CONFIG` with all that is wrong.
 */
export function createLogger<Custom extends string = never>(
  options: LoggerOptions & { readonly customLevels?: Readonly<Record<Custom, number>> } = {},
): CustomLogger<Custom> {
  checkOptions(options);
  const config = makeLoggerConfig(options);
  const trouble = guarded(options.onTrouble);
  const sinks = namedSinks(options);
  const crashSafety = planCrashSafety(sinks, options.crashSafety);
  const critical = planCritical(options.critical, (level) => config.levels.threshold(level), sinks, crashSafety);
  const found = engineFor({
    sinks,
    isDefault: options.sinks === undefined,
    options: {
      ringBytes: options.ringBytes ?? DEFAULTS.ringBytes,
      lanes: options.lanes ?? DEFAULTS.lanes,
      whenFull: options.whenFull ?? (crashSafety === undefined ? DEFAULTS.whenFull : "spill"),
      spillCap: options.spillCap ?? DEFAULTS.spillCap,
      dropBelow: config.levels.threshold(options.dropBelow ?? "warn") ?? WARN,
      maxBlockMs: options.maxBlockMs ?? DEFAULTS.maxBlockMs,
      exitTimeoutMs: options.exitTimeoutMs ?? DEFAULTS.exitTimeoutMs,
      flushTimeoutMs: options.flushTimeoutMs ?? DEFAULTS.flushTimeoutMs,
      parkAfterMs: options.parkAfterMs ?? DEFAULTS.parkAfterMs,
      sync: options.sync ?? false,
    },
    handleSignals: options.handleSignals === true,
    crashSafety,
    critical,
    code: drainCode,
    trouble,
  });
  tellIgnored(found, options, critical, trouble);
  const lane = writerFor(found, options);
  const { engine } = lane;
  const base = rootBindings(options);
  const bound = base === null ? null : (config.formatters.bindings?.(base as Record<string, unknown>) ?? base);
  const text = bound === null ? "" : bindingsText(bound, config.rules, config.stringify);
  const level = options.enabled === false ? "silent" : (options.level ?? "info");
  const cell = LevelCell.own(engine.share.memory, config.levels.threshold(level) ?? SILENT);
  const flushTimeoutMs = options.flushTimeoutMs ?? DEFAULTS.flushTimeoutMs;
  const shared = {
    options,
    flushTimeoutMs,
    durable: () => lane.durable(),
    flush: () => {
      lane.reportDrops();
      return engine.flush(flushTimeoutMs);
    },
    shutdown: () => shutdown(engine, lane, flushTimeoutMs),
  };
  const logger = makeLogger({
    shared,
    writer: new RecordWriter(lane, config, text, true),
    cell,
    isCellOurs: true,
    formatBindings: config.formatters.bindings,
  });
  return logger as CustomLogger<Custom>;
}

/** What belongs to the engine, so that of loggers with the same sinks the first one decides. */
const ENGINE_OPTIONS = ["ringBytes", "lanes", "whenFull", "maxBlockMs", "exitTimeoutMs", "parkAfterMs"] as const;

const hasTold = new WeakSet<Engine>();

/** Says, once for an engine, which options were asked for in vain. */
function tellIgnored(
  engine: Engine,
  options: LoggerOptions,
  asked: CriticalPlan | undefined,
  trouble: (message: string) => void,
): void {
  if (hasTold.has(engine)) return;
  const inForce = engine.share.options;
  const { critical } = engine.share;
  if (asked !== undefined && JSON.stringify(asked) !== JSON.stringify(critical)) {
    hasTold.add(engine);
    const inForceNow = critical === undefined ? "no record is critical" : `logs at ${critical.stem}`;
    trouble(`a logger with the same sinks was there first, and decided what is critical: ${inForceNow}`);
    return;
  }
  const ignored = ENGINE_OPTIONS.filter((name) => options[name] !== undefined && options[name] !== inForce[name]);
  if (ignored.length === 0) return;
  hasTold.add(engine);
  const differences = ignored.map((name) => `${name} stays ${inForce[name]}, not ${options[name]}`).join("; ");
  trouble(`a logger with the same sinks was there first, and its options are in force: ${differences}`);
}

/** This thread's writing end of the engine; of one of its own, where all lanes are taken. */
function writerFor(engine: Engine, options: LoggerOptions): LaneWriter {
  const known = writers.get(engine);
  if (known !== undefined) return known;
  const lane = engine.claimLane();
  if (lane === undefined) return writerFor(engineWithoutLane(engine, drainCode, engine.trouble), options);
  const writer = new LaneWriter(engine, lane, makeStringify(options.depthLimit ?? 5, options.edgeLimit ?? 100));
  writers.set(engine, writer);
  onExit(engine, writer.finish);
  if (engine.isOwner) sweepLater(engine.share.sinks, engine.share.crashSafety?.folder);
  return writer;
}

const endings = new WeakMap<Engine, Promise<void>>();

function shutdown(engine: Engine, lane: LaneWriter, flushTimeoutMs: number): Promise<void> {
  const known = endings.get(engine);
  if (known !== undefined) return known;
  lane.reportDrops();
  const ending = engine.flush(flushTimeoutMs).finally(async () => {
    await engine.close();
    lane.close();
    if (!engine.isOwner) {
      await lane.closeCritical();
      engine.releaseLanes(threadId);
    }
    // What could not be delivered is tried once more when the process ends.
    if (!engine.isOwner || !engine.hasPending) forgetEngine(engine);
  });
  endings.set(engine, ending);
  return ending;
}

function namedSinks(options: LoggerOptions): NamedSinkSpec[] {
  if (options.sinks === undefined) return [{ name: "stdout", spec: { type: "stdout" } }];
  return Object.entries(options.sinks).map(([name, spec]) => ({
    name,
    spec: spec.type === "file" ? { ...spec, path: resolve(spec.path) } : spec,
  }));
}

/** The user's own function must neither throw into the pipeline that has something to tell, nor log from within it. */
function guarded(onTrouble: LoggerOptions["onTrouble"]): (message: string) => void {
  if (onTrouble === undefined) return tellStderr;
  return (message) => {
    try {
      onTrouble(message);
    } catch {
      tellStderr(message);
    }
  };
}

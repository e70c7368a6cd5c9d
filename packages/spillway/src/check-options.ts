import {
  CONTROL_BYTES,
  ConfigError,
  DEFAULTS,
  type LoggerOptions,
  MAX_RING_BYTES,
  MAX_SINKS,
  MIN_RING_BYTES,
} from "@spillway/core";
import { laneBytes } from "@spillway/ring";
import { checkCritical } from "./check-critical.ts";
import { LevelTable } from "./level-table.ts";

const OPTIONS: ReadonlySet<string> = new Set([
  ...[
    "sinks",
    "ringBytes",
    "lanes",
    "whenFull",
    "maxBlockMs",
    "exitTimeoutMs",
    "flushTimeoutMs",
    "parkAfterMs",
    "sync",
    "crashSafety",
    "critical",
    "handleSignals",
    "spillCap",
    "dropBelow",
  ],
  ...["name", "level", "base", "timestamp", "messageKey", "errorKey", "nestedKey", "msgPrefix", "serializers"],
  ...["mixin", "mixinMergeStrategy", "formatters", "redact", "depthLimit", "edgeLimit", "customLevels"],
  ...["useOnlyCustomLevels", "crlf", "enabled", "hooks", "onChild", "onTrouble"],
]);
const SINK_TYPES = ["file", "stdout", "stderr", "null", "module"];
const DURABILITIES = ["auto", "mmap", "mirror", "none"];
const MIN_SPILL_CAP = 1024 * 1024;
const MAX_LANES = 255;
/** Places in the memory are computed as 32-bit numbers. */
const MAX_MEMORY = 2 ** 32;
/** The longest a timer can be set for. */
const MAX_MS = 2 ** 31 - 1;

/** Throws a ConfigError that lists everything wrong with the options, each with its path and what was expected. */
export function checkOptions(options: LoggerOptions): void {
  const problems: string[] = [];
  if (typeof options !== "object" || options === null) throw new ConfigError(["options: expected an object"]);
  checkNames(options, problems);
  checkSinks(options, problems);
  checkNumbers(options, problems);
  checkLevels(options, problems);
  checkCrashSafety(options, problems);
  checkCritical(options, problems);
  checkFunctions(options, problems);
  if (problems.length > 0) throw new ConfigError(problems);
}

function checkNames(options: LoggerOptions, problems: string[]): void {
  for (const name of Object.keys(options)) {
    if (OPTIONS.has(name)) continue;
    const nearest = [...OPTIONS].find((known) => areAlike(known.toLowerCase(), name.toLowerCase()));
    problems.push(`${name}: no such option${nearest === undefined ? "" : `; did you mean ${nearest}?`}`);
  }
}

/** Whether one is the other but for a letter or two at the end, or at one place. */
function areAlike(known: string, given: string): boolean {
  if (Math.abs(known.length - given.length) > 2) return false;
  let start = 0;
  while (start < known.length && known[start] === given[start]) start++;
  let end = 0;
  while (end < known.length - start && known.at(-1 - end) === given.at(-1 - end)) end++;
  return start + end >= Math.max(known.length, given.length) - 2;
}

function checkSinks(options: LoggerOptions, problems: string[]): void {
  if (options.sinks === undefined) return;
  if (typeof options.sinks !== "object" || options.sinks === null) {
    problems.push("sinks: expected an object of sinks by name, such as { out: { type: 'file', path: 'app.log' } }");
    return;
  }
  const entries = Object.entries(options.sinks);
  if (entries.length > MAX_SINKS) problems.push(`sinks: ${entries.length} sinks; at most ${MAX_SINKS}`);
  for (const [name, spec] of entries) {
    if (!SINK_TYPES.includes(spec?.type)) {
      problems.push(`sinks.${name}.type: ${JSON.stringify(spec?.type)} is none of ${SINK_TYPES.join(", ")}`);
    } else if (
      spec.type === "file" &&
      (typeof spec.path !== "string" || spec.path === "" || spec.path.includes("\0"))
    ) {
      problems.push(`sinks.${name}.path: expected the path of a file`);
    } else if (spec.type === "module" && !(typeof spec.module === "string" && spec.module.startsWith("file:"))) {
      problems.push(`sinks.${name}.module: expected a file: URL, such as new URL('./sink.js', import.meta.url).href`);
    }
  }
}

function checkNumbers(options: LoggerOptions, problems: string[]): void {
  const { ringBytes, lanes } = options;
  if (
    ringBytes !== undefined &&
    !(isWhole(ringBytes, MIN_RING_BYTES, MAX_RING_BYTES) && Math.log2(ringBytes) % 1 === 0)
  ) {
    problems.push(`ringBytes: expected a power of two from ${MIN_RING_BYTES} to ${MAX_RING_BYTES}, got ${ringBytes}`);
  }
  if (lanes !== undefined && !isWhole(lanes, 0, MAX_LANES))
    problems.push(`lanes: expected 0 to ${MAX_LANES}, got ${lanes}`);
  const bytes = CONTROL_BYTES + ((lanes ?? DEFAULTS.lanes) + 1) * laneBytes(ringBytes ?? DEFAULTS.ringBytes);
  if (bytes > MAX_MEMORY) problems.push(`ringBytes: ${bytes} bytes for all lanes together; at most ${MAX_MEMORY}`);
  if (options.spillCap !== undefined && !isWhole(options.spillCap, MIN_SPILL_CAP, Number.MAX_SAFE_INTEGER)) {
    problems.push(`spillCap: expected bytes, ${MIN_SPILL_CAP} at least, got ${String(options.spillCap)}`);
  }
  for (const name of ["maxBlockMs", "exitTimeoutMs", "flushTimeoutMs", "parkAfterMs"] as const) {
    const value = options[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0 && value <= MAX_MS)) {
      problems.push(`${name}: expected milliseconds, got ${String(value)}`);
    }
  }
  if (
    options.whenFull !== undefined &&
    options.whenFull !== "block" &&
    options.whenFull !== "drop" &&
    options.whenFull !== "spill"
  ) {
    problems.push(`whenFull: expected 'spill', 'block' or 'drop', got ${JSON.stringify(options.whenFull)}`);
  }
}

function checkCrashSafety({ crashSafety }: LoggerOptions, problems: string[]): void {
  if (crashSafety === undefined || crashSafety === false) return;
  if (typeof crashSafety !== "object" || crashSafety === null) {
    problems.push("crashSafety: expected false or an object, such as { tier: 'mmap' }");
    return;
  }
  const { dir, tier } = crashSafety;
  if (tier !== undefined && !DURABILITIES.includes(tier)) {
    problems.push(`crashSafety.tier: ${JSON.stringify(tier)} is none of ${DURABILITIES.join(", ")}`);
  }
  if (dir !== undefined && (typeof dir !== "string" || dir === "" || dir.includes("\0"))) {
    problems.push("crashSafety.dir: expected the path of a folder");
  }
  for (const name of Object.keys(crashSafety)) {
    if (name !== "dir" && name !== "tier") problems.push(`crashSafety.${name}: no such option; there are dir and tier`);
  }
}

function checkLevels(options: LoggerOptions, problems: string[]): void {
  const { customLevels, level } = options;
  for (const [label, value] of Object.entries(customLevels ?? {})) {
    if (!isWhole(value, 1, 2 ** 30))
      problems.push(`customLevels.${label}: expected a whole number above 0, got ${String(value)}`);
  }
  if (options.useOnlyCustomLevels === true && customLevels === undefined) {
    problems.push("useOnlyCustomLevels: customLevels is required with it");
    return;
  }
  const table = new LevelTable(customLevels, options.useOnlyCustomLevels === true);
  const { dropBelow } = options;
  if (dropBelow !== undefined && table.threshold(dropBelow) === undefined) {
    problems.push(`dropBelow: unknown level ${JSON.stringify(dropBelow)}; expected one of ${table.names}`);
  }
  if (level !== undefined && table.threshold(level) === undefined) {
    problems.push(`level: unknown level ${JSON.stringify(level)}; expected one of ${table.names}`);
  }
}

function checkFunctions(options: LoggerOptions, problems: string[]): void {
  if (options.mixin !== undefined && typeof options.mixin !== "function") {
    problems.push(`mixin: expected a function, got ${typeof options.mixin}`);
  }
  if (options.onTrouble !== undefined && typeof options.onTrouble !== "function") {
    problems.push(`onTrouble: expected a function, got ${typeof options.onTrouble}`);
  }
  const { timestamp } = options;
  if (timestamp !== undefined && typeof timestamp !== "boolean" && typeof timestamp !== "function") {
    problems.push(
      `timestamp: expected true, false or a function such as stdTimeFunctions.isoTime, got ${String(timestamp)}`,
    );
  }
  if (options.msgPrefix !== undefined && typeof options.msgPrefix !== "string") {
    problems.push(`msgPrefix: expected a string, got ${typeof options.msgPrefix}`);
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

import type { DefaultLevel, LevelName } from "./levels.ts";
import type { SinkSpec } from "./sink.ts";

/** What a call does when its lane has no room. */
export type WhenFull = "block" | "drop" | "spill";

/**
 * How records survive the process. `mmap`: the ring is a file mapped into memory, nothing is lost that was accepted.
 * `mirror`: the ring is copied to the file at the end of each turn of the event loop, what was logged in the current turn is lost. `none`:
 * what is in the ring is lost.
 */
export type Durability = "mmap" | "mirror" | "none";

export interface CrashSafetyOptions {
  /** Folder of the ring files, made with mode 0700. Default `.spillway` beside the first file sink. */
  readonly dir?: string;
  /** `auto`, the default: the best there is. A tier that cannot be had gives way to the next one, and stderr is told. */
  readonly tier?: "auto" | Durability;
}

/** Records that survive the power, not only the process: see docs/guarantees.md. */
export interface CriticalOptions {
  /** Levels whose records are critical: these, not those above them. Default `error` and `fatal`. */
  readonly levels?: readonly (LevelName | (string & {}))[];
  /**
   * Where the write-ahead logs of critical records begin their names: each thread that logs one has a log
   * `walPath.PID.EPOCH.LANE`. The folder is made with mode 0700. Default: `.spillway/NAME.wal` beside the first file sink
   * NAME, or in `crashSafety.dir`; required where there is neither.
   */
  readonly walPath?: string;
}

/** The options of the engine: what decides which threads and which memory a logger shares. */
export interface EngineOptions {
  /** Destinations by name. None: JSON lines to stdout. */
  readonly sinks?: Readonly<Record<string, SinkSpec>>;
  /** Bytes of frames a lane holds; a power of two from 64 KiB to 512 MiB. Default 8 MiB. */
  readonly ringBytes?: number;
  /** How many app threads can have a lane at once, besides the thread that made the engine. Default 8. */
  readonly lanes?: number;
  /**
   * `spill`: write the record to an overflow file beside the ring file; `block`: wait for room, at most maxBlockMs, then
   * drop; `drop`: drop at once. Default `spill` where there are ring files, else `block`.
   */
  readonly whenFull?: WhenFull;
  /** Bytes that the overflow files of one thread may take; then records are dropped. Default 1 GiB. */
  readonly spillCap?: number;
  /** Records below this level do not get the last sixteenth of `spillCap`. Default `warn`. */
  readonly dropBelow?: LevelName | (string & {});
  /** Default 1000. */
  readonly maxBlockMs?: number;
  /** How long a stuck worker may hold up the end of the process. Default 2000. */
  readonly exitTimeoutMs?: number;
  /** Default 10000. */
  readonly flushTimeoutMs?: number;
  /**
   * How long after the last record the drain worker goes on looking every millisecond, so that no call has to wake it.
   * Default 1000.
   */
  readonly parkAfterMs?: number;
  /**
   * What keeps a record whose call has returned when the process is killed. Default: ring files beside the first file
   * sink, in `.spillway/`; without a file sink nothing. `false`: nothing.
   */
  readonly crashSafety?: false | CrashSafetyOptions;
  /**
   * Critical records are written to a write-ahead log and synced besides: before the call returns with `sync`, otherwise
   * before `durable()` resolves. Default: there are none.
   */
  readonly critical?: CriticalOptions;
  /**
   * On SIGTERM, SIGINT, SIGHUP and SIGQUIT deliver everything first, `exitTimeoutMs` at most, then let the signal do
   * what it does. A signal the application listens for too is the application's; the first process of a container gets
   * none it does not listen for. Default false: what such a signal leaves in the ring is delivered by the next start.
   */
  readonly handleSignals?: boolean;
  /** Run the whole pipeline on the calling thread: a call returns when the sinks have the record. Default false. */
  readonly sync?: boolean;
}

export interface RedactOptions {
  readonly paths: readonly string[];
  /** A text, or a function of the value and its path. Default `[Redacted]`. */
  readonly censor?: string | ((value: unknown, path: string[]) => unknown);
  /** Leave the key out instead. */
  readonly remove?: boolean;
}

export type Serializer = (value: never) => unknown;
export type Serializers = Readonly<Record<string, (value: never) => unknown>>;

export interface Formatters {
  readonly level?: (label: string, value: number) => object;
  readonly bindings?: (bindings: Record<string, unknown>) => object;
  readonly log?: (fields: Record<string, unknown>) => Record<string, unknown>;
}

/** Called on the calling thread in place of the log method; `method` is to be called with `this` as it is. */
export type LogMethodHook = (
  this: unknown,
  args: unknown[],
  method: (...args: unknown[]) => void,
  level: number,
) => void;

export interface LoggerOptions extends EngineOptions {
  readonly name?: string;
  /** Default `info`. */
  readonly level?: LevelName | (string & {});
  /** In every record. Default `{ pid, hostname }`; null: nothing. */
  readonly base?: Readonly<Record<string, unknown>> | null | undefined;
  /** `true`: milliseconds; `false`: none; or a function that returns the text of the member, as `,"time":1`. */
  readonly timestamp?: boolean | (() => string);
  readonly messageKey?: string;
  readonly errorKey?: string;
  readonly nestedKey?: string | null;
  readonly msgPrefix?: string;
  readonly serializers?: Serializers;
  readonly mixin?: (fields: object, level: number, logger: unknown) => object;
  readonly mixinMergeStrategy?: (fields: object, mixed: object) => object;
  readonly formatters?: Formatters;
  readonly redact?: readonly string[] | RedactOptions;
  /** How deep a value is followed when plain JSON cannot express it (cycles, BigInt). Default 5. */
  readonly depthLimit?: number;
  /** How many members or elements of such a value are kept. Default 100. */
  readonly edgeLimit?: number;
  readonly customLevels?: Readonly<Record<string, number>>;
  readonly useOnlyCustomLevels?: boolean;
  readonly crlf?: boolean;
  readonly enabled?: boolean;
  readonly hooks?: { readonly logMethod?: LogMethodHook | undefined };
  readonly onChild?: (child: unknown) => void;
  /**
   * Trouble of the calling thread's side, in one line: a worker that died, a lane that could not be had. Default: written
   * to stderr. What the drain worker has to say, such as a sink that fails, goes to stderr always.
   */
  readonly onTrouble?: (message: string) => void;
}

export interface ChildOptions {
  readonly level?: LevelName | (string & {});
  readonly msgPrefix?: string;
  readonly serializers?: Serializers;
  readonly formatters?: Formatters;
  readonly redact?: readonly string[] | RedactOptions;
  readonly customLevels?: Readonly<Record<string, number>>;
}

export type { DefaultLevel };

type WithoutDefault = "sinks" | "sync" | "crashSafety" | "critical" | "handleSignals" | "dropBelow";

export const DEFAULTS: Required<Omit<EngineOptions, WithoutDefault>> = {
  ringBytes: 8 * 1024 * 1024,
  lanes: 8,
  whenFull: "block",
  spillCap: 1024 * 1024 * 1024,
  maxBlockMs: 1000,
  exitTimeoutMs: 2000,
  flushTimeoutMs: 10_000,
  parkAfterMs: 1000,
};
/** Of `critical.levels`. */
export const CRITICAL_LEVELS: readonly DefaultLevel[] = ["error", "fatal"];

export const MIN_RING_BYTES: number = 64 * 1024;
export const MAX_RING_BYTES: number = 512 * 1024 * 1024;

/** Every error this product raises on purpose. `code` is the contract; the message is for people. */
export abstract class SpillwayError extends Error {
  abstract readonly code: `ERR_SPILLWAY_${string}`;
  /** Whether the same call may succeed later without anybody changing anything. */
  abstract readonly retryable: boolean;

  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * An option has a value nobody can work with. Lists all of them, each with its path and what was expected.
 * To do: correct what `problems` names; nothing was started.
 */
export class ConfigError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_CONFIG";
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? `${problems[0]}` : `${problems.length} problems:\n  ${problems.join("\n  ")}`);
    this.problems = problems;
  }
}

/**
 * More was asked of a ring than it can ever hold in one piece. A logger does not let it happen: it keeps such records in
 * a file of their own.
 * To do: where you use a ring yourself, claim less or make it larger.
 */
export class RecordTooLargeError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_RECORD_TOO_LARGE";
  readonly retryable = false;
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super(`record encodes to ${bytes} bytes; this ring takes at most ${limit}`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/**
 * `flush()` or `shutdown()` gave up waiting. After `flush()` the records stay in the ring and are still delivered when
 * the sinks recover.
 * To do: look at the sinks in `sinks` (stderr says why they fail); raise `flushTimeoutMs` if they are only slow.
 */
export class FlushTimeoutError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_FLUSH_TIMEOUT";
  readonly retryable = true;
  readonly sinks: readonly string[];

  constructor(sinks: readonly string[], timeoutMs: number) {
    super(
      `flush: ${sinks.join(", ")} did not take everything within ${timeoutMs} ms; raise flushTimeoutMs or look at the sink`,
    );
    this.sinks = sinks;
  }
}

/**
 * A frame or a dictionary entry does not read as one: damage, or a version from the future. In a running program a line
 * with `unreadable` stands in the place of the record.
 * To do: report it, with that line: code other than ours has written to the memory, or ours has an error.
 */
export class DamagedFrameError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_DAMAGED_FRAME";
  readonly retryable = false;
  readonly position: number;

  constructor(what: string, position: number) {
    super(`${what} at position ${position}`);
    this.position = position;
  }
}

/**
 * Critical records could not be made durable: the system would neither sync nor write the log's file, nor a new one. They
 * are not in the log, and are counted; what is logged later is tried again, in a new file. They are still delivered to
 * the sinks as every record is.
 * To do: look at the disk `path` is on, `errno` says what is wrong with it; no restart is needed.
 */
export class UndurableError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_UNDURABLE";
  readonly retryable = true;
  readonly path: string;
  readonly errno: string;
  readonly count: number;

  constructor(path: string, errno: string, count: number, cause?: unknown) {
    super(`${count} critical records could not be made durable in ${path}: ${errno}`, { cause });
    this.path = path;
    this.errno = errno;
    this.count = count;
  }
}

/** Bytes of a file, from the first to behind the last. */
export interface DamagedBytes {
  readonly file: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
}

/** Numbers of frames, both ends included. */
export interface MissingFrames {
  readonly from: number;
  readonly to: number;
}

/**
 * A write-ahead log that was to be read only if it is as it was written is not. `damage` says where in which file,
 * `missing` which frames are not there; nothing was handed out.
 * To do: read it in another mode, which says how much damage it goes past.
 */
export class DamagedWalError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_DAMAGED_WAL";
  readonly retryable = false;
  readonly path: string;
  readonly damage: readonly DamagedBytes[];
  readonly missing: readonly MissingFrames[];

  constructor(path: string, damage: readonly DamagedBytes[], missing: readonly MissingFrames[]) {
    const [first] = damage;
    const where = first === undefined ? "" : `: ${first.kind} in ${first.file}, bytes ${first.from} to ${first.to}`;
    super(`${path} is damaged in ${damage.length} places, ${missing.length} stretches of frames are missing${where}`);
    this.path = path;
    this.damage = damage;
    this.missing = missing;
  }
}

/**
 * A sink could not be opened; the message names it, its type and the cause. Told, not thrown: it is tried again at every
 * write, and the ring keeps what is logged meanwhile.
 * To do: put the cause right (the module's path, its default export); no restart is needed.
 */
export class SinkOpenError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_SINK_OPEN";
  readonly retryable = true;

  constructor(name: string, what: string, cause: unknown) {
    super(`sink ${name}: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * What was recovered could not be written to the file named as output. The file is as it was, and no ring file was
 * removed; a pipe or a device has the first `written` records.
 * To do: put the cause right, which is in the message and in `cause`, and recover again.
 */
export class OutputError extends SpillwayError {
  readonly code = "ERR_SPILLWAY_OUTPUT";
  readonly retryable = false;
  readonly path: string;
  readonly written: number;

  constructor(path: string, written: number, cause: unknown) {
    super(`${path}: cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.path = path;
    this.written = written;
  }
}

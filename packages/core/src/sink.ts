/**
 * The contract between the drain worker and a destination. Options are plain data, because they cross a thread
 * boundary: a sink is named by a spec and made in the worker.
 */

/** Appends lines to a file. Made with its folders when it does not exist; never truncated. */
export interface FileSinkSpec {
  readonly type: "file";
  readonly path: string;
  /** Permission bits of a file that is made. Default 0o640. */
  readonly mode?: number;
}

/** Writes lines to a descriptor of the process, by number, past `process.stdout`. */
export interface StreamSinkSpec {
  readonly type: "stdout" | "stderr";
}

/** Counts and forgets. */
export interface NullSinkSpec {
  readonly type: "null";
}

/** A sink of one's own: an ES or CommonJS module whose default export is a `SinkFactory`. Runs on the worker. */
export interface ModuleSinkSpec {
  readonly type: "module";
  /** A `file:` URL. */
  readonly module: string;
  /** Plain data: what the structured clone algorithm takes, but for memory that is shared. Anything else is refused. */
  readonly options?: unknown;
}

export type SinkSpec = FileSinkSpec | StreamSinkSpec | NullSinkSpec | ModuleSinkSpec;

/** Which bytes a sink has; what makes "exactly once" possible after a worker died. */
export interface SinkExtent {
  /** Bytes in the destination now. */
  readonly length: number;
  /** Tells one file from another that took its name. */
  readonly identity: number;
}

export interface Sink {
  /**
   * Takes whole lines. Returns when the destination has them, throws when it does not: the same bytes are then
   * offered again. `bytes` is only the sink's own until it returns.
   */
  write(bytes: Uint8Array, records: number): void;
  /** What the destination holds, where that can be told (regular files); undefined otherwise. */
  extent(): SinkExtent | undefined;
  /** Bytes of the destination from `offset` on, to compare a replay with. Only where `extent` answers. */
  tail(offset: number): Uint8Array;
  /**
   * Puts bytes in the place of others that are there, from `offset` on: of a line that a killed process had begun and that
   * is written anew elsewhere. Without it such a piece stays. May throw: then it stays too.
   */
  overwrite?(offset: number, bytes: Uint8Array): void;
  close(): void;
}

export type SinkFactory = (options: unknown) => Sink;

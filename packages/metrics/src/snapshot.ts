/** What `log.metrics()` answers: counters since the engine began, over all threads that log through it. */
export interface MetricsSnapshot {
  /** Records taken, by level; `other`: below trace. */
  readonly accepted: Readonly<Record<string, number>>;
  /** Records not taken, by reason and level. */
  readonly dropped: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Frames committed and not yet acked, all lanes. */
  readonly ringDepthBytes: number;
  readonly ringCapacityBytes: number;
  readonly lanes: number;
  readonly lanesInUse: number;
  /** How often a dead drain worker was replaced. */
  readonly respawns: number;
  /** How many ring files were deleted, replaced or truncated while in use, and made anew. */
  readonly ringFilesRemade: number;
  /** Turns of the drain worker's loop: grows while it lives. */
  readonly heartbeat: number;
  readonly sinks: Readonly<Record<string, SinkMetrics>>;
}

export interface SinkMetrics {
  readonly records: number;
  readonly bytes: number;
  readonly writes: number;
  readonly errors: number;
  readonly quarantined: number;
  readonly uncertain: number;
}

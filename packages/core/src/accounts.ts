/** Why a record was not taken. The order is the order of the counters in a lane's header. */
export const DROP_REASONS = ["full", "timeout", "closed", "tooLarge"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export const DROP_FULL = 0;
/** whenFull 'block': no room came within maxBlockMs. */
export const DROP_TIMEOUT = 1;
/** Logged after shutdown(). */
export const DROP_CLOSED = 2;
/** Larger than half a lane, and the file that should have held it could not be written. */
export const DROP_TOO_LARGE = 3;

export interface SinkAccount {
  /** In the destination. */
  readonly delivered: number;
  /**
   * Could not be read, or ended whoever drained them: a line that says so stands in their place. Damage of the frames
   * themselves counts as one.
   */
  readonly quarantined: number;
  /** In the ring, not yet in the destination. */
  readonly pending: number;
  /** Of `delivered`: may be there twice, or not at all, because a write was cut short where nobody can look (pipes). */
  readonly uncertain: number;
}

/**
 * Where every record went. `logged = accepted + dropped`, and per sink `accepted = delivered + quarantined + pending`.
 * Counted over all threads that log through the same engine.
 */
export interface Accounts {
  /** Calls at an enabled level. */
  readonly logged: number;
  /** In the ring when the call returned. */
  readonly accepted: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Critical records, accepted as all others, that could not be made durable: no write-ahead log has them. */
  readonly undurable: number;
  readonly sinks: Readonly<Record<string, SinkAccount>>;
}

/**
 * The payload of a FRAME_DROPPED, as float64 values: time of the first drop, time of the last, then per reason and
 * level class the number of records dropped since the last report (DROP_REASONS.length x LEVEL_CLASSES.length).
 * A word with the id of the config entry follows.
 */
export const DROP_REPORT_FIRST = 0;
export const DROP_REPORT_LAST = 1;
export const DROP_REPORT_COUNTS = 2;

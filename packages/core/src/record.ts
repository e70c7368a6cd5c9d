/** What one log call carries, decoded. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: number;
  readonly levelLabel: string;
  readonly loggerName: string;
  readonly message: unknown;
  /** Text of the bindings as they stand in the line: `,"a":1,"b":2`. */
  readonly bindings: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

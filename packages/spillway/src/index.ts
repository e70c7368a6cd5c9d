import standard from "pino-std-serializers";

export {
  type Accounts,
  type ChildOptions,
  ConfigError,
  type CrashSafetyOptions,
  type CriticalOptions,
  DamagedWalError,
  type Durability,
  type FileSinkSpec,
  FlushTimeoutError,
  type Formatters,
  type LoggerOptions,
  type ModuleSinkSpec,
  type NullSinkSpec,
  OutputError,
  RecordTooLargeError,
  type RedactOptions,
  type Serializers,
  type Sink,
  type SinkAccount,
  type SinkExtent,
  type SinkFactory,
  type SinkSpec,
  SpillwayError,
  type StreamSinkSpec,
  UndurableError,
  type WhenFull,
} from "@spillway/core";
export type { MetricsSnapshot, SinkMetrics } from "@spillway/metrics";
export { type CustomLogger, createLogger } from "./create-logger.ts";
export { Logger, type LogMethod } from "./logger.ts";
export { type CriticalWal, type OpenWalOptions, openWal, type RecoveredWal } from "./open-wal.ts";
export { recoverAll, recoverFrom } from "./recover.ts";
export type {
  RecoveredProcess,
  RecoverOptions,
  RecoverProgress,
  RecoveryReport,
  SparedFile,
} from "./recovery-report.ts";
export { stdTimeFunctions } from "./times.ts";

/** pino's serializers. `err` is in force for the error key unless another is given. */
export const stdSerializers: Pick<typeof standard, "err" | "errWithCause" | "req" | "res"> = {
  err: standard.err,
  errWithCause: standard.errWithCause,
  req: standard.req,
  res: standard.res,
};

export type { MetricsSnapshot, SinkMetrics } from "./snapshot.ts";
export { tellStderr } from "./tell.ts";

export type { MetricsSnapshot, SinkMetrics } from "./snapshot.ts";

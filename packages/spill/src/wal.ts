export { openWal, type WalOptions } from "./wal/open-wal.ts";
export { readWal, type WalFrame, type WalReading } from "./wal/read-wal.ts";
export type { WalDamage, WalDamageKind, WalMode, WalReport, WalSegmentReport } from "./wal/report.ts";
export type { Wal, WalCounts } from "./wal/wal.ts";

export {
  type DeadWal,
  type DeadWals,
  finishWal,
  hasRing,
  isOfThisBoot,
  letGoOfWal,
  ringFileOf,
  takeDeadWals,
} from "./wal/dead-wals.ts";
export type { WalFileOperations } from "./wal/files.ts";
export { openWal, type WalOptions } from "./wal/open-wal.ts";
export {
  createWalOwner,
  parseWalName,
  removeOwnedWal,
  type WalName,
  type WalOwner,
  type WalRings,
  walName,
  walOwnerFile,
  walsIn,
  walsOf,
} from "./wal/owner.ts";
export { readWal, type WalFrame, type WalReading, type WalReadOptions } from "./wal/read-wal.ts";
export type { WalDamage, WalDamageKind, WalMode, WalReport, WalSegmentReport } from "./wal/report.ts";
export type { Wal, WalCounts } from "./wal/wal.ts";

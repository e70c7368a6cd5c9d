export {
  NODE_FILES as OVERFLOW_FILES,
  type OverflowFailure,
  type OverflowFiles,
} from "./overflow/files.ts";
export {
  OVERFLOW_ACKED,
  OVERFLOW_FREED,
  OVERFLOW_HEADER_BYTES,
  OVERFLOW_WORD_UNIT,
  OVERFLOW_WORDS,
  OVERFLOW_WRITTEN,
  overflowFrameBytes,
} from "./overflow/layout.ts";
export { type ReadSegmentsOptions, readSegments } from "./overflow/read-segments.ts";
export {
  type DamagedStretch,
  type OverflowDamageHandler,
  type OverflowHandler,
  OverflowReader,
  type OverflowReaderOptions,
} from "./overflow/reader.ts";
export type {
  DamageKind,
  RecoveryMode,
  SegmentDamage,
  SegmentFrame,
  SegmentItem,
  SegmentSummary,
} from "./overflow/recovery-mode.ts";
export {
  type OverflowStreamName,
  overflowPaths,
  overflowStreamName,
  parseSegmentName,
  streamsAmong,
} from "./overflow/segment-name.ts";
export { type AppendAnswer, OverflowWriter, type OverflowWriterOptions } from "./overflow/writer.ts";

/** A lane as the bytes of a file, and what can be read from those bytes alone. */
import {
  type DictionaryView,
  DROP_REASONS,
  DROP_REPORT_COUNTS,
  FRAME_DROPPED,
  FRAME_FAR,
  FRAME_RECORD,
  FRAME_TEXT,
  frameKind,
  frameLevelIndex,
  LEVEL_CLASSES,
} from "@spillway/core";
import { JsonBytes, JsonLines } from "@spillway/format";
import {
  Consumer,
  dictionaryRegion,
  LANE_CAPACITY,
  laneBytes,
  laneCapacity,
  laneOffset,
  makeMemory,
} from "@spillway/ring";
import { DictionaryReader } from "../../src/index.ts";

/** The lane's own bytes: what a file mapped over it holds. */
export function laneFile(memory: SharedArrayBuffer, lane = 0): Buffer {
  const offset = laneOffset(lane, laneCapacity(memory));
  return Buffer.from(Buffer.from(memory, offset, laneBytes(laneCapacity(memory))));
}

/** A memory that knows nothing but the lane: another epoch, no owners, an empty control page. */
export function memoryFrom(file: Buffer): SharedArrayBuffer {
  const capacity = file.readInt32LE(LANE_CAPACITY * 4);
  const memory = makeMemory({ lanes: 1, capacity, epoch: 0, pid: 0 });
  Buffer.from(memory).set(file, laneOffset(0, capacity));
  return memory;
}

/** One line for each frame that is committed and not acked. */
export function linesOf(file: Buffer): string[] {
  const memory = memoryFrom(file);
  const bytes = Buffer.from(memory);
  const out = new JsonBytes(1024);
  const dictionary = new DictionaryReader(dictionaryRegion(memory, 0));
  const lines = new JsonLines(bytes, dictionary, out);
  const found: string[] = [];
  new Consumer(memory, 0).drain((tag, offset, length) => {
    out.at = 0;
    switch (frameKind(tag)) {
      case FRAME_RECORD:
        lines.write(offset, frameLevelIndex(tag), length);
        found.push(out.bytes.utf8Slice(0, out.at).trimEnd());
        break;
      case FRAME_TEXT:
        found.push(bytes.utf8Slice(offset + 8, offset + length).trimEnd());
        break;
      case FRAME_DROPPED:
        found.push(dropReport(bytes, offset, dictionary));
        break;
      case FRAME_FAR:
        found.push(`far: ${bytes.utf8Slice(offset + 8, offset + length)}`);
        break;
      default:
        found.push(`unknown: ${frameKind(tag)}`);
    }
    return true;
  }, Number.POSITIVE_INFINITY);
  return found;
}

function dropReport(bytes: Buffer, offset: number, dictionary: DictionaryView): string {
  const value = (index: number): number => bytes.readDoubleLE(offset + index * 8);
  const counts = DROP_REASONS.flatMap((reason, r) =>
    LEVEL_CLASSES.map((level, c) => ({
      reason,
      level,
      count: value(DROP_REPORT_COUNTS + r * LEVEL_CLASSES.length + c),
    })),
  ).filter(({ count }) => count !== 0);
  const config = bytes.readInt32LE(offset + (DROP_REPORT_COUNTS + DROP_REASONS.length * LEVEL_CLASSES.length) * 8);
  return `dropped: ${JSON.stringify({ first: value(0), last: value(1), counts, name: dictionary.config(config).name })}`;
}

import path from "node:path";
import type { MissingFrames } from "@spillway/core";
import { errnoOf, type NamedSegment, namedSegments, readFile, stateFile, type WalFileOperations } from "./files.ts";
import { decodeHeader, type WalHeader } from "./header.ts";
import { WAL_FRAMES_OFFSET, WAL_MAX_SEGMENT_BYTES, WAL_SECTOR_BYTES, WAL_STATE_BYTES } from "./layout.ts";
import type { WalDamage } from "./report.ts";
import { decodeState, type WalState } from "./state.ts";

/** A segment that is to be read. */
export interface FoundSegment extends NamedSegment {
  readonly header: WalHeader | undefined;
  /** Where its numbers begin: its own, or with its header lost, that of the segment before. */
  readonly base: number;
}

/** What there is of a log before any frame is looked at. */
export interface Survey {
  readonly uuid: string | undefined;
  readonly state: WalState | undefined;
  readonly prunedTo: number;
  /** In the order of the numbers of their frames. */
  readonly segments: readonly FoundSegment[];
  /** The greatest number of any segment, also of those that are not read. */
  readonly lastNumber: number;
  /** Numbers that were given up: nobody misses them. */
  readonly givenUp: readonly MissingFrames[];
  /** Frames up to here were there once. */
  readonly settledTo: number;
  readonly damage: readonly WalDamage[];
}

interface Looked extends NamedSegment {
  readonly header: WalHeader | undefined;
}

export function surveyWal(log: string, fs: WalFileOperations): Survey {
  const damage: WalDamage[] = [];
  const folder = path.dirname(log);
  const named = listed(log, damage, fs);
  const state = readState(log, named.length > 0, damage, fs);
  const readable = named.flatMap((segment) => look(folder, segment, damage, fs));
  const uuid = state?.uuid ?? readable.find(({ header }) => header !== undefined)?.header?.uuid;
  const own = readable.filter(({ file, header }) => {
    if (header === undefined || header.uuid === uuid) return true;
    damage.push({ file, kind: "foreign", from: 0, to: sizeOf(path.join(folder, file), fs) });
    return false;
  });
  for (const { file, number, header } of own) {
    if (header !== undefined && header.number !== number) damage.push({ file, kind: "name", from: 0, to: 0 });
  }
  const headers = own.flatMap(({ header }) => header ?? []);
  const prunedTo = Math.max(state?.prunedTo ?? 0, ...headers.map((header) => header.prunedTo));
  return {
    uuid,
    state,
    prunedTo,
    segments: inOrder(own),
    lastNumber: Math.max(0, ...named.map(({ number }) => number), ...headers.map(({ number }) => number)),
    givenUp: headers.flatMap(({ settledTo, firstSeq }) =>
      settledTo + 1 < firstSeq ? [{ from: settledTo + 1, to: firstSeq - 1 }] : [],
    ),
    settledTo: Math.max(prunedTo, ...headers.map((header) => header.settledTo)),
    damage,
  };
}

function listed(log: string, damage: WalDamage[], fs: WalFileOperations): NamedSegment[] {
  try {
    return namedSegments(log, fs);
  } catch (error) {
    damage.push({ file: ".", kind: "unreadable", from: 0, to: 0, errno: errnoOf(error) });
    return [];
  }
}

function readState(log: string, isExpected: boolean, damage: WalDamage[], fs: WalFileOperations): WalState | undefined {
  const file = path.basename(stateFile(log));
  try {
    const { bytes, size } = readFile(stateFile(log), WAL_STATE_BYTES, fs);
    const { state, isFromTheFuture, damagedSlots } = decodeState(bytes);
    if (isFromTheFuture) damage.push({ file, kind: "version", from: 0, to: size });
    for (const from of damagedSlots) damage.push({ file, kind: "state", ...within(from, bytes.length) });
    if (size > WAL_STATE_BYTES) damage.push({ file, kind: "state", from: WAL_STATE_BYTES, to: size });
    return state;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" || isExpected) damage.push({ file, kind: "state", from: 0, to: 0, errno });
    return undefined;
  }
}

/** The segment with its header; nothing for one that cannot be read. */
function look(folder: string, segment: NamedSegment, damage: WalDamage[], fs: WalFileOperations): Looked[] {
  const { file } = segment;
  try {
    const { bytes, size } = readFile(path.join(folder, file), WAL_FRAMES_OFFSET, fs);
    const { header, damagedCopies } = decodeHeader(bytes);
    if (header === "version") {
      damage.push({ file, kind: "version", from: 0, to: size });
      return [];
    }
    if (damagedCopies.length === 2) {
      damage.push({ file, kind: "header", from: 0, to: Math.min(WAL_FRAMES_OFFSET, size) });
    } else {
      for (const from of damagedCopies) damage.push({ file, kind: "header", ...within(from, size) });
    }
    if (size > WAL_MAX_SEGMENT_BYTES) damage.push({ file, kind: "tail", from: WAL_MAX_SEGMENT_BYTES, to: size });
    return [{ ...segment, header }];
  } catch (error) {
    damage.push({ file, kind: "unreadable", from: 0, to: 0, errno: errnoOf(error) });
    return [];
  }
}

/** The sector from `offset` on, as far as the file goes. */
function within(offset: number, size: number): { from: number; to: number } {
  return { from: Math.min(offset, size), to: Math.min(offset + WAL_SECTOR_BYTES, size) };
}

/** By number of segment; one without a header belongs behind the one before it, and is read together with it. */
function inOrder(segments: readonly Looked[]): FoundSegment[] {
  const byNumber = segments.toSorted(
    (one, other) => (one.header?.number ?? one.number) - (other.header?.number ?? other.number),
  );
  let base = 1;
  const found = byNumber.map((segment) => {
    base = segment.header?.firstSeq ?? base;
    return { ...segment, base };
  });
  return found.sort((one, other) => one.base - other.base);
}

function sizeOf(file: string, fs: WalFileOperations): number {
  try {
    return readFile(file, 0, fs).size;
  } catch {
    return 0;
  }
}

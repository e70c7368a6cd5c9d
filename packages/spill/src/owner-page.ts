import { crc32c, type NamedSinkSpec } from "@spillway/core";
import type { ProcessIdentity } from "./process-identity.ts";

/**
 * What stands behind the lane in a ring file: whose it is, and where its records were meant to go. Written once, before
 * the file has its name; not part of what is mapped.
 *
 *   0          4          8          12         16               16 + length
 *   +----------+----------+----------+----------+----------------+------------+
 *   | magic    | version  | length   | crc32c   | JSON, UTF-8    | zeros      |
 *   +----------+----------+----------+----------+----------------+------------+
 *
 * Padded to a multiple of 4 KiB. The checksum covers the JSON: a damaged path must not send records into another file.
 */
export interface RingOwner {
  readonly identity: ProcessIdentity;
  /** Whether it holds a lock on the file as long as it lives: otherwise nothing follows from a lock that can be had. */
  readonly hasLock: boolean;
  /** Of the engine's memory: the same in all ring files of one engine. */
  readonly epoch: number;
  readonly lane: number;
  readonly capacity: number;
  /** In the order of their commit slots. */
  readonly sinks: readonly NamedSinkSpec[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** Where the write-ahead logs of the engine's critical records begin their names, if it has any. */
  readonly walStem?: string | undefined;
}

const MAGIC = 0x4f50_534c;
const VERSION = 1;
const HEAD_BYTES = 16;
export const PAGE_BYTES = 4096;
/** More is no owner page of ours. */
export const MAX_PAGE_BYTES: number = 1024 * 1024;

export function encodeOwner(owner: RingOwner): Buffer {
  const json = Buffer.from(JSON.stringify(owner));
  const page = Buffer.alloc(Math.ceil((HEAD_BYTES + json.length) / PAGE_BYTES) * PAGE_BYTES);
  page.writeInt32LE(MAGIC, 0);
  page.writeInt32LE(VERSION, 4);
  page.writeInt32LE(json.length, 8);
  page.writeUInt32LE(crc32c(json), 12);
  json.copy(page, HEAD_BYTES);
  return page;
}

export interface OwnerPage {
  /** Undefined: the page is damaged, or not there. */
  readonly owner: RingOwner | undefined;
  /** Byte of the file where the page stands. */
  readonly at: number;
  /** The version a page claims that is not one of ours; it may be damage, too. */
  readonly laterVersion: number | undefined;
}

/** The owner whose page ends the file; undefined where it is damaged or not there. `file`: the bytes of the whole file. */
export function decodeOwner(file: Buffer): RingOwner | undefined {
  return findOwnerPage(file).owner;
}

/** Looks for the page from the end of the file backwards. Whoever uses it must see that it stands where it should. */
export function findOwnerPage(file: Buffer): OwnerPage {
  let laterVersion: number | undefined;
  const last = Math.floor((file.length - HEAD_BYTES) / PAGE_BYTES) * PAGE_BYTES;
  for (let at = last; at >= Math.max(0, file.length - MAX_PAGE_BYTES); at -= PAGE_BYTES) {
    if (file.readInt32LE(at) !== MAGIC) continue;
    const version = file.readInt32LE(at + 4);
    if (version > VERSION) laterVersion ??= version;
    const owner = version === VERSION ? ownerAt(file, at) : undefined;
    if (owner !== undefined) return { owner, at, laterVersion };
  }
  return { owner: undefined, at: -1, laterVersion };
}

function ownerAt(file: Buffer, at: number): RingOwner | undefined {
  const length = file.readInt32LE(at + 8);
  if (length < 0 || at + HEAD_BYTES + length > file.length) return undefined;
  if (crc32c(file, at + HEAD_BYTES, at + HEAD_BYTES + length) !== file.readUInt32LE(at + 12)) return undefined;
  try {
    return JSON.parse(file.toString("utf8", at + HEAD_BYTES, at + HEAD_BYTES + length)) as RingOwner;
  } catch {
    return undefined;
  }
}

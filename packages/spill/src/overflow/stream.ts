import { join } from "node:path";
import type { OverflowFiles } from "./files.ts";
import { decodeHeader, type SegmentHeader, type SegmentIdentity } from "./header.ts";
import { OVERFLOW_HEADER_BYTES } from "./layout.ts";
import { parseSegmentName } from "./segment-name.ts";

/** A segment of a stream, as its header says. */
export interface KnownSegment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly identity: SegmentIdentity;
  /** Length of the file when it was looked at. */
  readonly bytes: number;
}

/** A file of a stream's name, in which no header can be read. */
export interface UnreadableSegment {
  readonly path: string;
  readonly number: number;
  readonly bytes: number;
  /** What the file system said; undefined: the bytes are no header. */
  readonly error: unknown;
}

export interface StreamContents {
  /** In their order. */
  readonly segments: readonly KnownSegment[];
  readonly unreadable: readonly UnreadableSegment[];
}

export interface StreamEnd {
  /** The greatest number that is taken; 0: none is. */
  readonly number: number;
  /** The last segment whose header can be read. */
  readonly segment: KnownSegment | undefined;
}

/** Throws when the folder cannot be listed. Files that are gone before they are looked at are left out. */
export function readStream(files: OverflowFiles, folder: string, stream: string): StreamContents {
  const paths: string[] = [];
  for (const name of files.list(folder)) if (parseSegmentName(name)?.stream === stream) paths.push(join(folder, name));
  return readHeaders(files, paths);
}

export function readHeaders(files: OverflowFiles, paths: readonly string[]): StreamContents {
  const segments: KnownSegment[] = [];
  const unreadable: UnreadableSegment[] = [];
  for (const path of paths) {
    const number = parseSegmentName(path)?.number ?? 0;
    try {
      const { header, bytes } = readHeader(files, path);
      if (header.identity === undefined) unreadable.push({ path, number, bytes, error: undefined });
      else segments.push({ path, header, identity: header.identity, bytes });
    } catch (error) {
      if (!isGone(error)) unreadable.push({ path, number, bytes: 0, error });
    }
  }
  segments.sort((a, b) => a.identity.number - b.identity.number);
  return { segments, unreadable };
}

export function lastOfStream(files: OverflowFiles, folder: string, stream: string): StreamEnd {
  const { segments, unreadable } = readStream(files, folder, stream);
  const segment = segments.at(-1);
  const number = Math.max(0, segment?.identity.number ?? 0, ...unreadable.map((one) => one.number));
  return { number, segment };
}

/** The latest ack that any of the segments knows of; without one, where the first begins. */
export function ackedIn(segments: readonly KnownSegment[]): number {
  let acked = segments[0]?.identity.start ?? 0;
  for (const { header } of segments) acked = Math.max(acked, header.acked?.position ?? 0);
  return acked;
}

function isGone(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}

function readHeader(files: OverflowFiles, path: string): { header: SegmentHeader; bytes: number } {
  const fd = files.open(path, false);
  try {
    const bytes = new Uint8Array(OVERFLOW_HEADER_BYTES);
    let read = 0;
    while (read < bytes.length) {
      const more = files.read(fd, bytes, read, bytes.length - read, read);
      if (more === 0) break;
      read += more;
    }
    return { header: decodeHeader(bytes), bytes: files.size(fd) };
  } finally {
    files.close(fd);
  }
}

import path from "node:path";
import {
  createFile,
  openFile,
  segmentFile,
  syncFolderLater,
  syncFolderOf,
  type WalFileOperations,
  writeAll,
} from "./files.ts";
import { encodeHeader, type WalHeader } from "./header.ts";
import { WAL_FRAMES_OFFSET } from "./layout.ts";

/**
 * A segment that is being written.
 *
 * Two descriptors, because the kernel tells each descriptor once that a write failed: a sync on the calling thread and
 * one in the background, at the same time on one descriptor, would leave it to chance which of them hears of it, and
 * the other would take lost frames for durable. After a failed sync neither is ever synced again: the pages that could
 * not be written count as clean then, and the next sync would succeed.
 */
export class Segment {
  readonly file: string;
  readonly number: number;
  /** Where the next frame goes. */
  bytes: number = WAL_FRAMES_OFFSET;
  /** The greatest number that was written here. */
  lastSeq: number;
  /** Whether a sync here ever succeeded. */
  hasDurable = false;
  readonly #path: string;
  readonly #fs: WalFileOperations;
  readonly #fd: number;
  readonly #backgroundFd: number;
  /** Whether the name of the file is durable as well. */
  #hasName = false;
  /** What the first sync that failed said: there is no second one. */
  #failure: Error | undefined;
  #isSyncing = false;
  #isClosed = false;

  constructor(log: string, header: WalHeader, fs: WalFileOperations) {
    this.#path = segmentFile(log, header.number);
    this.file = path.basename(this.#path);
    this.number = header.number;
    this.lastSeq = header.firstSeq - 1;
    this.#fs = fs;
    this.#fd = createFile(this.#path, fs);
    const opened = [this.#fd];
    try {
      this.#backgroundFd = openFile(this.#path, "write", fs);
      opened.push(this.#backgroundFd);
      writeAll(this.#fd, encodeHeader(header), 0, fs);
    } catch (error) {
      for (const fd of opened) fs.closeSync(fd);
      this.#unlink();
      throw error;
    }
  }

  write(frames: Buffer, lastSeq: number): void {
    writeAll(this.#fd, frames, this.bytes, this.#fs);
    this.bytes += frames.length;
    this.lastSeq = lastSeq;
  }

  /** Returns when all that was written is on the disk. */
  syncNow(): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#fs.fdatasyncSync(this.#fd);
      if (!this.#hasName) syncFolderOf(this.#path, this.#fs);
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
    this.#synced();
  }

  /** The same without blocking. One at a time. */
  syncLater(done: (error: Error | null) => void): void {
    this.#isSyncing = true;
    const end = (error: Error | null): void => {
      this.#isSyncing = false;
      if (this.#isClosed) this.#closeAll();
      else if (error === null) this.#synced();
      else this.#failure = error;
      done(error);
    };
    this.#fs.fdatasync(this.#backgroundFd, (error) => {
      if (error !== null || this.#hasName || this.#isClosed) end(error);
      else syncFolderLater(this.#path, this.#fs, end);
    });
  }

  /**
   * Nobody writes to it any more; descriptors go when no sync holds one. A file in which nothing ever was durable goes
   * as well: where there is no space, every attempt would leave one behind.
   */
  leave(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isSyncing) this.#closeAll();
    if (!this.hasDurable) this.#unlink();
  }

  #synced(): void {
    this.hasDurable = true;
    this.#hasName = true;
  }

  #closeAll(): void {
    this.#fs.closeSync(this.#fd);
    this.#fs.closeSync(this.#backgroundFd);
  }

  #unlink(): void {
    try {
      this.#fs.unlinkSync(this.#path);
    } catch {
      // It is gone, or the disk takes no changes: a reader finds no more in it than it may.
    }
  }
}

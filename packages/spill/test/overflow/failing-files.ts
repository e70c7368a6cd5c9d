/** A file system that fails when it is told to. */
import { OVERFLOW_FILES, type OverflowFiles } from "../../src/index.ts";

type Operation = "create" | "open" | "write" | "read" | "truncate" | "remove" | "list" | "close" | "makeFolder";

export class FailingFiles implements OverflowFiles {
  /** Operations that fail now, and with what. */
  readonly failing = new Map<Operation, string>();
  /** Bytes that a write still takes before it fails; Infinity: all. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** The most that one write takes. */
  mostPerWrite = Number.POSITIVE_INFINITY;
  calls = 0;

  create(path: string): number {
    this.#may("create");
    return OVERFLOW_FILES.create(path);
  }

  open(path: string, canWrite: boolean): number {
    this.#may("open");
    return OVERFLOW_FILES.open(path, canWrite);
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#may("write");
    const part = Math.min(length, this.mostPerWrite, this.roomBytes);
    if (part === 0) throw errorOf("ENOSPC");
    this.roomBytes -= part;
    return OVERFLOW_FILES.write(fd, bytes, offset, part, position);
  }

  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#may("read");
    return OVERFLOW_FILES.read(fd, bytes, offset, length, position);
  }

  truncate(fd: number, length: number): void {
    this.#may("truncate");
    OVERFLOW_FILES.truncate(fd, length);
  }

  size(fd: number): number {
    return OVERFLOW_FILES.size(fd);
  }

  close(fd: number): void {
    OVERFLOW_FILES.close(fd);
    this.#may("close");
  }

  remove(path: string): void {
    this.#may("remove");
    OVERFLOW_FILES.remove(path);
  }

  setAside(path: string): void {
    this.#may("remove");
    OVERFLOW_FILES.setAside(path);
  }

  list(folder: string): string[] {
    this.#may("list");
    return OVERFLOW_FILES.list(folder);
  }

  makeFolder(folder: string): void {
    this.#may("makeFolder");
    OVERFLOW_FILES.makeFolder(folder);
  }

  #may(operation: Operation): void {
    this.calls++;
    const code = this.failing.get(operation);
    if (code !== undefined) throw errorOf(code);
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

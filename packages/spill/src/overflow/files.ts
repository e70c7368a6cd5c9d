import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** What writer and reader ask of the file system; tests give them one that fails. All of it throws as `node:fs` does. */
export interface OverflowFiles {
  /** A new file that nobody else can read; fails when there is something of that name, be it a link to nowhere. */
  create(path: string): number;
  /** An existing file, no link. */
  open(path: string, canWrite: boolean): number;
  /** How many bytes were written, which may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  truncate(fd: number, length: number): void;
  size(fd: number): number;
  close(fd: number): void;
  remove(path: string): void;
  /** Puts a damaged file out of the way of the next reader, beside where it was. */
  setAside(path: string): void;
  list(folder: string): string[];
  /** Where there is none: one that only its owner can enter. */
  makeFolder(folder: string): void;
}

/** Absent on Windows, where a link needs privileges to be made. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A pipe that somebody planted must not make the opening wait. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

export const NODE_FILES: OverflowFiles = {
  create: (path) => openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, OWNER_ONLY),
  open(path, canWrite) {
    const fd = openSync(path, (canWrite ? constants.O_RDWR : constants.O_RDONLY) | NO_FOLLOW | NO_WAIT);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw Object.assign(new Error(`${path} is no regular file`), { code: "EINVAL" });
  },
  write: (fd, bytes, offset, length, position) => writeSync(fd, bytes, offset, length, position),
  read: (fd, bytes, offset, length, position) => readSync(fd, bytes, offset, length, position),
  truncate: (fd, length) => ftruncateSync(fd, length),
  size: (fd) => fstatSync(fd).size,
  close: (fd) => closeSync(fd),
  remove: (path) => unlinkSync(path),
  setAside: (path) => renameSync(path, `${path}.bad.${Date.now()}`),
  list: (folder) => readdirSync(folder),
  makeFolder: (folder) => void mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER }),
};

/** A call to the file system that failed, as an answer. */
export interface OverflowFailure {
  /** ENOSPC, EIO, EMFILE, ... */
  readonly code: string;
  readonly doing: string;
  readonly message: string;
}

export function failureOf(error: unknown, doing: string): OverflowFailure {
  const code = (error as { code?: unknown } | null)?.code;
  return {
    code: typeof code === "string" ? code : "UNKNOWN",
    doing,
    message: error instanceof Error ? error.message : String(error),
  };
}

/** Writes all of it, in as many calls as it takes. A write of nothing is a full disk that does not say so. */
export function writeAll(
  files: OverflowFiles,
  fd: number,
  bytes: Uint8Array,
  from: number,
  length: number,
  position: number,
): void {
  let done = 0;
  while (done < length) {
    const written = writeOnce(files, fd, bytes, from + done, length - done, position + done);
    if (written === 0) throw Object.assign(new Error("the write wrote nothing"), { code: "ENOSPC" });
    done += written;
  }
}

function writeOnce(
  files: OverflowFiles,
  fd: number,
  bytes: Uint8Array,
  from: number,
  length: number,
  position: number,
): number {
  for (let attempt = 0; ; attempt++) {
    try {
      return files.write(fd, bytes, from, length, position);
    } catch (error) {
      const { code } = error as { code?: string };
      if ((code !== "EINTR" && code !== "EAGAIN") || attempt >= 10) throw error;
    }
  }
}

/** Shortens a file that nobody else has open for writing. */
export function cutFile(files: OverflowFiles, path: string, length: number): void {
  const fd = files.open(path, true);
  try {
    if (files.size(fd) > length) files.truncate(fd, length);
  } finally {
    files.close(fd);
  }
}

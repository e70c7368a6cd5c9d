/** The files of a log: their names, and how they are opened. Never through a link, never something that is no file. */
import nodeFs from "node:fs";
import path from "node:path";

/** What the log asks of the system; a test hands in one that fails. */
export type WalFileOperations = Pick<
  typeof nodeFs,
  | "closeSync"
  | "fchmodSync"
  | "fdatasync"
  | "fdatasyncSync"
  | "fstatSync"
  | "fsync"
  | "fsyncSync"
  | "openSync"
  | "readSync"
  | "readdirSync"
  | "renameSync"
  | "unlinkSync"
  | "writeSync"
>;

export const SYSTEM_FILES: WalFileOperations = nodeFs;

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_RDWR } = nodeFs.constants;
const OWNER_ONLY = 0o600;
const NUMBER_DIGITS = 8;
const NUMBER = /^\d{8,15}$/;

export function segmentFile(log: string, number: number): string {
  return `${log}.${String(number).padStart(NUMBER_DIGITS, "0")}`;
}

export function stateFile(log: string): string {
  return `${log}.state`;
}

export interface NamedSegment {
  /** The name of the file, without its folder. */
  readonly file: string;
  readonly number: number;
}

/** The segments there are, by their numbers; none where there is no folder. */
export function namedSegments(log: string, fs: WalFileOperations): NamedSegment[] {
  const prefix = `${path.basename(log)}.`;
  let names: string[];
  try {
    names = fs.readdirSync(path.dirname(log));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => name.startsWith(prefix) && NUMBER.test(name.slice(prefix.length)))
    .map((file) => ({ file, number: Number(file.slice(prefix.length)) }))
    .sort((one, other) => one.number - other.number || (one.file < other.file ? -1 : 1));
}

/** Removes the segments of a log, then its state; what cannot be removed is only space, or read again. */
export function removeWalFiles(log: string, fs: WalFileOperations = SYSTEM_FILES): void {
  const segments = namedSegments(log, fs).map(({ file }) => path.join(path.dirname(log), file));
  for (const file of [...segments, stateFile(log)]) {
    try {
      fs.unlinkSync(file);
    } catch {
      // Gone already, or the disk takes no changes.
    }
  }
}

/** A new file that is nobody else's, whatever the process's umask. */
export function createFile(file: string, fs: WalFileOperations): number {
  const fd = fs.openSync(file, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, OWNER_ONLY);
  try {
    fs.fchmodSync(fd, OWNER_ONLY);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  return fd;
}

/** A descriptor of its own on a file that is there. A FIFO of that name does not make it wait. */
export function openFile(file: string, access: "read" | "write", fs: WalFileOperations): number {
  const fd = fs.openSync(file, (access === "read" ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw Object.assign(new Error(`${file} is no file`), { code: "EINVAL" });
}

/** What a file holds, up to a limit, and how much there is. */
export function readFile(file: string, limit: number, fs: WalFileOperations): { bytes: Buffer; size: number } {
  const fd = openFile(file, "read", fs);
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.allocUnsafe(Math.min(size, limit));
    let read = 0;
    while (read < bytes.length) {
      const got = fs.readSync(fd, bytes, read, bytes.length - read, read);
      if (got === 0) break;
      read += got;
    }
    return { bytes: bytes.subarray(0, read), size };
  } finally {
    fs.closeSync(fd);
  }
}

/** All of `bytes`, also when the system takes them in parts. */
export function writeAll(fd: number, bytes: Uint8Array, position: number, fs: WalFileOperations): void {
  let written = 0;
  while (written < bytes.length) {
    const took = fs.writeSync(fd, bytes, written, bytes.length - written, position + written);
    if (took === 0) throw Object.assign(new Error("the system takes no more bytes"), { code: "ENOSPC" });
    written += took;
  }
}

/** The name of a file is durable when its folder has been synced. Windows opens no folders. */
export function syncFolderOf(file: string, fs: WalFileOperations): void {
  if (process.platform === "win32") return;
  const fd = fs.openSync(path.dirname(file), O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

export function syncFolderLater(file: string, fs: WalFileOperations, done: (error: Error | null) => void): void {
  if (process.platform === "win32") {
    done(null);
    return;
  }
  let fd: number;
  try {
    fd = fs.openSync(path.dirname(file), O_RDONLY);
  } catch (error) {
    done(error as Error);
    return;
  }
  fs.fsync(fd, (error) => {
    fs.closeSync(fd);
    done(error);
  });
}

export function errnoOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}

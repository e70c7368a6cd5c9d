import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeFar, type NamedSinkSpec } from "@spillway/core";

/**
 * Files for records that are larger than half a lane:
 *
 *   <folder of the first log file>/.spillway/<pid>.<place>.<time>.<lane>.<number>.far
 *   <folder for temporary files>/spillway-<pid>.<place>-<six random characters>/...      where there is none, or it is
 *                                                                                        not this user's own
 *
 * The worker removes them when every sink has the record (drain/carrier.ts); what a process that crashed leaves behind
 * is swept by a later one.
 */
const FAR_NAME = /^(\d+)\.([\w-]+)\.\w+\.\d+\.\d+\.far$/;
const TEMPORARY_NAME = /^spillway-(\d+)\.([\w-]+)-\w{6}$/;
/** See spill/ring-file.ts: the process is what matters here. One that was set aside may still be looked into. */
const RING_NAME = /\.(\d+)\.[0-9a-f]{8}\.\d+\.ring(?:\.bad\.\d+)?$/;
/** Made by us or not at all: what somebody else has put there, a link above all, is not written to. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;
/** Not while the program starts. */
const SWEEP_AFTER_MS = 1000;

let place: string | undefined;
let temporaryFolder: string | undefined;
let written = 0;
/** Where the rings of this process's loggers are. */
const ringFolders = new Set<string>();

export interface FarFile {
  readonly path: string;
  /** The payload of the frame that stands for it. */
  readonly frame: Uint8Array;
}

/**
 * Keeps the payload of a record that is larger than half a lane, for the worker to fetch and remove. Throws what the file
 * system says.
 */
export function writeFarFile(payload: Uint8Array, sinks: readonly NamedSinkSpec[], laneIndex: number): FarFile {
  const folder = folderFor(sinks);
  while (true) {
    const name = `${process.pid}.${ourPlace()}.${Date.now().toString(36)}.${laneIndex}.${++written}.far`;
    const path = join(folder, name);
    try {
      writeNew(path, payload);
      return { path, frame: encodeFar(Buffer.from(path), payload) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody tidied up among the temporary files: the next record gets a new folder.
      if (code === "ENOENT") temporaryFolder = undefined;
      // Another thread of this process, with an engine of its own, has the same number at the same time.
      if (code !== "EEXIST") throw error;
    }
  }
}

/** For a record that did not get into the ring after all. */
export function removeFarFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is only space.
  }
}

/**
 * A while from now, and without holding up the end of the process: removes what crashed ones left at these sinks.
 * `rings`: the folder of their ring files.
 */
export function sweepLater(sinks: readonly NamedSinkSpec[], rings: string | undefined): void {
  const folder = folderBeside(sinks);
  if (rings !== undefined) ringFolders.add(rings);
  if (folder !== undefined) setTimeout(() => void sweepFolder(folder), SWEEP_AFTER_MS).unref();
}

/** Removes the files in a folder that nobody will ask for any more. Rejects never. */
export async function sweepFolder(folder: string): Promise<void> {
  try {
    if (!isOurs(await lstat(folder))) return;
    const named = (await readdir(folder)).map((name) => ({ name, found: FAR_NAME.exec(name) }));
    // Looked for after the files: a process that died in between has left its ring.
    const needed = await unrecovered([folder, ...ringFolders]);
    for (const { name, found } of named) {
      if (isLeftBehind(found, needed)) await unlink(join(folder, name)).catch(() => undefined);
    }
  } catch {
    // There is none, or it is not ours to look into.
  }
}

/**
 * The one place that says which file is nobody's: its process is dead, and has left no ring that refers to it and is yet
 * to be recovered. `needed`: the processes that have.
 *
 * A process that cannot be judged from here, because it ran in another container, on another machine or before this one
 * was started anew, may be alive: its files stay.
 */
function isLeftBehind(named: RegExpExecArray | null, needed: ReadonlySet<string>): boolean {
  return named !== null && named[2] === ourPlace() && !needed.has(named[1]!) && !isAlive(Number(named[1]));
}

/** The numbers of the processes whose ring files lie in these folders. */
async function unrecovered(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const names = await Promise.all([...new Set(folders)].map((folder) => readdir(folder).catch(() => [])));
  return new Set(names.flat().flatMap((name) => RING_NAME.exec(name)?.[1] ?? []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Where a process id means this process's neighbour: a start of a machine, and within it a namespace of ids. */
function ourPlace(): string {
  place ??= findPlace();
  return place;
}

function findPlace(): string {
  try {
    const start = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 13);
    return `${start}-${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    // No such thing as namespaces here.
    return hostname().replace(/[^\w-]/g, "-");
  }
}

function folderBeside(sinks: readonly NamedSinkSpec[]): string | undefined {
  for (const { spec } of sinks) if (spec.type === "file") return join(dirname(spec.path), ".spillway");
  return undefined;
}

function folderFor(sinks: readonly NamedSinkSpec[]): string {
  const beside = folderBeside(sinks);
  if (beside !== undefined && makeOwn(beside)) return beside;
  if (temporaryFolder === undefined) {
    temporaryFolder = mkdtempSync(join(tmpdir(), `spillway-${process.pid}.${ourPlace()}-`));
    void sweepTemporary();
  }
  return temporaryFolder;
}

/** False: it cannot be made, or somebody else's folder, or a link, stands in its place. */
function makeOwn(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: OWN_FOLDER });
    return isOurs(lstatSync(folder));
  } catch {
    return false;
  }
}

function isOurs(folder: Stats): boolean {
  return folder.isDirectory() && (process.getuid === undefined || folder.uid === process.getuid());
}

function writeNew(path: string, payload: Uint8Array): void {
  const fd = openSync(path, NEW_FILE, OWN_FILE);
  try {
    writeFileSync(fd, payload);
  } catch (error) {
    removeFarFile(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The same for folders that crashed processes had among the temporary files. */
async function sweepTemporary(): Promise<void> {
  try {
    const names = await readdir(tmpdir());
    const needed = await unrecovered([...ringFolders]);
    for (const name of names) {
      if (!isLeftBehind(TEMPORARY_NAME.exec(name), needed)) continue;
      const folder = join(tmpdir(), name);
      await sweepFolder(folder);
      await rmdir(folder).catch(() => undefined);
    }
  } catch {
    // Not ours to look into.
  }
}

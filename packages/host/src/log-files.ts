import { closeSync, constants, existsSync, fdatasync, fdatasyncSync, openSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { NamedSinkSpec } from "@spillway/core";
import { CommitSlots } from "@spillway/ring";

const syncLater = promisify(fdatasync);

/**
 * Puts what the file sinks of an engine have onto the disk, from the app's side: the drain must not wait for a disk.
 *
 * A file that was renamed while records went to it is synced too: the commit slots say into which file the drain wrote
 * last, and it is looked for in its folder under whatever name. So records may be counted as synced that went to a file
 * which was renamed twice between two looks, or was moved to another folder.
 */
export class LogFiles {
  readonly #paths: readonly string[];
  /** Per path, over the lanes: what the drain noted of its last writes. */
  readonly #slots: readonly (readonly CommitSlots[])[];
  /** Per path: the files it has been since the last sync. */
  readonly #identities: readonly Set<number>[];

  constructor(memory: SharedArrayBuffer, lanes: readonly number[], sinks: readonly NamedSinkSpec[]) {
    const files = sinks.flatMap(({ spec }, sink) => (spec.type === "file" ? [{ path: spec.path, sink }] : []));
    this.#paths = files.map(({ path }) => path);
    this.#slots = files.map(({ sink }) =>
      lanes.flatMap((lane) => [new CommitSlots(memory, lane, sink), new CommitSlots(memory, lane, sink, true)]),
    );
    this.#identities = files.map(() => new Set());
  }

  /** Notes what the sinks' files are now. */
  look(): void {
    for (const [index, path] of this.#paths.entries()) {
      const now = statSync(path, { throwIfNoEntry: false });
      if (now?.isFile() === true) this.#identities[index]!.add(now.ino);
      for (const slots of this.#slots[index]!) {
        const commit = slots.read();
        // -1: no regular file.
        if (commit !== undefined && commit.offset >= 0) this.#identities[index]!.add(commit.identity);
      }
    }
  }

  /** Resolves when all that the files hold now is on the disk. Rejects with what the system says. */
  async sync(): Promise<void> {
    for (const path of this.#toSync()) {
      const fd = openSync(path, constants.O_WRONLY);
      try {
        await syncLater(fd);
      } finally {
        closeSync(fd);
      }
    }
    this.#forget();
  }

  syncNow(): void {
    for (const path of this.#toSync()) {
      const fd = openSync(path, constants.O_WRONLY);
      try {
        fdatasyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
    this.#forget();
  }

  #toSync(): string[] {
    this.look();
    return this.#paths.flatMap((path, index) => pathsOf(path, this.#identities[index]!));
  }

  #forget(): void {
    for (const identities of this.#identities) identities.clear();
  }
}

/** The files with these identities, looked for first under their name. One that is gone has nothing to be kept. */
function pathsOf(path: string, identities: ReadonlySet<number>): string[] {
  const found: string[] = [];
  const wanted = new Set(identities);
  const look = (candidate: string): void => {
    const there = statSync(candidate, { throwIfNoEntry: false });
    if (there?.isFile() === true && wanted.delete(there.ino)) found.push(candidate);
  };
  look(path);
  if (wanted.size === 0) return found;
  const folder = dirname(path);
  for (const name of namesIn(folder)) if (wanted.size > 0) look(join(folder, name));
  return found;
}

/** None where the folder is gone, and the files with it. */
function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

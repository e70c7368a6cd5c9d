// Which folder is read, and the list of what is in it. Both before the clock starts.
import { accessSync, constants, lstatSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./arguments.mjs";

/** A folder below this is too small to show anything; then the next candidate is taken. */
const ENOUGH_FILES = 500;
/** The list is made before the job; a whole disk must not keep it from starting. */
const MOST_FILES = 100_000;

const DOCUMENTATION = "/usr/share/doc";
const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** The folder asked for, or the first of the defaults that holds enough; throws UsageError when it cannot be read. */
export function chooseFolder(asked) {
  if (asked !== undefined) return checked(resolve(asked));
  for (const candidate of [DOCUMENTATION, MODULES]) {
    try {
      if (listFolder(checked(candidate), ENOUGH_FILES).files.length >= ENOUGH_FILES) return candidate;
    } catch {
      // Not there, or not ours to read: the next one may be.
    }
  }
  throw new UsageError(
    "neither the documentation of this machine nor node_modules holds enough files",
    "Name a folder: npm run demo -- FOLDER",
  );
}

function checked(folder) {
  let stat;
  try {
    stat = statSync(folder);
  } catch (error) {
    if (error.code === "ENOENT")
      throw new UsageError(`there is no folder ${folder}`, "Check the spelling, or leave it out to read the default.");
    throw new UsageError(`${folder} cannot be opened (${error.code})`, "Name a folder that you may read.");
  }
  if (!stat.isDirectory()) throw new UsageError(`${folder} is a file`, "Name the folder that holds it.");
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch {
    throw new UsageError(
      `${folder} may not be read by this user`,
      "Give yourself the right (chmod u+rx), or name another folder.",
    );
  }
  return folder;
}

/**
 * Everything below `folder` that the job will look at. What cannot be listed or looked at is kept with its
 * error, because the job is to log it. Links are not followed into folders, so nothing is read twice.
 *
 * @returns {{ files: Array<{ path: string, name: string, folder: string, bytes: number, error?: Error }>, bytes: number, cut: boolean }}
 */
function listFolder(folder, most = MOST_FILES) {
  const files = [];
  let bytes = 0;
  const waiting = [folder];
  while (waiting.length > 0 && files.length < most) {
    const current = waiting.pop();
    const below = relative(folder, current) || ".";
    const add = (path, size, error) => {
      files.push({ path, name: relative(folder, path) || ".", folder: below, bytes: size, error });
      bytes += size;
    };
    let entries;
    try {
      entries = readdirSync(current, { withFileTypes: true });
    } catch (error) {
      add(current, 0, error);
      continue;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (files.length >= most) break;
      const path = join(current, entry.name);
      if (entry.isDirectory()) {
        waiting.push(path);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        look(path, entry.isSymbolicLink(), add);
      }
    }
  }
  return { files, bytes, cut: waiting.length > 0 || files.length >= most };
}

function look(path, isLink, add) {
  try {
    const stat = isLink ? statSync(path) : lstatSync(path);
    if (stat.isFile()) add(path, stat.size);
  } catch (error) {
    // A link that leads nowhere: one of the errors the job logs.
    add(path, 0, error);
  }
}

/** The list, or a UsageError when there is nothing to read. */
export function listForJob(folder) {
  const list = listFolder(folder);
  if (list.files.length === 0) throw new UsageError(`${folder} holds no files`, "Name a folder with files in it.");
  return list;
}

// @ts-check
/** Brings node_modules into the state the lock file asks for, and does nothing when it is in that state. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { paint, ROOT, requireNode, run } from "./workspace.mjs";

const DEPENDENCY_KINDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/**
 * Why the lock file does not answer the workspace's package.json files, or `undefined`.
 *
 * @param {string} [root]
 * @returns {string | undefined}
 */
export function lockOutdated(root = ROOT) {
  const lockPath = path.join(root, "package-lock.json");
  if (!existsSync(lockPath)) return "there is no package-lock.json";
  const locked = readPackages(lockPath);
  for (const folder of workspaceFolders(root)) {
    const manifest = readJson(path.join(root, folder, "package.json"));
    const entry = locked[folder];
    if (!entry) return `the lock file does not know ${folder}`;
    for (const kind of DEPENDENCY_KINDS) {
      if (sorted(manifest[kind]) !== sorted(entry[kind])) return `${kind} of ${folder || "the root"} changed`;
    }
  }
  return undefined;
}

/**
 * Why an install is due, or `undefined`.
 *
 * The hidden lock file that npm leaves in node_modules is compared entry by entry, not by date: a checkout gives the
 * lock file a new date without changing it, and npm itself writes the two within the same hundredth of a second.
 *
 * @param {string} [root]
 * @returns {string | undefined}
 */
export function installDue(root = ROOT) {
  const installedPath = path.join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedPath)) return "nothing is installed yet";

  const wanted = readPackages(path.join(root, "package-lock.json"));
  const installed = readPackages(installedPath);
  for (const [place, entry] of Object.entries(wanted)) {
    // Only what lies in node_modules is installed; optional packages may be absent on this platform.
    if (!place.includes("node_modules/") || entry["optional"] || entry["devOptional"]) continue;
    const found = installed[place];
    if (!found) return `${place} is missing`;
    if (found["version"] !== entry["version"]) {
      return `${place} is ${found["version"]}, the lock file says ${entry["version"]}`;
    }
  }
  return undefined;
}

/**
 * Installs if due, and answers what kept it from that, or `undefined`.
 *
 * `npm install --no-save` and not `npm ci`: it takes the same versions from the lock file and leaves the file alone,
 * but does not empty node_modules under a running process first, and does not refuse a lock file that was written
 * where the registry lacks packages for other platforms. What `ci` would have guaranteed is checked here, before
 * (the lock file answers every package.json) and after (every entry is there, in its version).
 *
 * @returns {Promise<string | undefined>}
 */
export async function install() {
  requireNode();
  const outdated = lockOutdated();
  if (outdated !== undefined && process.env["CI"]) {
    return `install: ${outdated}. Run npm install and commit package-lock.json.`;
  }
  const due = outdated ?? installDue();
  if (due === undefined) return undefined;

  const args = ["install", "--include=dev", "--no-audit", "--no-fund"];
  if (outdated === undefined) args.push("--no-save");
  console.log(paint("dim", `install: ${due}; running npm ${args.join(" ")}`));
  const { ok } = await run("npm", args, { show: true });
  if (!ok) return "install: npm failed; its messages above say why. Is the registry reachable?";
  const stillDue = lockOutdated() ?? installDue();
  return stillDue && `install: npm ended well, but ${stillDue}. Remove node_modules and run npm install.`;
}

/** For runs that mean nothing without it: ends the process when the install fails. */
export async function ensureInstalled() {
  const failure = await install();
  if (failure === undefined) return;
  console.error(failure);
  process.exit(1);
}

/** The root ("") and every folder the root's `workspaces` names; patterns end in `/*`, no other form is used. */
function workspaceFolders(root = ROOT) {
  /** @type {string[]} */
  const patterns = readJson(path.join(root, "package.json"))["workspaces"] ?? [];
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return ["", ...folders.filter((folder) => existsSync(path.join(root, folder, "package.json")))];
}

/** @param {Record<string, string> | undefined} dependencies */
function sorted(dependencies) {
  return JSON.stringify(Object.entries(dependencies ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * @param {string} lockFile
 * @returns {Record<string, Record<string, any>>}
 */
function readPackages(lockFile) {
  return readJson(lockFile)["packages"] ?? {};
}

/**
 * @param {string} file
 * @returns {Record<string, any>}
 */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

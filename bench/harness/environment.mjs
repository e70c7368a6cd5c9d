// What a figure depends on besides the code. No host name and no path: results are published.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contenders } from "../contenders/contenders.mjs";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

export function environment() {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    governor: governor(),
    system: `${platform()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    load: loadavg().map((value) => Math.round(value * 100) / 100),
  };
}

/** Versions of the packages the named contenders stand on. */
export function versions(names) {
  const packages = [...new Set(names.map((name) => contenders[name].package))].filter(
    (name) => !name.startsWith("node:"),
  );
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

function versionOf(name) {
  try {
    let folder = dirname(fileURLToPath(import.meta.resolve(name)));
    while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version ?? null;
  } catch {
    return null;
  }
}

function commit() {
  try {
    const git = (...args) => execFileSync("git", args, { cwd: REPOSITORY, encoding: "utf8", stdio: "pipe" }).trim();
    // Changes in results do not change what was measured.
    const changed = git("status", "--porcelain", "--", ".", ":!docs/results", ":!bench/RESULTS.md") !== "";
    return git("rev-parse", "--short=12", "HEAD") + (changed ? " with changes" : "");
  } catch {
    return null;
  }
}

function governor() {
  try {
    return readFileSync("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "utf8").trim();
  } catch {
    return null;
  }
}

// @ts-check
/**
 * Where things are, and how a step of a run is started. Node's own modules only: these files run before anything
 * is installed.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder that holds the workspace's package.json. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");

/** The oldest Node that everything here is written for; the same number stands in package.json's `engines`. */
const NODE_FLOOR = [20, 19];

/** Ends the process with an explanation when this Node is too old; everything after it may rely on the floor. */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [floorMajor = 0, floorMinor = 0] = NODE_FLOOR;
  if (major > floorMajor || (major === floorMajor && minor >= floorMinor)) return;
  console.error(`This is Node ${version}; Spillway needs ${NODE_FLOOR.join(".")} or newer. Install a newer Node.`);
  process.exit(1);
}

const wantsColor =
  !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb" && (process.stdout.isTTY || process.env["FORCE_COLOR"]);

/**
 * The script behind a tool's command. Started with this very Node and not through a shell or npx, so that a run
 * does not depend on PATH and a signal reaches the tool itself.
 *
 * @param {"biome" | "knip" | "tsc" | "turbo" | "vitest"} tool
 */
export function toolScript(tool) {
  const places = {
    biome: "@biomejs/biome/bin/biome",
    knip: "knip/bin/knip.js",
    tsc: "typescript/bin/tsc",
    turbo: "turbo/bin/turbo",
    vitest: "vitest/vitest.mjs",
  };
  return path.join(ROOT, "node_modules", places[tool]);
}

/**
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} output  What the command printed; empty when it printed straight to the terminal.
 */

/**
 * Runs one command to its end. Never rejects: a command that cannot be started is a failed step like any other.
 *
 * The command gets a process group of its own, so that the end of a run is the end of everything it started: a test
 * runner that is stopped leaves a worker behind that spins in a test.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ show?: boolean, env?: Record<string, string>, timeoutMs?: number, cwd?: string }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  const { show = false, env = {}, timeoutMs, cwd = ROOT } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: {
        ...process.env,
        TURBO_TELEMETRY_DISABLED: "1",
        npm_config_update_notifier: "false",
        // Tools disagree on when a pipe wants colour (some ask for CI); this decides for all of them.
        ...(wantsColor ? {} : { NO_COLOR: "1" }),
        ...env,
      },
      detached: true,
      // A background group that reads the terminal would be stopped by it.
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text) => {
        output += text;
      });
    }

    /** @param {NodeJS.Signals} signal */
    const interrupt = (signal) => {
      killGroup(child.pid, signal);
      // Whatever the command makes of it, this process was asked to end, and ends the way it would have.
      stopListening();
      process.kill(process.pid, signal);
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    const stopListening = () => process.off("SIGINT", interrupt).off("SIGTERM", interrupt);

    const tooLong = setTimeout(() => {
      output += `\nstopped after ${Math.round((timeoutMs ?? 0) / 1000)} s\n`;
      // Not asked politely: a worker in an endless loop does not hear, and would outlive its parent.
      killGroup(child.pid, "SIGKILL");
    }, timeoutMs ?? 0x7fffffff);

    /** @param {boolean} ok */
    const end = (ok) => {
      clearTimeout(tooLong);
      stopListening();
      resolve({ ok, output });
    };
    child.once("error", (error) => {
      output += String(error);
      end(false);
    });
    child.once("close", (code) => end(code === 0));
  });
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * Leaves this process to another script: the same process, so that signals, the terminal and the exit code are
 * the script's own and nothing has to be passed on.
 *
 * @param {string} script  Path below the workspace's root.
 * @param {string} fix     What to do when it is not there.
 */
export async function become(script, fix) {
  const full = path.join(ROOT, script);
  if (!existsSync(full)) {
    console.error(`${script} does not exist. ${fix}`);
    process.exit(1);
  }
  process.argv[1] = full;
  await import(pathToFileURL(full).href);
}

/**
 * @param {"bold" | "dim" | "green" | "red" | "yellow"} name
 * @param {string} text
 */
export function paint(name, text) {
  if (!wantsColor) return text;
  const code = { bold: 1, dim: 2, green: 32, red: 31, yellow: 33 }[name];
  return `\u001b[${code}m${text}\u001b[0m`;
}

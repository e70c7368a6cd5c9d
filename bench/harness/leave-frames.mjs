// What a killed program leaves: `bytes` of frames for the log at `path`, none of which came to it.

import { spawn } from "node:child_process";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { overflowBytes, shut } from "./written.mjs";

const VICTIM = fileURLToPath(new URL("deep-victim.mjs", import.meta.url));
/** What of the frames is in the ring; the rest is beside it. */
export const LANE_BYTES = 8 * 1024 * 1024;

/**
 * @param {{ path: string, shape: string, bytes: number }} what
 * @returns {Promise<{ calls: number, bytes: number }>} calls that had returned, and bytes of frames that are there
 */
export async function leaveFrames({ path, shape, bytes }) {
  const noted = `${path}.noted`;
  writeFileSync(noted, Buffer.alloc(4));
  shut(path);
  const job = JSON.stringify({ path, noted, shape, bytes });
  const child = spawn(process.execPath, [VICTIM, job], { stdio: "ignore" });
  const end = await new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  if (end !== "SIGKILL") throw new Error(`the program that was to be killed ended with ${end}`);
  unlinkSync(path);
  return { calls: readFileSync(noted).readInt32LE(0), bytes: overflowBytes(path) + LANE_BYTES };
}

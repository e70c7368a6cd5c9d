// The runner's side of observer.mjs.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const OBSERVER = fileURLToPath(new URL("./observer.mjs", import.meta.url));

/**
 * @param {string} path
 * @param {number} napMs   between two looks
 * @returns {Promise<{ end(): Promise<[number, number][]> }>}
 */
export async function observe(path, napMs) {
  const child = spawn(process.execPath, [OBSERVER, path, String(napMs)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the observer ended before it began")));
    child.stdout.on("data", (text) => {
      output += text;
      if (output.startsWith("ready\n")) resolve(undefined);
    });
  });
  return {
    end: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve(JSON.parse(output.slice("ready\n".length) || "[]")));
        child.stdin.end();
      }),
  };
}

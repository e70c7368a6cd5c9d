import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test.each(["readme-figures.mjs", "results.mjs"])("figures: what %s writes is what the documents say", (script) => {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [path, "--check"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

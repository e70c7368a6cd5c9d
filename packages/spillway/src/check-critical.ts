import type { LoggerOptions } from "@spillway/core";
import { LevelTable } from "./level-table.ts";

/** Adds what is wrong with `critical` to the problems. */
export function checkCritical(options: LoggerOptions, problems: string[]): void {
  const { critical } = options;
  if (critical === undefined) return;
  if (typeof critical !== "object" || critical === null) {
    problems.push("critical: expected an object, such as { levels: ['error', 'fatal'] }");
    return;
  }
  for (const name of Object.keys(critical)) {
    if (name !== "levels" && name !== "walPath")
      problems.push(`critical.${name}: no such option; there are levels and walPath`);
  }
  const { walPath } = critical;
  if (walPath !== undefined && (typeof walPath !== "string" || walPath === "" || walPath.includes("\0"))) {
    problems.push("critical.walPath: expected the path of a file");
  }
  checkLevels(options, problems);
}

function checkLevels({ critical, customLevels, useOnlyCustomLevels }: LoggerOptions, problems: string[]): void {
  const levels: unknown = critical?.levels;
  if (!Array.isArray(levels)) {
    if (levels !== undefined) problems.push("critical.levels: expected names of levels, such as ['error', 'fatal']");
    return;
  }
  if (levels.length === 0) problems.push("critical.levels: expected at least one level; leave critical out for none");
  // What is wrong with custom levels is told of them.
  if (useOnlyCustomLevels === true && customLevels === undefined) return;
  const table = new LevelTable(customLevels, useOnlyCustomLevels === true);
  for (const level of levels) {
    if (typeof level !== "string" || table.find(level) === undefined) {
      const expected = table.all.map(({ label }) => label).join(", ");
      problems.push(`critical.levels: unknown level ${JSON.stringify(level)}; expected some of ${expected}`);
    }
  }
}

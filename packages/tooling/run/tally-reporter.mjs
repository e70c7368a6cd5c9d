// @ts-check
/**
 * A vitest reporter that writes the counts of a run, and the reason of every skip, to the file named by
 * SPILLWAY_TALLY. vitest's own JSON report leaves the reasons out.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./workspace.mjs";

/** A suite cannot be skipped with a note, so its reason stands in its name: `name (skipped: why)`. */
const WHY_IN_NAME = /\(skipped: ([^)]+)\)/;

export default class TallyReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {import("./tally.mjs").SuiteTally} */
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) this.#count(module, tally);

    const target = process.env["SPILLWAY_TALLY"];
    if (!target) throw new Error("SPILLWAY_TALLY does not name a file; run this reporter through run/test.mjs");
    writeFileSync(target, JSON.stringify(tally));
  }

  /**
   * @param {import("vitest/node").TestModule} module
   * @param {import("./tally.mjs").SuiteTally} tally
   */
  #count(module, tally) {
    const file = path.relative(ROOT, module.moduleId);
    // A file that cannot be loaded, or whose hooks throw, has errors of its own, and perhaps not one test.
    if (module.errors().length > 0) tally.failed++;
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) tally.failed++;
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") tally.passed++;
      else if (result.state === "failed") tally.failed++;
      // `pending`: it never ran, because its worker died or its suite's hook threw. That is not a skip.
      else if (result.state === "pending") tally.failed++;
      else {
        const why = result.note ?? WHY_IN_NAME.exec(test.fullName)?.[1];
        tally.skipped.push({ file, name: test.fullName, ...(why === undefined ? {} : { why }) });
      }
    }
  }
}

import { describe, expect, test } from "vitest";
import { ROOT } from "../run/workspace.mjs";
import { describeFindings } from "../src/finding.ts";
import { guardGlossary } from "../src/glossary-guard.ts";
import { placesOf, seedTree } from "./seed.ts";

test("glossary: no exported name of this repository is a second word for an old thing", () => {
  expect(describeFindings(guardGlossary(ROOT))).toBe("");
});

describe("glossary guard, seeded", () => {
  test("reports second words in exports of every form and in names of files", () => {
    const root = seedTree({
      "packages/sinks/src/tcp-transport.ts": "export {};\n",
      "packages/sinks/src/a.ts": [
        "export class FileAppender {}",
        "export interface MDC {}",
        "export const ringBufferBytes = 1, fine = 2;",
        "export function startWatchdog(): void {}",
        "export type HwmPosition = number;",
        'export { b as journal } from "./b.ts";',
      ].join("\n"),
    });
    expect(placesOf(guardGlossary(root))).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((line) => `packages/sinks/src/a.ts:${line}`),
      "packages/sinks/src/tcp-transport.ts:1",
    ]);
  });

  test("lets a door use the words of the library it leads from, and anybody use them inside", () => {
    const root = seedTree({
      "packages/spillway/src/winston.ts": "export class SpillwayTransport {}\n",
      "packages/sinks/src/journald.ts": "const journal = 1;\nexport const ring = [journal];\n",
    });
    expect(guardGlossary(root)).toEqual([]);
  });
});

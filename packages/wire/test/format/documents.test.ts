/** The worked examples in docs/formats are what the code makes, byte for byte. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ringExample, wireExample } from "./examples.ts";
import { dumpsIn } from "./hex-dump.ts";

function document(name: string): string {
  return readFileSync(path.join(import.meta.dirname, "../../../../docs/formats", name), "utf8");
}

test("docs/formats/ring.md: the example lane is what the code makes", () => {
  expect(dumpsIn(document("ring.md"))).toEqual([ringExample()]);
});

test("docs/formats/wire.md: the example dictionary and record are what the code makes", () => {
  const { dictionary, record } = wireExample();
  expect(dumpsIn(document("wire.md"))).toEqual([dictionary, record]);
});

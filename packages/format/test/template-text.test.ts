import { expect, test } from "vitest";
import { templateText } from "../src/index.ts";

test.each<[string, unknown[], string]>([
  ["%s and %s", ["a", 1], "a and 1"],
  ["%d %i %f", [1.5, 1.5, 1.5], "1.5 1 1.5"],
  ["%j %o %O", [{ json: "[1]" }, { json: '{"a":1}' }, { json: "null" }], '[1] {"a":1} null'],
  ["%s %s", [undefined, null], "undefined null"],
  ["100%% of %s", ["it"], "100% of it"],
  ["%s", [], "%s"],
  ["%x %s", ["a", "b"], "%x b"],
  ["%d", [Number.NaN], "NaN"],
])("template: %s with %j is %s", (template, args, expected) => {
  expect(templateText(template, args)).toBe(expected);
});

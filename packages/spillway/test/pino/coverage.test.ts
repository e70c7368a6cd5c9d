/** What the generators are for is met: a fuzz that draws only easy values would find nothing and look the same. */
import { expect, test } from "vitest";
import { campaignSeed } from "./campaign.ts";
import { mixSeed } from "./choices.ts";
import { play } from "./script.ts";
import { pinoSide } from "./sides.ts";

/** Each with how often it has to be seen in about 10,000 lines. */
const MET: readonly (readonly [string, { test(line: string): boolean }, number])[] = [
  ["a cycle, cut", /\[Circular\]/, 10],
  ["depth beyond the limit", /"\[(Object|Array)\]"/, 10],
  ["breadth beyond the limit", /items? not stringified/, 5],
  ["a redacted value", /\[Redacted\]/, 50],
  ["a cause chain", /caused by: /, 50],
  ["aggregated errors", /"aggregateErrors":/, 20],
  ["a lone surrogate in a long text", /\\ud800|\\udc00/, 50],
  ["a lone surrogate in a short text", /\ufffd/, 50],
  ["a control character", /\\u0000|\\u001f/, 100],
  ["a key with a quote", /"with\\"quote":/, 20],
  ["a key that is a prototype's", /"__proto__":|"constructor":|"hasOwnProperty":/, 100],
  ["an object behind a nested key", /"payload":\{/, 50],
  ["a line with a carriage return", /\r\n$/, 100],
  ["a request", /"remoteAddress":/, 50],
  ["a response", /"statusCode":(?:\d|null)/, 30],
  ["a buffer", /"type":"Buffer"/, 10],
  ["a number put into a template", /=-?\d/, 10],
  ["a number in exponents", /\de[+-]?\d/, 50],
  ["sixty keys", /"key59":/, 20],
  ["a long text", { test: (line) => line.split('"').some((text) => text.length >= 5000) }, 30],
  ["a made-up level", /"level":(?:35|70|15|1000),/, 50],
  ["two bindings of one name", /"request":\d+,[^\n]{1,50}"request":\d+/, 50],
];

test("fuzz: every kind of thing is met", { timeout: 60_000 }, async () => {
  const lines: string[] = [];
  for (let at = 0; lines.length < 10_000; at++) {
    try {
      const { run } = play({ seed: mixSeed(campaignSeed(), at), length: 250 }, pinoSide(), new Set());
      lines.push(...(await run.finish()).map(String));
    } catch {
      // A setup that pino refuses.
    }
  }
  const rare = MET.map(([name, pattern, least]) => ({
    name,
    least,
    seen: lines.filter((line) => pattern.test(line)).length,
  })).filter(({ least, seen }) => seen < least);
  expect(rare).toEqual([]);
});

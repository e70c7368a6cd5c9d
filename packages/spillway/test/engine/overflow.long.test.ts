import { expect, test } from "vitest";
import { pourOver, toldDropped } from "./overflow.ts";

const MEBIBYTE = 1024 * 1024;
const COUNT = 5_000_000;

test("overflow: five million records while the sink stands still, up to the cap nothing is lost, then drops are exact", async () => {
  const { accounts, report, numbers } = await pourOver(COUNT, { spillCap: 256 * MEBIBYTE });
  const dropped = accounts.dropped["full"] ?? 0;
  expect(dropped).toBeGreaterThan(COUNT / 10);
  expect(accounts.logged).toBe(COUNT + 2);
  expect(accounts.logged).toBe(accounts.accepted + dropped);
  expect(toldDropped(report, "info")).toBe(dropped);
  expect(numbers.length).toBe(COUNT - dropped);
  expect(numbers.every((seq, index) => seq === index)).toBe(true);
}, 900_000);

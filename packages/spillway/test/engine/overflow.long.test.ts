import { expect, test } from "vitest";
import { pourOver } from "./overflow.ts";

const MEBIBYTE = 1024 * 1024;
const COUNT = 5_000_000;

test("overflow: five million records while the sink stands still, up to the cap nothing is lost, then drops are exact", async () => {
  const { accounts, toldDropped, withoutGap } = await pourOver(COUNT, { spillCap: 256 * MEBIBYTE });
  const dropped = accounts.dropped["full"] ?? 0;
  expect(dropped).toBeGreaterThan(COUNT / 10);
  expect(accounts.logged).toBe(COUNT + 2);
  expect(accounts.logged).toBe(accounts.accepted + dropped);
  expect(toldDropped).toEqual({ info: dropped });
  expect(withoutGap).toBe(COUNT - dropped);
}, 900_000);

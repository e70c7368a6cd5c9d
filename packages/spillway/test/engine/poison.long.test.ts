/** The long form of `poison.test.ts`: a thread that spins is ended a few times, after more than a second of processor time each. */
import { TempFolder } from "@spillway/testkit";
import { test } from "vitest";
import { expectUnread } from "./poison.ts";

test("poison: a record at which whoever reads it spins is left out for every sink, and everything else is delivered in order", {
  timeout: 120_000,
}, async () => {
  using folder = new TempFolder();
  await expectUnread(folder, "spin");
});

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSequence, runProgram, TempFolder } from "@spillway/testkit";
import { afterAll, expect, test } from "vitest";
import { leftOf, type RecoveredBy, recover } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/bursts.mjs", import.meta.url));
const STALLED = new URL("../engine/fixtures/misbehaving-sink.mjs", import.meta.url).href;
const COUNT = 50_000;
const CGROUP_BYTES = 160 * 1024 * 1024;

/** What is left to see of the end: its exit code, or the signal. */
const ENDS: readonly (readonly [string, number | string])[] = [
  ["end", 0],
  ["process.exit", 3],
  ["throw", 1],
  ["rejection", 1],
  ["SIGTERM", "SIGTERM"],
  ["SIGINT", "SIGINT"],
  ["SIGHUP", "SIGHUP"],
  ["SIGKILL", "SIGKILL"],
  ["SIGSEGV", "SIGSEGV"],
  ["process.abort", "SIGABRT"],
  ["heap out of memory", "SIGABRT"],
];
const SINKS = ["instant", "stalled"] as const;
const CELLS = ENDS.flatMap(([end, seen], row) =>
  SINKS.map((sink, column) => {
    const by: RecoveredBy = (row + column) % 2 === 0 ? "start" : "recoverAll";
    return { end, seen, sink, by };
  }),
);

interface Cell {
  readonly end: string;
  readonly seen: number | string;
  readonly sink: (typeof SINKS)[number];
  readonly by: RecoveredBy;
  readonly under?: readonly string[];
}

async function expectAll({ end, seen, sink, by, under = [] }: Cell): Promise<void> {
  using folder = new TempFolder();
  const path = folder.file("app.log");
  const file = { type: "file", path };
  // Before the file in the order of sinks: the file gets nothing until the process is gone.
  const stalled = { type: "module", module: STALLED, options: { how: "block" } };
  const { code, signal, stderr } = await runProgram(PROGRAM, {
    input: { sinks: sink === "stalled" ? { stalled, file } : { file }, count: COUNT, end },
    nodeArgs: end === "heap out of memory" ? ["--max-old-space-size=64"] : [],
    under,
  });
  expect(signal ?? code, stderr).toBe(seen);
  await recover(by, path);
  expect(checkSequence(folder.read("app.log"), { counts: { main: COUNT } }).problems).toEqual([]);
  expect(leftOf(path)).toEqual([]);
}

test.each(CELLS)("burst: 50,000 records, then $end with the sink $sink, are all there after $by", expectAll);

const cgroup = limitMemory();
if (cgroup === undefined)
  console.warn("SKIPPED: burst, killed for the memory of its cgroup: no memory cgroup can be made here");

/** The folder of a cgroup of ours, of version 2 or 1. */
function limitMemory(): string | undefined {
  for (const [parent, limit] of [
    ["/sys/fs/cgroup", "memory.max"],
    ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ] as const) {
    const folder = `${parent}/spillway-test-${process.pid}`;
    try {
      mkdirSync(folder);
      // Where it is a cgroup, the kernel has put it there.
      if (!existsSync(`${folder}/${limit}`)) throw new Error("no memory controller");
      writeFileSync(`${folder}/${limit}`, String(CGROUP_BYTES));
      return folder;
    } catch {
      remove(folder);
    }
  }
  return undefined;
}

function remove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was not made.
  }
}

afterAll(() => {
  if (cgroup !== undefined) remove(cgroup);
});

test.skipIf(cgroup === undefined).each(SINKS)(
  "burst: 50,000 records of a process killed for the memory of its cgroup, with the sink %s, are all there",
  async (sink) => {
    const under = ["sh", "-c", `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, "sh"];
    await expectAll({ end: "memory of the cgroup", seen: "SIGKILL", sink, by: "start", under });
  },
);

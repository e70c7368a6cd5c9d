import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checkSequence, type Launch, runProgram, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { copyOf } from "./published-copy.ts";
import { recover } from "./recover.ts";

const PROGRAM = fileURLToPath(new URL("programs/turns.mjs", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const TURNS = 20;
const PER_TURN = 100;
const STUB = `module.exports = {
  load: () => ({ func: (prototype) => (prototype.includes("mmap") ? () => -1 : () => 0) }),
  address: () => 0n,
  errno: () => 19,
};`;

interface Fallback {
  readonly durability: "mirror" | "none";
  readonly says: RegExp;
  readonly make?: (folder: TempFolder) => Launch & { spillway?: string; dir?: string };
}

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";
const canMount =
  spawnSync("unshare", ["--mount", "--", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]).status === 0;
const canDrop = spawnSync("setpriv", ["--reuid", "65534", "--clear-groups", "true"]).status === 0;

const FALLBACKS: Readonly<Record<string, Fallback>> = {
  "koffi is not installed": {
    durability: "mirror",
    says: /koffi cannot be loaded/,
    make: (folder) => ({ spillway: copyOf(folder.file("copy"), undefined) }),
  },
  "koffi throws when it is loaded": {
    durability: "mirror",
    says: /koffi cannot be loaded \(not for this machine\)/,
    make: (folder) => ({ spillway: copyOf(folder.file("copy"), 'throw new Error("not for this machine");') }),
  },
  "mmap is refused": {
    durability: "mirror",
    says: /the ring cannot be mapped \(mmap: errno 19\)/,
    make: (folder) => ({ spillway: copyOf(folder.file("copy"), STUB) }),
  },
  "there is no WebAssembly (--jitless)": {
    durability: "mirror",
    says: /no WebAssembly memory/,
    make: () => ({ nodeArgs: ["--jitless"] }),
  },
  "the address space is limited (ulimit -v)": {
    durability: "mirror",
    says: /no WebAssembly memory/,
    make: () => ({ under: ["sh", "-c", 'ulimit -v 8000000 && exec "$@"', "sh"] }),
  },
  "the permission model forbids addons": {
    durability: "mirror",
    says: /koffi cannot be loaded/,
    make: () => ({ nodeArgs: [permission, "--allow-fs-read=*", "--allow-fs-write=*", "--allow-worker"] }),
  },
  "the folder may not be written to": {
    durability: "none",
    says: /no ring file \(EACCES/,
    make: (folder) => {
      writeFileSync(folder.file("app.log"), "");
      chmodSync(folder.file("app.log"), 0o666);
      chmodSync(folder.path, 0o555);
      return { under: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"] };
    },
  },
  "the disk is full": {
    durability: "none",
    says: /no ring file \(ENOSPC/,
    make: (folder) => {
      const dir = folder.file("disk");
      mkdirSync(dir);
      const mount = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"';
      return { dir, under: ["unshare", "--mount", "--", "sh", "-c", mount, dir] };
    },
  },
};

const skipped: Readonly<Record<string, boolean>> = {
  "the folder may not be written to": !canDrop,
  "the disk is full": !canMount,
};
for (const [name, isSkipped] of Object.entries(skipped))
  if (isSkipped) console.warn(`SKIPPED: fallback where ${name}: it cannot be brought about here (not root?)`);

test.each(Object.entries(FALLBACKS).filter(([name]) => skipped[name] !== true))(
  "fallback: where %s, the app starts, is told once what is weaker, and a kill costs no more than promised",
  async (_, { durability, says, make }) => {
    using folder = new TempFolder();
    const path = folder.file("app.log");
    const { spillway = pathToFileURL(join(PACKAGE, "dist/index.js")).href, dir, ...launch } = make?.(folder) ?? {};
    const sinks = { file: { type: "file", path } };
    const options = { crashSafety: dir === undefined ? {} : { dir } };
    const input = { spillway, sinks, options, turns: TURNS, perTurn: PER_TURN };
    const { signal, stdout, stderr, code } = await runProgram(PROGRAM, { ...launch, input: { ...input, dies: true } });
    expect(signal, `code ${code}: ${stdout}${stderr}`).toBe("SIGKILL");
    expect(stdout).toContain(`durability ${durability}\n`);
    expect(stderr).toMatch(says);
    expect(stderr.match(/spillway:/g)).toHaveLength(1);
    const logged = Number([...stdout.matchAll(/^logged (\d+)$/gm)].at(-1)?.[1]);
    await recover("recoverAll", path);
    const { problems, found } = checkSequence(folder.read("app.log"), {
      counts: { main: durability === "mirror" ? logged : 0 },
      mayHaveMore: { main: logged + PER_TURN },
      mayBe: ({ unreadable }) => unreadable === undefined,
    });
    expect(problems, stderr).toEqual([]);
    expect(found["main"]).toBeLessThanOrEqual(logged + PER_TURN);
    // And a process that ends by itself loses nothing, whatever there is to survive a kill.
    const before = folder.read("app.log").length;
    const ended = await runProgram(PROGRAM, { ...launch, input: { ...input, dies: false } });
    expect(ended.code, ended.stderr).toBe(0);
    const rest = folder.read("app.log").subarray(before);
    expect(checkSequence(rest, { counts: { main: logged + PER_TURN } }).problems).toEqual([]);
  },
);

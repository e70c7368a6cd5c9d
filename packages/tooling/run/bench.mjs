// @ts-check
/** `npm run bench`: the benchmarks, on what is in the tree now. */
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { become } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
await become("bench/run.mjs", "Is this a whole checkout? `git status` names missing files.");

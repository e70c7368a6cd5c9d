// @ts-check
/** `npm start`, `npm run demo`: from a fresh checkout to the running demo, with as little waiting as possible. */
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { become } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
await become("bench/demo/main.mjs", "Is this a whole checkout? `git status` names missing files.");

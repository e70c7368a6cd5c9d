import { fileURLToPath } from "node:url";
import source from "spillway:drain-source";
import type { DrainCode } from "@spillway/host";

/** The CommonJS build of the drain: the file beside this one, and its text for applications bundled into one file. */
export const drainCode: DrainCode = {
  file: fileURLToPath(new URL("./drain.cjs", import.meta.url)),
  source: () => source,
};

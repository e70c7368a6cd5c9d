/**
 * The law of the layers, as data. A package may import what stands in its row and nothing else of this workspace;
 * arrows point down, and packages of one layer do not know each other.
 *
 *   L6   cli   integrations
 *   L5   server   viewer
 *   L4   spillway
 *   L3   host        drain               the two sides of the thread boundary
 *   L2               sinks   store
 *   L1   ring  wire  spill  seal  format  metrics  query
 *   L0   core
 *
 * Why it is kept this way: docs/decisions/0022-layers-are-data.md.
 */

export interface LayerRow {
  /** Higher may import lower, never the other way, never sideways. */
  layer: number;
  mayImport: readonly string[];
}

const L1 = ["ring", "wire", "spill", "seal", "format", "metrics", "query"] as const;
const UP_TO_SPILLWAY = ["core", ...L1, "sinks", "store", "drain", "host", "spillway"] as const;

/** Rows by the package's folder below `packages/`. */
export const LAYERS: Readonly<Record<string, LayerRow>> = {
  core: { layer: 0, mayImport: [] },
  ring: { layer: 1, mayImport: ["core"] },
  wire: { layer: 1, mayImport: ["core"] },
  spill: { layer: 1, mayImport: ["core"] },
  seal: { layer: 1, mayImport: ["core"] },
  format: { layer: 1, mayImport: ["core"] },
  metrics: { layer: 1, mayImport: ["core"] },
  query: { layer: 1, mayImport: ["core"] },
  // Formats and seals reach a sink as functions.
  sinks: { layer: 2, mayImport: ["core"] },
  store: { layer: 2, mayImport: ["core", "query"] },
  drain: { layer: 3, mayImport: ["core", ...L1, "sinks"] },
  // Knows the drain as the URL of a file, so that the app's thread cannot load it by accident.
  host: { layer: 3, mayImport: ["core", "ring", "spill", "metrics"] },
  spillway: { layer: 4, mayImport: ["core", "wire", "ring", "host", "metrics", "query"] },
  server: { layer: 5, mayImport: ["core", "wire", "seal", "format", "metrics", "query", "sinks", "store"] },
  // Speaks REST with the server, and shares no code with it.
  viewer: { layer: 5, mayImport: [] },
  integrations: { layer: 6, mayImport: ["spillway"] },
  cli: { layer: 6, mayImport: [...UP_TO_SPILLWAY, "server"] },
};

/**
 * Packages beside the layers: no package's sources import them. The testkit serves tests and benchmarks and may
 * look at everything below the doors; the tooling looks at files, not at modules.
 */
export const BESIDE: Readonly<Record<string, { mayImport: readonly string[] }>> = {
  testkit: { mayImport: UP_TO_SPILLWAY },
  tooling: { mayImport: [] },
};

/** Packages that stand on the language alone: no other package, no module of Node. */
export const IMPORT_NOTHING: readonly string[] = ["core"];

/**
 * Packages whose code runs on the thread that serves users, and what must not be loaded with them: a static import
 * costs every app its start, used or not. Loading later, by `import()` in the function that needs it, is allowed.
 */
export const CALLING_THREAD: readonly string[] = ["core", "ring", "wire", "host", "spillway"];
export const TOO_HEAVY_FOR_THE_CALLING_THREAD: readonly string[] = [
  "crypto",
  "dgram",
  "http",
  "http2",
  "https",
  "inspector",
  "net",
  "tls",
  "zlib",
];

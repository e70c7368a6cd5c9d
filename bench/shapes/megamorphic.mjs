// 64 call sites with 64 shapes: what an application looks like to a logger that remembers shapes. A benchmark with
// one call site flatters every cache there is, ours first.

const SITES = 64;

/** Values a field may have; each is a fresh object, string or number in every call. */
const VALUES = ["i", "i * 0.5", "(i & 1) === 0", '"v" + (i % 100000)', "{ x: i, y: -i }", "[i, i + 1]", "null"];

/** @returns {Pick<import("./shapes.mjs").Shape, "fields" | "message">[]} */
export function megamorphicSites() {
  return Array.from({ length: SITES }, (_, site) => {
    const keys = Array.from({ length: 1 + (site % 6) }, (_, index) => `key${site}_${index}`);
    const fields = keys.map((key, index) => `${key}: ${VALUES[(site + index) % VALUES.length]}`);
    return { fields: `{ site: ${site}, ${fields.join(", ")} }`, message: `"what happened at place ${site}"` };
  });
}

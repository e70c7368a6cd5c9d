// The notice that licences of bundled libraries ask for.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const INSIDE = /^(.*\/?node_modules\/((?:@[^/]+\/)?[^/]+))\//;
const LICENCE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/**
 * @param {string} folder what the inputs' paths are relative to
 * @param {Iterable<string>} inputs files that were bundled
 */
export function thirdPartyNotice(folder, inputs) {
  /** @type {Map<string, string>} */
  const libraries = new Map();
  for (const input of inputs) {
    const found = INSIDE.exec(input);
    if (found?.[1] && found[2]) libraries.set(found[2], join(folder, found[1]));
  }
  const sections = [...libraries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, root]) => section(name, root));
  return [
    "# Libraries inside this package",
    "",
    "Their code is in the files beside this one, under these licences.",
    "",
    ...sections,
  ].join("\n");
}

/** @param {string} name @param {string} root */
function section(name, root) {
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = readdirSync(root)
    .filter((file) => LICENCE.test(file))
    .sort();
  if (files.length === 0) throw new Error(`${name} is bundled, and has no licence file to pass on`);
  const texts = files.map((file) => readFileSync(join(root, file), "utf8").replace(/\r\n/g, "\n").trim());
  return [`## ${name} ${version} (${license})`, "", "```", texts.join("\n\n"), "```", ""].join("\n");
}

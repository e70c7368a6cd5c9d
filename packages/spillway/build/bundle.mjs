// node bundle.mjs [FOLDER]: builds what is published: one package without dependencies, with the workspace's packages and a few libraries inside.
//
//   dist/index.js             the entry, ESM
//   dist/index.cjs            the same for require()
//   dist/index.d.ts, .d.cts   the declarations of what the entry exports, and nothing else
//   dist/drain.cjs            the drain worker, whole; also required by the calling thread for last words
//   dist/pool.cjs             piscina, as one file: reading its fourteen took a third of all that importing cost
//   dist/pool-worker.cjs      what piscina starts in a thread, and what loads drain.cjs there
//   dist/cli.js               the spillway command; takes the library from index.js beside it
//   dist/THIRD-PARTY.md       the licences of the libraries inside
//
// The entry also holds the text of drain.cjs, minified, for applications that are bundled into one file and leave the
// files above behind. docs/decisions/0040 says why it is all made this way.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { bundleDeclarations } from "./declarations.mjs";
import { thirdPartyNotice } from "./third-party.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = dirname(here);
const dist = process.argv[2] === undefined ? join(here, "dist") : resolve(process.argv[2]);

const NOTICE = "/*! spillway, MIT licence. The libraries inside and their licences: THIRD-PARTY.md of the package */";

/** @satisfies {import("rolldown").InputOptions} */
const common = {
  // Comments in the output name the files it is made from, as seen from here: the same text wherever the build was started.
  cwd: here,
  platform: "node",
  resolve: { conditionNames: ["@spillway/source"] },
  tsconfig: false,
  transform: { target: "node20.19" },
};

/** Files that went into any of the outputs. */
const inputs = new Set();

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const drain = {
  input: join(packages, "drain/src/index.ts"),
  transform: { ...common.transform, define: { "import.meta.url": "spillwayUrl" } },
};
const drainBanner = urlBanner(
  'const spillwayToUrl = require("node:url").pathToFileURL;',
  "spillwayToUrl(__filename).href",
);
await write("drain.cjs", drain, { format: "cjs", banner: drainBanner });
const drainText = await bundle(drain, { format: "cjs", minify: true, banner: drainBanner });

const piscina = join(packages, "../node_modules/piscina/dist");
await write("pool.cjs", { input: join(piscina, "main.js"), plugins: [poolFiles()] }, { format: "cjs" });
await write(
  "pool-worker.cjs",
  // Changes the priority of a thread when asked to, which nobody does.
  { input: join(piscina, "worker.js"), external: ["@napi-rs/nice"] },
  { format: "cjs" },
);

const entry = {
  input: join(here, "src/index.ts"),
  plugins: [drainSource(drainText)],
  transform: { ...common.transform, define: { "import.meta.url": "spillwayUrl" } },
};
await write("index.js", entry, {
  format: "esm",
  // Bundled to CommonJS by others, import.meta is an empty object.
  banner: urlBanner(
    'import { pathToFileURL as spillwayToUrl } from "node:url";',
    'import.meta.url || spillwayToUrl(typeof __filename === "string" ? __filename : process.cwd() + "/spillway.js").href',
  ),
});
await write("index.cjs", entry, {
  format: "cjs",
  banner: urlBanner('const spillwayToUrl = require("node:url").pathToFileURL;', "spillwayToUrl(__filename).href"),
});

await write(
  "cli.js",
  { input: join(packages, "cli/src/main.ts"), external: ["spillway"] },
  {
    format: "esm",
    banner: `#!/usr/bin/env node\n${NOTICE}`,
    paths: { spillway: "./index.js" },
    // Half of it is comments of the argument library's. Names stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: true },
  },
);
chmodSync(join(dist, "cli.js"), 0o755);

const declarations = bundleDeclarations({
  entry: join(here, ".tsc/index.d.ts"),
  workspace: (name) => join(packages, name, "dist/index.d.ts"),
  // Made by createLogger() and child() only.
  notConstructed: ["Logger"],
});
writeFileSync(join(dist, "index.d.ts"), declarations);
writeFileSync(join(dist, "index.d.cts"), declarations);
writeFileSync(join(dist, "THIRD-PARTY.md"), thirdPartyNotice(here, inputs));

/**
 * @param {string} file
 * @param {import("rolldown").InputOptions} input
 * @param {import("rolldown").OutputOptions} output
 */
async function write(file, input, output) {
  writeFileSync(join(dist, file), await bundle(input, { banner: NOTICE, ...output }));
}

/**
 * @param {import("rolldown").InputOptions} input
 * @param {import("rolldown").OutputOptions} output
 * @returns {Promise<string>}
 */
async function bundle(input, output) {
  const build = await rolldown({ ...common, ...input });
  const { output: chunks } = await build.generate({
    codeSplitting: false,
    exports: "named",
    comments: { legal: false },
    ...output,
  });
  await build.close();
  if (chunks.length !== 1) throw new Error(`${input.input}: ${chunks.length} files came out, instead of one`);
  for (const id of chunks[0].moduleIds) inputs.add(relative(here, id));
  return chunks[0].code;
}

/** @param {string} first @param {string} url an expression */
function urlBanner(first, url) {
  return [NOTICE, first, `const spillwayUrl = ${url};`].join("\n");
}

/** @param {string} text @returns {import("rolldown").Plugin} */
function drainSource(text) {
  const wanted = "spillway:drain-source";
  const id = `\0${wanted}`;
  return {
    name: "drain-source",
    resolveId: (source) => (source === wanted ? id : undefined),
    load: (module) => (module === id ? `export default ${JSON.stringify(text)}` : undefined),
  };
}

/** piscina looks for its worker beside itself, under a name that would be an ES module in this package. @returns {import("rolldown").Plugin} */
function poolFiles() {
  return {
    name: "pool-files",
    load(path) {
      if (/[\\/]piscina[\\/]dist[\\/]index\.js$/.test(path)) {
        const parts = readFileSync(path, "utf8").split("(__dirname, 'worker.js')");
        if (parts.length !== 2)
          throw new Error("piscina no longer finds its worker the way it did: look at dist/index.js");
        return parts.join("(__dirname, 'pool-worker.cjs')");
      }
      // All it wants to know is its version.
      if (/[\\/]piscina[\\/]package\.json$/.test(path))
        return JSON.stringify({ version: JSON.parse(readFileSync(path, "utf8")).version });
      return undefined;
    },
  };
}

// node bundle.mjs [FOLDER]: builds what is published: one package without dependencies, with the workspace's packages and a few libraries inside.
//
//   dist/index.js             the entry, ESM
//   dist/index.cjs            the same for require()
//   dist/index.d.ts, .d.cts   the declarations of what the entry exports, and nothing else
//   dist/drain.cjs            the drain worker, whole; also required by the calling thread for last words
//   dist/pool.cjs             piscina, as one file: reading its fourteen took a third of all that importing cost
//   dist/pool-worker.cjs      what piscina starts in a thread, and what loads drain.cjs there
//   dist/THIRD-PARTY.md       the licences of the libraries inside
//
// The entry also holds the text of drain.cjs, minified, for applications that are bundled into one file and leave the
// files above behind. docs/decisions/0040 says why it is all made this way.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleDeclarations } from "./declarations.mjs";
import { thirdPartyNotice } from "./third-party.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = dirname(here);
const dist = process.argv[2] === undefined ? join(here, "dist") : resolve(process.argv[2]);

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  conditions: ["@spillway/source"],
  // Comments in the output name the files it is made from, as seen from here: the same text wherever the build was started.
  absWorkingDir: here,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
  banner: {
    js: "/*! spillway, MIT licence. The libraries inside and their licences: THIRD-PARTY.md of the package */",
  },
};

/** Files of node_modules that went into any of the outputs. */
const inputs = new Set();

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const drain = { entryPoints: [join(packages, "drain/src/index.ts")], format: "cjs" };
await bundle({ ...drain, outfile: join(dist, "drain.cjs") });
const drainText = await bundle({ ...drain, minify: true, write: false, banner: {} });

const piscina = join(packages, "../node_modules/piscina/dist");
await bundle({
  entryPoints: [join(piscina, "main.js")],
  format: "cjs",
  outfile: join(dist, "pool.cjs"),
  plugins: [poolFiles()],
});
await bundle({
  entryPoints: [join(piscina, "worker.js")],
  format: "cjs",
  outfile: join(dist, "pool-worker.cjs"),
  // Changes the priority of a thread when asked to, which nobody does.
  external: ["@napi-rs/nice"],
});

const entry = {
  entryPoints: [join(here, "src/index.ts")],
  plugins: [drainSource(drainText)],
  define: { "import.meta.url": "spillwayUrl" },
};
await bundle({
  ...entry,
  format: "esm",
  outfile: join(dist, "index.js"),
  // Bundled to CommonJS by others, import.meta is an empty object.
  banner: urlBanner(
    'import { pathToFileURL as spillwayToUrl } from "node:url";',
    'import.meta.url || spillwayToUrl(typeof __filename === "string" ? __filename : process.cwd() + "/spillway.js").href',
  ),
});
await bundle({
  ...entry,
  format: "cjs",
  outfile: join(dist, "index.cjs"),
  banner: urlBanner('const spillwayToUrl = require("node:url").pathToFileURL;', "spillwayToUrl(__filename).href"),
});

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
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<string>} the text, if it was not written
 */
async function bundle(options) {
  const { metafile, outputFiles } = await build({ ...common, ...options });
  for (const input of Object.keys(metafile?.inputs ?? {})) inputs.add(input);
  return outputFiles?.[0]?.text ?? "";
}

/** @param {string} first @param {string} url an expression */
function urlBanner(first, url) {
  return { js: [common.banner?.["js"], first, `const spillwayUrl = ${url};`].join("\n") };
}

/** @param {string} text @returns {import("esbuild").Plugin} */
function drainSource(text) {
  return {
    name: "drain-source",
    setup(build) {
      build.onResolve({ filter: /^spillway:drain-source$/ }, ({ path }) => ({ path, namespace: "drain" }));
      build.onLoad({ filter: /.*/, namespace: "drain" }, () => ({ contents: text, loader: "text" }));
    },
  };
}

/** piscina looks for its worker beside itself, under a name that would be an ES module in this package. @returns {import("esbuild").Plugin} */
function poolFiles() {
  return {
    name: "pool-files",
    setup(build) {
      build.onLoad({ filter: /[\\/]piscina[\\/]dist[\\/]index\.js$/ }, ({ path }) => {
        const parts = readFileSync(path, "utf8").split("(__dirname, 'worker.js')");
        if (parts.length !== 2)
          throw new Error("piscina no longer finds its worker the way it did: look at dist/index.js");
        return { contents: parts.join("(__dirname, 'pool-worker.cjs')") };
      });
      // All it wants to know is its version.
      build.onLoad({ filter: /[\\/]piscina[\\/]package\.json$/ }, ({ path }) => ({
        contents: JSON.stringify({ version: JSON.parse(readFileSync(path, "utf8")).version }),
        loader: "json",
      }));
    },
  };
}

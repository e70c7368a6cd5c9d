// Builds what is published: one package, with the workspace's packages inside.
//
//   dist/drain.cjs     the drain worker, whole: sonic-boom and all. Also required by the calling thread for last words.
//   dist/index.js      the entry, ESM; libraries of the calling thread stay imports
//   dist/index.cjs     the same for require()
//   dist/types/**      the declarations of the packages that the entry's types mention
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = dirname(here);
const dist = join(here, "dist");
const external = Object.keys(JSON.parse(readFileSync(join(here, "package.json"), "utf8")).dependencies);
const TYPED = ["core", "metrics", "ring", "wire", "host"];

const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  conditions: ["@spillway/source"],
  legalComments: "inline",
  logLevel: "warning",
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

await build({ ...common, entryPoints: [join(packages, "drain/src/index.ts")], format: "cjs", outfile: join(dist, "drain.cjs") });

const drainSource = {
  name: "drain-source",
  setup(build) {
    build.onResolve({ filter: /^spillway:drain-source$/ }, (args) => ({ path: args.path, namespace: "drain" }));
    build.onLoad({ filter: /.*/, namespace: "drain" }, () => ({
      contents: readFileSync(join(dist, "drain.cjs"), "utf8"),
      loader: "text",
    }));
  },
};
const entry = { ...common, entryPoints: [join(here, "src/index.ts")], external, plugins: [drainSource] };
await build({ ...entry, format: "esm", outfile: join(dist, "index.js") });
await build({
  ...entry,
  format: "cjs",
  outfile: join(dist, "index.cjs"),
  define: { "import.meta.url": "spillwayUrl" },
  banner: { js: 'const spillwayUrl = require("node:url").pathToFileURL(__filename).href;' },
});

copyTypes(join(here, ".tsc"), join(dist, "types/spillway"));
for (const name of TYPED) copyTypes(join(packages, name, "dist"), join(dist, "types", name));
writeFileSync(join(dist, "index.d.ts"), 'export * from "./types/spillway/index.js";\n');
writeFileSync(join(dist, "index.d.cts"), 'export * from "./types/spillway/index.js" with { "resolution-mode": "import" };\n');

/** Declarations, with the workspace's package names turned into relative paths. */
function copyTypes(from, to) {
  if (!existsSync(from)) throw new Error(`${from} is missing: run tsc -b first`);
  for (const entry of readdirSync(from, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const target = join(to, entry);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(from, entry), target);
    const text = readFileSync(target, "utf8").replace(/"@spillway\/([a-z]+)"/g, (_, name) => {
      const path = relative(dirname(target), join(dist, "types", name, "index.js"));
      return JSON.stringify(path.startsWith(".") ? path : `./${path}`);
    });
    writeFileSync(target, text.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
  }
}

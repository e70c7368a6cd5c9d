// One file of declarations out of what the compiler wrote for each source file: what the entry exports, what that
// mentions, and nothing else.
//
// Every statement is one declaration, because sources are written for isolatedDeclarations; so it is enough to know
// which names a statement mentions. Names are kept: two different things of one name are an error, not renamed.
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Options
 * @property {string} entry
 * @property {(name: string) => string} workspace the declarations of `@spillway/NAME`
 * @property {readonly string[]} notConstructed classes whose constructor takes what outsiders do not have
 *
 * @typedef {object} Place where a name leads: a statement of a file, or something of a module from outside
 * @property {string} file
 * @property {string} name
 *
 * @typedef {object} Parsed
 * @property {Map<string, { text: string, node: object }>} declared
 * @property {Map<string, { from: string, name: string }>} imported
 * @property {Map<string, { from: string, name: string } | undefined>} exported
 * @property {string[]} everythingOf
 */

/** @param {Options} options */
export function bundleDeclarations({ entry, workspace, notConstructed }) {
  /** @type {Map<string, Parsed>} */
  const files = new Map();
  /** @type {Map<string, string>} */
  const owners = new Map();
  /** @type {Set<string>} */
  const imports = new Set();
  /** @type {string[]} */
  const statements = [];

  const names = exportedNames(entry);
  for (const name of names) include(lookUp(entry, name) ?? fail(`${name} is exported and declared nowhere`));
  return [...[...imports].sort(), "", ...statements, `export { ${names.join(", ")} };`, ""].join("\n");

  /** @param {Place} place */
  function include({ file, name }) {
    const owner = owners.get(name);
    if (owner === file) return;
    if (owner !== undefined) fail(`${name} is declared in ${owner} and in ${file}`);
    owners.set(name, file);
    const parsed = open(file);
    const { text, node } = parsed.declared.get(name) ?? fail(`${name} is not declared in ${file}`);
    const isHidden = notConstructed.includes(name);
    statements.push(isHidden ? withPrivateConstructor(name, text) : text, "");
    for (const mentioned of mentionedNames(node, isHidden)) if (mentioned !== name) mention(file, parsed, mentioned);
  }

  /** @param {string} file @param {Parsed} parsed @param {string} name */
  function mention(file, parsed, name) {
    if (parsed.declared.has(name)) {
      include({ file, name });
      return;
    }
    const source = parsed.imported.get(name);
    // A type parameter, or something that is everywhere.
    if (source === undefined) return;
    const target = locate(file, source.from);
    if (target !== undefined) {
      const place = lookUp(target, source.name) ?? fail(`${source.name} is not exported by ${target}`);
      if (place.name !== name) fail(`${file} renames ${place.name} to ${name}`);
      include(place);
    } else if (isBuiltin(source.from)) {
      imports.add(
        `import type { ${source.name === name ? name : `${source.name} as ${name}`} } from "${source.from}";`,
      );
    } else if (!owners.has(name)) {
      owners.set(name, source.from);
      statements.push(libraryNamespace(name, source.from), "");
    }
  }

  /** A CommonJS library that went into the bundle: what `import name from` gives, with all its types. @param {string} name @param {string} library */
  function libraryNamespace(name, library) {
    const manifest = require.resolve(`${library}/package.json`);
    const file = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).types);
    const text = readFileSync(file, "utf8");
    const kept = [];
    for (const node of parse(file, text)) {
      if (node.type === "ImportDeclaration") {
        const specifiers = node.specifiers.map((/** @type {any} */ { local }) => local.name).sort();
        imports.add(`import type { ${specifiers.join(", ")} } from "${nodeName(node.source.value)}";`);
      } else {
        kept.push(`  ${text.slice(node.start, node.end).replaceAll("\n", "\n  ")}`);
      }
    }
    return [
      `/** The declarations of ${library}, which is inside. */`,
      `declare namespace ${name} {`,
      ...kept,
      "}",
    ].join("\n");
  }

  /** @param {string} file @param {string} name @returns {Place | undefined} */
  function lookUp(file, name) {
    const { declared, exported, everythingOf } = open(file);
    const alias = exported.get(name);
    if (alias !== undefined)
      return lookUp(locate(file, alias.from) ?? fail(`${alias.from} is from outside`), alias.name);
    if (declared.has(name) && exported.has(name)) return { file, name };
    for (const from of everythingOf) {
      const place = lookUp(locate(file, from) ?? fail(`${from} is from outside`), name);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** @param {string} file */
  function exportedNames(file) {
    const { exported, everythingOf } = open(file);
    if (everythingOf.length > 0)
      fail(`${file} exports everything of another file: the public surface is to be written out`);
    return [...exported.keys()];
  }

  /** @param {string} from @param {string} specifier */
  function locate(from, specifier) {
    if (specifier.startsWith("@spillway/")) return workspace(specifier.slice("@spillway/".length));
    if (!specifier.startsWith(".")) return undefined;
    return join(dirname(from), specifier.replace(/\.[jt]s$/, ".d.ts"));
  }

  /** @param {string} file */
  function open(file) {
    const known = files.get(file);
    if (known !== undefined) return known;
    const parsed = read(file);
    files.set(file, parsed);
    return parsed;
  }
}

/** @param {string} file @returns {Parsed} */
function read(file) {
  const text = readFileSync(file, "utf8");
  /** @type {Parsed} */
  const parsed = { declared: new Map(), imported: new Map(), exported: new Map(), everythingOf: [] };
  let end = 0;
  for (const node of parse(file, text)) {
    const comment = text.slice(end, node.start).trim();
    end = node.end;
    if (node.type === "ImportDeclaration") {
      for (const { type, local, imported } of node.specifiers) {
        const name = type === "ImportSpecifier" ? imported.name : "default";
        parsed.imported.set(local.name, { from: node.source.value, name });
      }
    } else if (node.type === "ExportAllDeclaration") {
      parsed.everythingOf.push(node.source.value);
    } else if (node.type === "ExportNamedDeclaration" && node.declaration === null) {
      for (const { local, exported } of node.specifiers) {
        parsed.exported.set(exported.name, node.source && { from: node.source.value, name: local.name });
      }
    } else {
      const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : node;
      const name =
        (declaration.id ?? declaration.declarations?.[0].id)?.name ?? fail(`${file}: a ${node.type} without a name`);
      const body = text.slice(declaration.start, node.end);
      // Without a comment of its own a statement of the compiler's begins with those of imports it left out.
      const about = comment.slice(Math.max(0, comment.lastIndexOf("/**")));
      parsed.declared.set(name, { text: about === "" ? body : `${about}\n${body}`, node: declaration });
      if (declaration !== node) parsed.exported.set(name, undefined);
    }
  }
  return parsed;
}

/**
 * Names that stand for a type or a value: not those of members, parameters or labels.
 *
 * @param {any} node
 * @param {boolean} isHidden whether its constructor is left out
 * @param {Set<string>} names
 */
function mentionedNames(node, isHidden, names = new Set()) {
  if (Array.isArray(node)) {
    for (const part of node) mentionedNames(part, isHidden, names);
  } else if (typeof node === "object" && node !== null && !(isHidden && node.kind === "constructor")) {
    for (const reference of [node.typeName, node.exprName, node.superClass, node.computed ? node.key : undefined]) {
      if (reference) names.add(leftmost(reference));
    }
    if (node.type === "TSInterfaceHeritage" || node.type === "TSClassImplements") names.add(leftmost(node.expression));
    for (const part of Object.values(node)) mentionedNames(part, isHidden, names);
  }
  return names;
}

/** @param {any} node @returns {string} */
function leftmost(node) {
  if (node.type === "TSQualifiedName") return leftmost(node.left);
  if (node.type === "MemberExpression") return leftmost(node.object);
  return node.name ?? "";
}

/** @param {string} name @param {string} text */
function withPrivateConstructor(name, text) {
  const changed = text.replace(/\n( *)constructor\([^\n]*\);/, "\n$1private constructor();");
  return changed === text ? fail(`${name} has no constructor to hide`) : changed;
}

/** @param {string} file @param {string} text @returns {any[]} */
function parse(file, text) {
  const { program, errors } = parseSync(file, text, { lang: "dts", sourceType: "module" });
  return errors.length > 0 ? fail(`${file}: ${errors[0]?.message}`) : program.body;
}

/** @param {string} name */
function nodeName(name) {
  return isBuiltin(name) && !name.startsWith("node:") ? `node:${name}` : name;
}

/** @param {string} message @returns {never} */
function fail(message) {
  throw new Error(`declarations: ${message}`);
}

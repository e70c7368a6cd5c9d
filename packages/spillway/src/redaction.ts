import redact from "@pinojs/redact";
import type { RedactOptions } from "@spillway/core";
import type { Stringify } from "@spillway/wire";

/** Makes the JSON text of a value with the secret parts replaced; undefined: leave it out. */
export type Redactor = (value: unknown) => string | undefined;

export interface Redaction {
  /** By the name of the field on the first level. */
  readonly byKey: ReadonlyMap<string, Redactor>;
  /** For every other field, where a path begins with `*`. */
  readonly anyKey: Redactor | undefined;
  /** For objects put into the message by printf. */
  readonly whole: Redactor;
}

const DEFAULT_CENSOR = "[Redacted]";
/** One step of a path: a name, or what stands in brackets. */
const STEP = /[^.[\]]+|\[([^[\]]*?)\]/g;
const QUOTED = /^(["'`])(.*)\1$/;
const ANY = "*";

/**
 * Paths sorted by their first step, because fields are written one by one: a path of one step replaces the field, a
 * longer one is left to the library, for the field's value.
 */
export function makeRedaction(options: readonly string[] | RedactOptions, stringify: Stringify): Redaction {
  const settings: RedactOptions = isPathList(options) ? { paths: options } : options;
  const remove = settings.remove === true;
  const censor = remove ? undefined : settings.censor === undefined ? DEFAULT_CENSOR : settings.censor;
  const byKey = new Map<string, Redactor>();
  let anyKey: Redactor | undefined;
  for (const [key, rests] of sortPaths(settings.paths)) {
    const redactor =
      rests === WHOLE ? makeCensor(key, censor, stringify) : makeInner(key, rests, censor, remove, stringify);
    if (key === ANY) anyKey = redactor;
    else byKey.set(key, redactor);
  }
  const all = library(settings.paths, censor, remove, (value) => stringify(value, false, true));
  return { byKey, anyKey, whole: all };
}

function isPathList(options: readonly string[] | RedactOptions): options is readonly string[] {
  return Array.isArray(options);
}

/** The path ends at the field itself. */
const WHOLE: unique symbol = Symbol("whole");
type Rests = readonly string[] | typeof WHOLE;

function sortPaths(paths: readonly string[]): Map<string, Rests> {
  const sorted = new Map<string, string[] | typeof WHOLE>();
  for (const path of paths) {
    const steps = [...path.matchAll(STEP)];
    const first = steps[0];
    if (first === undefined) continue;
    const key = first[1] === undefined ? first[0] : first[1].replace(QUOTED, "$2");
    const second = steps[1];
    if (second === undefined) {
      sorted.set(key, WHOLE);
      continue;
    }
    const rest = path.slice(second.index);
    const known = sorted.get(key);
    if (known === WHOLE) continue;
    // A path under `*` holds for the named fields too, those before it and those after it.
    if (key === ANY) for (const rests of sorted.values()) if (rests !== WHOLE && rests !== known) rests.push(rest);
    const inherited = sorted.get(ANY);
    const rests = known ?? (key !== ANY && Array.isArray(inherited) ? [...inherited] : []);
    rests.push(rest);
    sorted.set(key, rests);
  }
  return sorted;
}

type Censor = RedactOptions["censor"];

function makeCensor(key: string, censor: Censor, stringify: Stringify): Redactor {
  return (value) => stringify(typeof censor === "function" ? censor(value, [key]) : censor);
}

function makeInner(
  key: string,
  paths: readonly string[],
  censor: Censor,
  remove: boolean,
  stringify: Stringify,
): Redactor {
  const inner: Censor = typeof censor === "function" ? (value, path) => censor(value, [key, ...path]) : censor;
  return library(paths, inner, remove, stringify);
}

function library(paths: readonly string[], censor: Censor, remove: boolean, stringify: Stringify): Redactor {
  return redact({ paths: [...paths], censor, serialize: stringify, strict: false, remove } as never) as Redactor;
}

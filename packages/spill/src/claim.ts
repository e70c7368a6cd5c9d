/**
 * Who recovers something, said by a file: where there is no flock, recoveries see each other by this.
 *
 *   FOLDER/STEM.claim.N    a symbolic link whose text is the claimer's identity, so that there is no moment without one
 *
 * The claim with the highest number counts, and only if its process lives. One whose process is dead stays, and is
 * overtaken by N + 1: were it removed, somebody who has seen it and somebody who has not could take N + 1 and N. A living
 * claim is removed by its process alone. So the numbers have no gap, whoever makes N has seen that all before it are dead,
 * and of several that make N one succeeds. They all go when what was claimed is gone: then a claim is one of nothing.
 */
import { readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lifeOf, ownIdentity, type ProcessIdentity } from "./process-identity.ts";
import { removeFile } from "./ring-file.ts";

const NAME = /^(.*)\.claim\.(\d{1,9})$/s;

/** `claim`: the path that ends it. `why`: somebody else has it, or may have it. Neither: no claims can be made here. */
export interface Claiming {
  readonly claim?: string;
  readonly why?: { readonly reason: string; readonly isInUse: boolean };
}

/**
 * Claims what is called `stem` in `folder`. Whoever has it looks whether it is still there: it may have been finished by
 * somebody else a moment ago. Throws nothing.
 */
export function tryClaim(folder: string, stem: string): Claiming {
  while (true) {
    const last = Math.max(-1, ...claimsOf(folder, stem));
    if (last >= 0) {
      const holder = holderOf(claimPath(folder, stem, last));
      // Its process has let go since we looked.
      if (holder === GONE) continue;
      const life = holder === undefined ? "unknown" : lifeOf(holder);
      if (life === "alive") {
        return { why: { reason: `process ${holder?.pid} is recovering it`, isInUse: true } };
      }
      if (life === "unknown") {
        return { why: { reason: "somebody elsewhere may be recovering it", isInUse: false } };
      }
    }
    const path = claimPath(folder, stem, last + 1);
    try {
      symlinkSync(JSON.stringify(ownIdentity()), path);
      return { claim: path };
    } catch (error) {
      // Otherwise a file system without symbolic links, or a folder that may not be written to.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return {};
    }
  }
}

/** Ends a claim. `isDone`: nothing is left of what was claimed, so that the claims of the dead go too. */
export function releaseClaim(claim: string, isDone: boolean): void {
  const folder = dirname(claim);
  const stem = stemOfClaim(basename(claim)) ?? "";
  if (isDone) for (const number of claimsOf(folder, stem)) removeFile(claimPath(folder, stem, number));
  else removeFile(claim);
}

/** What a file claims; undefined: it is no claim. */
export function stemOfClaim(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}

/** Of something that is gone, its claimer too: one that was killed while it removed them. */
export function sweepClaim(path: string): void {
  const holder = holderOf(path);
  if (holder !== undefined && holder !== GONE && lifeOf(holder) === "dead") removeFile(path);
}

function claimPath(folder: string, stem: string, number: number): string {
  return join(folder, `${stem}.claim.${number}`);
}

function claimsOf(folder: string, stem: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const found = NAME.exec(name);
      return found?.[1] === stem ? [Number(found[2])] : [];
    });
  } catch {
    return [];
  }
}

const GONE = Symbol("the claim was removed");

/** Undefined: it cannot be told. */
function holderOf(path: string): ProcessIdentity | typeof GONE | undefined {
  try {
    return JSON.parse(readlinkSync(path)) as ProcessIdentity;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? GONE : undefined;
  }
}

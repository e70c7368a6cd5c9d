import { OutputError } from "spillway";

/** Why nothing came of it, for people and for scripts. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  /** Records written before an output failed; they are in no file, but where the output is a pipe or a device. */
  readonly written: number;
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder; name a file",
  EPIPE: "nobody reads it any more",
};

export function describeFailure(error: unknown, path: string): Failure {
  if (error instanceof OutputError) {
    const { written } = error;
    const why = causeOf(error.cause);
    const much = written === 0 ? "" : ` after ${written.toLocaleString("en")} records`;
    const message = `${error.path} cannot be written: ${why}${much}; it is as it was, and no ring file was removed`;
    return { code: codeOf(error.cause) ?? error.code, message, path: error.path, written };
  }
  const at = (error as NodeJS.ErrnoException | null)?.path ?? path;
  return { code: codeOf(error) ?? "ERR_SPILLWAY", message: `${at}: ${causeOf(error)}`, path: at, written: 0 };
}

function causeOf(error: unknown): string {
  return CAUSES[codeOf(error) ?? ""] ?? (error instanceof Error ? error.message : String(error));
}

function codeOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

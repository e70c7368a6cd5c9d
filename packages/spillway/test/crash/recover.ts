/** Has what a program left delivered, by the next start or by hand, in a process of its own. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Launch, runProgram } from "@spillway/testkit";

const PROGRAM = fileURLToPath(new URL("programs/recovers.mjs", import.meta.url));

export type RecoveredBy = "start" | "recoverAll";

/** Answers what it said on stderr. */
export async function recover(
  by: RecoveredBy,
  log: string,
  { options, spillway, ...launch }: Launch & { readonly options?: object; readonly spillway?: string } = {},
): Promise<string> {
  const input = { by, path: log, sinks: { file: { type: "file", path: log } }, options, spillway };
  const { code, stdout, stderr } = await runProgram(PROGRAM, { ...launch, input });
  if (code !== 0 || !stdout.startsWith("result ")) throw new Error(`code ${code}: ${stdout}${stderr}`);
  return stderr;
}

/** What lies beside a log for the next start. */
export function leftOf(log: string): string[] {
  const folder = join(dirname(log), ".spillway");
  return existsSync(folder) ? readdirSync(folder) : [];
}

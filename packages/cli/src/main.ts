/** What the file behind the `spillway` command does. */
import { runCommand } from "./command.ts";

// A reader that has seen enough, `spillway recover ... | head`, is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
// No signal has a handler: a recovery may be killed at any moment, so Ctrl-C does just that, at once.
process.exitCode = runCommand(process.argv.slice(2));

/** What the command's end says to scripts; docs/how-to/recover-after-a-crash.md promises them. */

/** Also when there was nothing to do. */
export const OK = 0;
/** It could not be done: no such path, no permission, an output that cannot be written. */
export const FAILED = 1;
export const BAD_USAGE = 2;
/** Done, and damage was found: files, or records in whose place a line says so. */
export const DAMAGED = 3;
/** Something is left over that another attempt, or somebody who looks at it, can still deliver. */
export const LEFT_OVER = 4;

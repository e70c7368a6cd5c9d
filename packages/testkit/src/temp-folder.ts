import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one test's own. `using` removes it at the end, whatever the test did. */
export class TempFolder {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), "spillway-test-"));
    // Programs that run as another user have to get in.
    chmodSync(this.path, 0o755);
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** The bytes of a file; none when it is not there. */
  read(...names: string[]): Buffer {
    const path = this.file(...names);
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

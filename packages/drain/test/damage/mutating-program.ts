/** `mutating-program.cjs FROM TO`, bundled: prints what came of reading these mutations, as JSON. */
import { readMutations } from "./mutations.ts";

process.stdout.write(JSON.stringify(readMutations(Number(process.argv[2]), Number(process.argv[3]))));

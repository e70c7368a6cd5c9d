// Makes a first logger, then one with the same sinks for each set of options given, and says what trouble it was told.
import { createLogger } from "spillway";

const { sinks, first, others } = JSON.parse(process.argv[2]);
const told = [];
const onTrouble = (message) => told.push(message);
const log = createLogger({ sinks, ...first, onTrouble });
for (const options of others) createLogger({ sinks, ...options, onTrouble });
await log.shutdown();
console.log(`result ${JSON.stringify(told)}`);

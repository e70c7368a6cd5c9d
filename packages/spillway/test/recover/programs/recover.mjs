import { recoverAll, recoverFrom } from "spillway";

const { path } = JSON.parse(process.argv[2]);
let read = 0;
for await (const { seq } of recoverFrom(path)) if (seq === read) read++;
const { recovered } = recoverAll(path);
console.log(JSON.stringify({ read, recovered }));

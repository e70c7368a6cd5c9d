const { recoverAll, recoverFrom } = require("spillway");

const { path } = JSON.parse(process.argv[2]);
(async () => {
  let read = 0;
  for await (const { seq } of recoverFrom(path)) if (seq === read) read++;
  const { recovered } = recoverAll(path);
  console.log(JSON.stringify({ read, recovered }));
})();

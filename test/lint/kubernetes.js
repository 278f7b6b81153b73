// Reads Jobs as a JSON array on stdin, and says what the schema of Kubernetes (npm's kubernetes-models) does not take.
// Argument: its node_modules. The validator passes over a key that it does not know, such as a misspelt one: what it has
// never read is such a key.
const fs = require("node:fs");
const path = require("node:path");

const { validate } = require(path.resolve(process.argv[2], "kubernetes-models/_schemas/IoK8sApiBatchV1Job.js"));

function watched(value, where, seen) {
  if (value === null || typeof value !== "object") return value;
  return new Proxy(value, {
    get(target, key) {
      const here = `${where}/${String(key)}`;
      seen.add(here);
      return watched(target[key], here, seen);
    },
  });
}

function keysOf(value, where) {
  if (value === null || typeof value !== "object") return [];
  return Object.keys(value).flatMap((key) => [`${where}/${key}`, ...keysOf(value[key], `${where}/${key}`)]);
}

for (const job of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const seen = new Set();
  const valid = job.apiVersion === "batch/v1" && job.kind === "Job" && validate(watched(job, "", seen));
  const unknown = keysOf(job, "").filter((key) => !seen.has(key));
  if (!valid || unknown.length > 0) {
    console.log(`not a Job: ${JSON.stringify(validate.errors)}; unknown keys: ${unknown.join(" ")}`);
    process.exitCode = 1;
  }
}

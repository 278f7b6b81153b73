const assert = require("node:assert");
const test = require("node:test");

test("health", async () => {
  const answer = await fetch(`http://127.0.0.1:${process.env.VLMSHIM_PORT}/health`);
  assert.strictEqual(answer.status, 200);
});

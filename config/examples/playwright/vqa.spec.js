const { expect, test } = require("@playwright/test");

test("health", async ({ request }) => {
  const answer = await request.get("/health");
  expect(answer.status()).toBe(200);
});

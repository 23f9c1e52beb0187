import assert from "node:assert/strict";
import { test } from "node:test";
import { clients } from "../../src/policy/clients.ts";
import { clientTitle, titleWithName } from "../../src/status/client-title.ts";

test("every client of the table has a title", () => {
  for (const { name } of clients) assert.ok(clientTitle(name).length > 0);
});

for (const [name, title] of [
  ["java-v2", "AWS SDK for Java 2 (java-v2)"],
  ["python-urllib3", "boto3 or another Python program (python-urllib3)"],
  ["curl", "curl"],
  ["clickhouse", "ClickHouse"],
  ["constructor", "constructor"],
] as const) {
  test(`writes ${title} in sentences about ${name}`, () => {
    assert.equal(titleWithName(name), title);
  });
}

/** The guards one by one: test/http/guards.test.ts and test/http/authorization.test.ts. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../support/environment.ts";
import { accessKeyIdIn, loadHour, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

const good = { Authorization: "fake-auth-token" };

const bad: readonly (readonly [why: string, headers: Record<string, string>])[] = [
  ["a browser's origin", { ...good, Origin: "http://evil.example" }],
  ["a browser's fetch", { ...good, "Sec-Fetch-Site": "cross-site" }],
  ["a proxy's mark", { ...good, "X-Forwarded-For": "10.0.0.1" }],
  ["another proxy's mark", { ...good, Via: "1.1 proxy" }],
  ["a rebound host", { ...good, Host: "evil.example" }],
  ["no token", {}],
  ["a wrong token", { Authorization: "fake-auth-tokeN" }],
];

test("No request with a browser's or proxy's mark, a wrong host or a wrong token gets credentials.", async (t) => {
  const tokenFile = join(temporaryDirectory(t), "token");
  writeFileSync(tokenFile, "fake-auth-token");
  await withWholeSidecar([`--auth-token-file=${tokenFile}`], async (sidecar) => {
    const credentials = await loadHour(sidecar);
    assert.equal(accessKeyIdIn(await readOnce(sidecar.served, good)), credentials.accessKeyId);
    for (const [why, headers] of bad) {
      const { status, text } = await readOnce(sidecar.served, headers);
      assert.ok(status >= 400 && status < 500, `${why}: ${status}`);
      assert.ok(!text.includes(credentials.accessKeyId), why);
    }
  });
});
